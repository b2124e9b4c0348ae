# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Joint fits of neighbours against a general least-squares solver, and truth."""

import tracemalloc

import lsst.geom as geom
import numpy as np
import pytest
from forcedImages import CALIBRATION, SCALE, WIDTH, X0, Y0, makeExposure, makeHalfPsf, measure
from lsst.dia.repro.forced import jointFit
from lsst.dia.repro.forced.jointFit import cutGroup, findGroups
from lsst.dia.repro.forced.missingFluxReasons import Reason
from lsst.dia.repro.sky import toVectors
from lsst.dia.repro.units import ARCSEC

#: Three neighbours in a chain, two that are too far apart, one alone.
CHAIN = [(X0 + 60.0, Y0 + 60.0, 1500.0), (X0 + 64.3, Y0 + 61.5, -700.0), (X0 + 67.7, Y0 + 59.2, 400.0)]
APART = [(X0 + 120.0, Y0 + 60.0, 900.0), (X0 + 134.0, Y0 + 60.0, 800.0)]
ALONE = [(X0 + 100.0, Y0 + 130.0, 1000.0)]
SOURCES = CHAIN[:1] + APART[:1] + CHAIN[1:] + ALONE + APART[1:]
POSITIONS = [source[:2] for source in SOURCES]
OPTIONS = dict(doJointFit=True, jointFit__radius=10*SCALE)


def fitByHand(exposure, positions, good=None):
    """Fit PSFs at all positions to all pixels of the image by singular value decomposition."""
    height, width = exposure.image.array.shape
    design = np.zeros((height, width, len(positions)))
    for column, position in enumerate(positions):
        image = exposure.getPsf().computeImage(geom.Point2D(*position))
        box = geom.Box2I(image.getBBox())
        box.clip(exposure.getBBox())
        x, y = box.getMinX() - X0, box.getMinY() - Y0
        design[y:y + box.getHeight(), x:x + box.getWidth(), column] = image[box].array
    good = np.isfinite(exposure.image.array) if good is None else good
    inverse = np.linalg.pinv(design[good])
    flux = inverse @ exposure.image.array[good]
    return flux, np.sqrt(np.einsum("ij,j,ij->i", inverse, exposure.variance.array[good], inverse))


def testNeighboursAndOthers():
    exposure = makeExposure(SOURCES)
    exposure.variance.array[:] *= np.random.RandomState(7).uniform(0.5, 2, exposure.variance.array.shape)
    forced = measure(exposure, POSITIONS, **OPTIONS)
    assert list(forced["joint_nSources"]) == [3, 1, 3, 3, 1, 1]
    isJoint = np.array(forced["joint_nSources"]) > 1
    flux, error = fitByHand(exposure, [source[:2] for source in CHAIN])
    np.testing.assert_allclose(forced["joint_PsfFlux_instFlux"][isJoint], flux, rtol=1e-6)
    np.testing.assert_allclose(forced["joint_PsfFlux_instFluxErr"][isJoint], error, rtol=1e-6)
    truth = np.array([source[2] for source in CHAIN])
    assert (np.abs(flux - truth) < 5*error).all()
    # One by one they are far off.
    assert (np.abs(forced["base_PsfFlux_instFlux"][isJoint] - truth) > 7*error).any()
    for kind in ("instFlux", "instFluxErr"):
        np.testing.assert_array_equal(forced["joint_PsfFlux_" + kind][~isJoint],
                                      forced["base_PsfFlux_" + kind][~isJoint])
    assert not forced["joint_PsfFlux_flag"].any()
    np.testing.assert_allclose(forced["joint_PsfFlux_flux"], CALIBRATION*forced["joint_PsfFlux_instFlux"])


def testAGroupOfOneIsBasePsfFlux():
    """The fit itself gives an isolated source the flux of base_PsfFlux."""
    from lsst.dia.repro.forced.jointFit import fitGroup
    from lsst.dia.repro.forced.psfStamps import PsfStamps

    exposure = makeExposure(SOURCES)
    forced = measure(exposure, POSITIONS[4:5])
    centroid = forced[0].getCentroid()
    flux, error, _ = fitGroup([PsfStamps(exposure).at(centroid.getX(), centroid.getY())])
    assert flux[0] == pytest.approx(forced["base_PsfFlux_instFlux"][0], rel=1e-12)
    assert error[0] == pytest.approx(forced["base_PsfFlux_instFluxErr"][0], rel=1e-7)


