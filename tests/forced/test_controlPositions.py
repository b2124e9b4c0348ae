# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Control positions: where they lie, and whether they find errors that are wrong."""

import lsst.afw.geom as afwGeom
import lsst.afw.table as afwTable
import lsst.geom as geom
import numpy as np
import pytest
from forcedImages import (
    CALIBRATION,
    HEIGHT,
    NOISE,
    SCALE,
    SIGMA,
    WIDTH,
    X0,
    Y0,
    makeConfig,
    makeExposure,
    measure,
)
from lsst.dia.repro.forced.controlPositions import ControlPositionsTask, _keepApart

BRIGHT = [(X0 + 60.0, Y0 + 60.0, 90000.0), (X0 + 140.3, Y0 + 100.2, -70000.0), (X0 - 3.0, Y0 + 120.0, 1e6)]
POSITIONS = [source[:2] for source in BRIGHT]
OPTIONS = dict(doControl=True, control__nMin=20, control__nPositions=60)


def makeTask(**options):
    config = makeConfig(**{"control__" + name: value for name, value in options.items()})
    return ControlPositionsTask(schema=afwTable.SourceTable.makeMinimalSchema(), config=config.control.value)


def testPositionsAreCleanAndApart():
    exposure = makeExposure()
    exposure.mask.array[20:25, 100:120] |= exposure.mask.getPlaneBitMask("SAT")
    exposure.image.array[150, 80] = np.nan
    exposure.variance.array[151, 120] = np.inf
    objects = np.array(POSITIONS).T
    x, y = makeTask(minSeparation=2.4, nPositions=40).draw(exposure, *objects, seed=5)
    assert 20 < len(x) <= 40
    separation = 2.4/SCALE - 1e-9
    assert (np.hypot(np.subtract.outer(x, objects[0]), np.subtract.outer(y, objects[1])) >= separation).all()
    mutual = np.hypot(np.subtract.outer(x, x), np.subtract.outer(y, y))
    assert (mutual[~np.eye(len(x), dtype=bool)] >= separation).all()
    column, row = np.rint(x - X0).astype(int), np.rint(y - Y0).astype(int)
    isBad = (exposure.mask.array != 0) | ~np.isfinite(exposure.image.array + exposure.variance.array)
    for i, j in zip(row, column):
        assert 12 <= i < HEIGHT - 12 and 12 <= j < WIDTH - 12
        assert not isBad[i - 12:i + 13, j - 12:j + 13].any()


@pytest.mark.parametrize("width, height, hasRoom", [
    (200, 180, True), (200, 29, True), (29, 180, True), (200, 27, False), (27, 180, False), (200, 12, False),
    (12, 180, False), (27, 27, False), (1, 1, False)])
def testImageTooSmallForAPsf(width, height, hasRoom):
    """One dimension in which no whole PSF has room is enough for there to be no position."""
    whole = makeExposure()
    exposure = whole[geom.Box2I(geom.Point2I(X0, Y0), geom.Extent2I(width, height))]
    x, y = makeTask(minSeparation=0.0, nPositions=20).draw(exposure, np.zeros(0), np.zeros(0), seed=5)
    assert (len(x) > 0) == hasRoom and len(x) == len(y)
    # The PSF has 25 pixels.
    assert (x - 12 > X0 - 0.5).all() and (x + 12 < X0 + width - 0.5).all()
    assert (y - 12 > Y0 - 0.5).all() and (y + 12 < Y0 + height - 0.5).all()


def testPositionsAreInTheValidPolygon():
    exposure = makeExposure()
    corners = [(0, 0), (WIDTH/2, 0), (WIDTH/2, HEIGHT), (0, HEIGHT)]
    exposure.getInfo().setValidPolygon(afwGeom.Polygon([geom.Point2D(X0 + x, Y0 + y) for x, y in corners]))
    x, _ = makeTask(nPositions=40).draw(exposure, np.zeros(0), np.zeros(0), seed=5)
    assert len(x) > 10 and (x <= X0 + WIDTH/2).all()


def testSeed():
    exposure, task, big = makeExposure(), makeTask(), 2**40 + 3
    draws = [task.draw(exposure, np.zeros(0), np.zeros(0), seed)[0][:20] for seed in (3, 3, big, big)]
    np.testing.assert_array_equal(draws[0], draws[1])
    np.testing.assert_array_equal(draws[2], draws[3])
    assert not np.isin(draws[0], draws[2]).any()


@pytest.mark.parametrize("scale, offset", [(1.0, 0.0), (1.6, 0.0), (1.0, 0.7)])
def testErrorsAndOffsetsAreFound(scale, offset):
    """Noise that is larger than the variance plane says, and a background that is left."""
    scales, offsets, counts = [], [], []
    for seed in range(5):
        exposure = makeExposure(BRIGHT, seed=seed)
        exposure.variance.array[:] /= scale**2
        exposure.image.array[:] += offset
        forced = measure(exposure, POSITIONS[:2], exposureId=seed, control__minSeparation=2.0, **OPTIONS)
        assert len(set(forced["control_errScale"])) == 1
        scales.append(forced["control_errScale"][0])
        offsets.append(forced["control_zeroOffset"][0])
        counts.append(forced["control_n"][0])
    # For white noise the error of the flux is 2 sqrt(pi) sigma noise; a
    # constant c gives the flux c/sum(phi^2) = 4 pi sigma^2 c.
    error = 2*np.sqrt(np.pi)*SIGMA*NOISE
    total = sum(counts)
    assert min(counts) >= 20
    assert np.mean(scales) == pytest.approx(scale, abs=4*scale*0.86/np.sqrt(total))
    expected = CALIBRATION*4*np.pi*SIGMA**2*offset
    assert np.mean(offsets) == pytest.approx(expected, abs=4*CALIBRATION*error*1.25/np.sqrt(total))


def testNominalErrorsStay():
    exposure = makeExposure()
    positions = [(X0 + 60.0, Y0 + 60.0)]
    plain, withControl = measure(exposure, positions), measure(exposure, positions, exposureId=4, **OPTIONS)
    for name in plain.schema.getNames():
        np.testing.assert_array_equal(plain[name], withControl[name], err_msg=name)


def testTooFewPositions(caplog):
    exposure = makeExposure()
    exposure.mask.array[::20] |= exposure.mask.getPlaneBitMask("BAD")
    forced = measure(exposure, POSITIONS[:2], doControl=True)
    assert np.isnan(forced["control_errScale"]).all() and np.isnan(forced["control_zeroOffset"]).all()
    assert list(forced["control_n"]) == [0, 0]
    assert "control positions" in caplog.text
    assert np.isfinite(forced["base_PsfFlux_flux"]).all()


def testPositionsAreKeptInTurn():
    rng = np.random.default_rng(3)
    trials = rng.uniform(0, 100, (800, 2))
    objects = rng.uniform(0, 100, (10, 2))
    expected = []
    for trial in trials:
        others = np.array([*objects, *expected])
        if np.hypot(*(others - trial).T).min() >= 6.0:
            expected.append(trial)
    np.testing.assert_array_equal(_keepApart(trials, objects, 6.0), expected)