def testErrorsAreThoseOfRepeatedTrials():
    pulls = []
    for seed in range(25):
        forced = measure(makeExposure(CHAIN, seed=seed), [source[:2] for source in CHAIN],
                         measurement__plugins__names=["base_PsfFlux", "base_TransformedCentroidFromCoord"],
                         doCalibrate=False, **OPTIONS)
        truth = [source[2] for source in CHAIN]
        pulls.append((forced["joint_PsfFlux_instFlux"] - truth)/forced["joint_PsfFlux_instFluxErr"])
    pulls = np.ravel(pulls)
    assert abs(pulls.mean()) < 4/np.sqrt(len(pulls)) and abs(pulls.std() - 1) < 4/np.sqrt(2*len(pulls))


def testNeighbourBesideTheImage():
    inside, outside = (X0 + 3.0, Y0 + 50.0), (X0 - 3.0, Y0 + 51.0)
    exposure = makeExposure([(*inside, 800.0), (*outside, 9000.0)])
    forced = measure(exposure, [inside, outside], **OPTIONS)
    flux, error = fitByHand(exposure, [inside, outside])
    assert list(forced["diaObjectId"]) == [101] and forced["joint_nSources"][0] == 2
    assert forced["joint_PsfFlux_instFlux"][0] == pytest.approx(flux[0], rel=1e-6)
    assert abs(flux[0] - 800.0) < 5*error[0] < abs(forced["base_PsfFlux_instFlux"][0] - 800.0)
    # A part of the PSF is off the image, as for base_PsfFlux.
    assert forced["joint_PsfFlux_flag"][0] and forced["base_PsfFlux_flag"][0]
    withRow = measure(exposure, [inside, outside], edgeMargin=5.0, **OPTIONS)
    assert list(withRow["reason"]) == [Reason.MEASURED, Reason.OFF_IMAGE]
    assert withRow["joint_PsfFlux_instFlux"][0] == forced["joint_PsfFlux_instFlux"][0]
    assert np.isnan(withRow["joint_PsfFlux_instFlux"][1]) and withRow["joint_PsfFlux_flag"][1]


def testNanPixels():
    exposure = makeExposure(CHAIN)
    exposure.image.array[57:60, 64] = np.nan
    positions = [source[:2] for source in CHAIN]
    forced = measure(exposure, positions, **OPTIONS)
    assert np.isnan(forced["joint_PsfFlux_instFlux"]).all() and forced["joint_PsfFlux_flag"].all()
    forced = measure(exposure, positions, nanPolicy="leaveOut", **OPTIONS)
    flux, error = fitByHand(exposure, positions)
    np.testing.assert_allclose(forced["joint_PsfFlux_instFlux"], flux, rtol=1e-6)
    np.testing.assert_allclose(forced["joint_PsfFlux_instFluxErr"], error, rtol=1e-6)


def testNanPixelsOfANeighbour():
    """Who has them fails as in base_PsfFlux; who has none does not."""
    chain = [(X0 + 60.0 + 9.0*i, Y0 + 60.0, 500.0 + 10.0*i) for i in range(7)]
    exposure = makeExposure(chain)
    exposure.image.array[60, 64] = np.nan
    positions = [source[:2] for source in chain]
    forced = measure(exposure, positions, **OPTIONS)
    isLost = np.isnan(forced["base_PsfFlux_instFlux"])
    assert 0 < isLost.sum() < len(chain)
    np.testing.assert_array_equal(np.isnan(forced["joint_PsfFlux_instFlux"]), isLost)
    np.testing.assert_array_equal(forced["joint_PsfFlux_flag"], isLost)
    flux, error = fitByHand(exposure, positions)
    for kind, values in (("instFlux", flux), ("instFluxErr", error)):
        np.testing.assert_allclose(forced["joint_PsfFlux_" + kind][~isLost], values[~isLost], rtol=1e-6)


def testSamePositionTwice():
    """Two that cannot be told apart have no flux; their neighbours have what they have beside one of them."""
    exposure = makeExposure(CHAIN)
    positions = [source[:2] for source in CHAIN]
    forced = measure(exposure, [positions[0], *positions, ALONE[0][:2]], **OPTIONS)
    assert list(forced["joint_PsfFlux_flag"]) == [True, True, False, False, False]
    assert list(forced["joint_PsfFlux_flag_inseparable"]) == [True, True, False, False, False]
    assert np.isnan(forced["joint_PsfFlux_instFlux"][:2]).all()
    flux, error = fitByHand(exposure, positions)
    for kind, values in (("instFlux", flux), ("instFluxErr", error)):
        np.testing.assert_allclose(forced["joint_PsfFlux_" + kind][2:4], values[1:], rtol=1e-6)
    assert list(forced["reason"]) == [Reason.MEASURED]*5


@pytest.mark.parametrize("minFraction", [0.2, 0.4])
def testTooLittleOfThePsf(minFraction):
    """Who has too little of it has no joint flux, and its light counts for its neighbour all the same."""
    lost, neighbour = (X0 + 60.0, Y0 + 60.0), (X0 + 64.0, Y0 + 60.0)
    exposure = makeExposure([(*lost, 40000.0), (*neighbour, 900.0)])
    exposure.image.array[57:64, 57:61] = np.nan
    forced = measure(exposure, [lost, neighbour], nanPolicy="leaveOut", minPsfFraction=minFraction, **OPTIONS)
    fraction = forced["psfUsedFraction"]
    assert 0.2 < fraction[0] < 0.4 and fraction[1] > 0.8
    isLost = minFraction > fraction[0]
    assert forced["reason"][0] == (Reason.TOO_FEW_GOOD_PIXELS if isLost else Reason.MEASURED)
    assert list(forced["joint_PsfFlux_flag"]) == [isLost, False] and list(forced["joint_nSources"]) == [2, 2]
    for kind in ("instFlux", "instFluxErr", "flux", "fluxErr"):
        assert list(np.isnan(forced["joint_PsfFlux_" + kind])) == [isLost, False]
    flux, error = fitByHand(exposure, [lost, neighbour])
    assert forced["joint_PsfFlux_instFlux"][1] == pytest.approx(flux[1], rel=1e-6)
    assert abs(flux[1] - 900.0) < 5*error[1] < abs(forced["base_PsfFlux_instFlux"][1] - 900.0)


def makeCrowd(rng, shape, step):
    """Return positions of a crowd on a grid, about a step apart, arcsec from the middle, as unit vectors."""
    y, x = (np.indices(shape).reshape(2, -1) + rng.uniform(-0.2, 0.2, (2, np.prod(shape))))*step*ARCSEC
    return x, y, toVectors(x, y)


@pytest.mark.parametrize("shape, maxSources", [((1, 50), 7), ((20, 20), 30), ((3, 3), 2), ((5, 40), 199)])
def testLargeGroupsAreCut(shape, maxSources):
    x, y, vectors = makeCrowd(np.random.default_rng(1), shape, 1.0)
    radius = 1.5*ARCSEC
    parts, isCut = cutGroup(vectors, radius, maxSources)
    assert sorted(np.concatenate(parts)) == list(range(len(x)))
    sizes = [len(part) for part in parts]
    assert max(sizes) <= maxSources and np.mean(sizes) >= maxSources/4
    assert all((np.diff(part) > 0).all() for part in parts)
    number = np.empty(len(x), dtype=int)
    for i, part in enumerate(parts):
        number[part] = i
    distance = np.linalg.norm(vectors[:, np.newaxis] - vectors, axis=-1)
    isParted = (distance <= radius) & (number[:, np.newaxis] != number)
    np.testing.assert_array_equal(isCut, isParted.any(axis=1))
    assert isCut.any()
    # Nothing is random.
    again, _ = cutGroup(vectors, radius, maxSources)
    assert [part.tolist() for part in again] == [part.tolist() for part in parts]


def testSmallGroupsAreNotCut():
    _, _, vectors = makeCrowd(np.random.default_rng(1), (4, 5), 1.0)
    (part,), isCut = cutGroup(vectors, 2*ARCSEC, 20)
    assert part.tolist() == list(range(20)) and not isCut.any()


def testCutAtTheWidestGap():
    x = np.array([0, 1, 2, 3, 4.5, 5.5, 6.5, 7.5])*ARCSEC
    parts, isCut = cutGroup(toVectors(x, np.zeros(8)), 1.6*ARCSEC, 5)
    assert sorted(part.tolist() for part in parts) == [[0, 1, 2, 3], [4, 5, 6, 7]]
    assert np.flatnonzero(isCut).tolist() == [3, 4]
    # All at one position.
    parts, isCut = cutGroup(toVectors(np.zeros(9), np.zeros(9)), ARCSEC, 4)
    assert max(map(len, parts)) <= 4 and sum(map(len, parts)) == 9
    assert isCut.all()


def testFluxesOfAGroupThatIsCut():
    """Each part has the fluxes of a fit of its own, and those at the cut are flagged."""
    chain = [(X0 + 30.0 + 5.0*i + 2.0*(i > 4), Y0 + 60.0, 500.0 + 10.0*i) for i in range(10)]
    exposure = makeExposure(chain)
    positions = [source[:2] for source in chain]
    forced = measure(exposure, positions, jointFit__maxSources=6, **OPTIONS)
    assert list(forced["joint_nSources"]) == [5]*10
    # Within 10 pixels of each other across a gap of 7.
    assert np.flatnonzero(forced["joint_PsfFlux_flag_groupCut"]).tolist() == [4, 5]
    assert not forced["joint_PsfFlux_flag"].any()
    flux = np.concatenate([fitByHand(exposure, positions[:5])[0], fitByHand(exposure, positions[5:])[0]])
    np.testing.assert_allclose(forced["joint_PsfFlux_instFlux"], flux, rtol=1e-6)
    whole = measure(exposure, positions, **OPTIONS)
    assert not whole["joint_PsfFlux_flag_groupCut"].any() and set(whole["joint_nSources"]) == {10}


def testMemoryOfACrowd():
    """It is that of the largest part, and not of the group."""
    rng = np.random.default_rng(2)
    x, y = np.meshgrid(np.arange(15.0, 185.0, 4.0), np.arange(15.0, 165.0, 4.0))
    positions = np.stack([X0 + x.ravel(), Y0 + y.ravel()], axis=1) + rng.uniform(-0.5, 0.5, (x.size, 2))
    exposure = makeExposure()
    peaks = []
    for maxSources in (20, 2000):
        tracemalloc.start()
        forced = measure(exposure, positions, doJointFit=True, jointFit__radius=1.2,
                         jointFit__maxSources=maxSources)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        assert max(forced["joint_nSources"]) == min(maxSources, len(positions)) or maxSources == 20
        assert max(forced["joint_nSources"]) <= maxSources
    # A stamp has 625 pixels of three arrays of float64.
    assert peaks[1] - peaks[0] > len(positions)*625*24


def testGroupsOfACrowdWithTooManyPairs(monkeypatch):
    """No pairs are listed then, and no neighbours are parted."""
    x, y, _ = makeCrowd(np.random.default_rng(3), (12, 12), 1.0)
    x, y = np.append(x, 0.1), np.append(y, 0.1)
    expected = [set(group.tolist()) for group in findGroups(x, y, 1.2*ARCSEC)]
    monkeypatch.setattr(jointFit, "MAX_PAIRS", 10)
    monkeypatch.setattr(jointFit, "findFriends", None)
    groups = [set(group.tolist()) for group in findGroups(x, y, 1.2*ARCSEC)]
    assert all(any(one <= group for group in groups) for one in expected)
    assert not any(len(x) - 1 in group for group in groups)


def testNeighbourWithoutPsf():
    """Where the PSF fails there is no neighbour that could be fitted."""
    exposure = makeExposure()
    exposure.setPsf(makeHalfPsf(exposure))
    left, right = (X0 + WIDTH//2 - 3.0, Y0 + 50.0), (X0 + WIDTH//2 + 3.0, Y0 + 50.0)
    forced = measure(exposure, [left, right], **OPTIONS)
    assert list(forced["reason"]) == [Reason.MEASURED, Reason.PSF_FAILED]
    assert forced["joint_PsfFlux_instFlux"][0] == forced["base_PsfFlux_instFlux"][0]
    assert np.isnan(forced["joint_PsfFlux_instFlux"][1]) and forced["joint_PsfFlux_flag"][1]


@pytest.mark.parametrize("ra0, dec0", [(0.0, 0.0), (10.0, 89.999), (359.9999, -45.0)])
def testGroupsAnywhereOnTheSky(ra0, dec0):
    random = np.random.RandomState(3)
    center = geom.SpherePoint(ra0, dec0, geom.degrees)
    points = [center.offset(angle*geom.radians, distance*geom.arcseconds)
              for angle, distance in zip(random.uniform(0, 2*np.pi, 60), random.uniform(0, 20, 60))]
    ra, dec = (np.array([f(point).asRadians() for point in points])
               for f in (geom.SpherePoint.getRa, geom.SpherePoint.getDec))
    groups = {frozenset(group.tolist()) for group in findGroups(ra, dec, np.radians(1.5/3600))}
    owner = list(range(60))
    for i in range(60):
        for j in range(i):
            if points[i].separation(points[j]).asArcseconds() <= 1.5:
                owner = [owner[i] if other == owner[j] else other for other in owner]
    expected = {frozenset(i for i in range(60) if owner[i] == one) for one in set(owner)}
    assert groups == {group for group in expected if len(group) > 1} and len(groups) > 3
