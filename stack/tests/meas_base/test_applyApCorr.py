# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Aperture corrections: registered by plugins, applied to measured fluxes."""

import numpy as np
import pytest
from forced import makeExposure, makeReferences
from forced import measure as measureForced

import lsst.geom as geom
import lsst.meas.base as measBase
from lsst.afw.image import ApCorrMap
from lsst.afw.math import ChebyshevBoundedField
from lsst.afw.table import SourceTable
from lsst.pex.exceptions import DomainError

BOX = geom.Box2I(geom.Point2I(30, -20), geom.Extent2I(120, 100))


def makeField(constant, slope=0.0):
    """Make a field that changes along x by the slope (per half width)."""
    return ChebyshevBoundedField(BOX, np.array([[constant, slope]]))


def makeMap(**fields):
    apCorrMap = ApCorrMap()
    for name, field in fields.items():
        apCorrMap[name] = field
    return apCorrMap


def makeForcedTask(edit=None):
    """Make a forced task for PsfFlux, and the task that corrects its fluxes."""
    config = measBase.ForcedMeasurementTask.ConfigClass()
    config.plugins.names = ["base_TransformedCentroidFromCoord", "base_PsfFlux", "base_CircularApertureFlux"]
    config.plugins["base_CircularApertureFlux"].radii = [3.0]
    config.slots.centroid = "base_TransformedCentroidFromCoord"
    config.slots.shape = None
    config.doReplaceWithNoise = False
    config.copyColumns = {"id": "objectId", "coord_ra": "coord_ra", "coord_dec": "coord_dec"}
    task = measBase.ForcedMeasurementTask(SourceTable.makeMinimalSchema(), config=config)
    apCorrConfig = measBase.ApplyApCorrConfig()
    if edit is not None:
        edit(apCorrConfig)
    return task, measBase.ApplyApCorrTask(schema=task.schema, config=apCorrConfig)


def measure(task):
    exposure = makeExposure()
    x, y = np.array([45.0, 90.0, 130.0]), np.array([10.0, 40.0, 60.0])
    ra, dec = exposure.getWcs().pixelToSkyArray(x, y)
    return measureForced(task, exposure, makeReferences([1, 2, 3], ra, dec)), x


def test_correctsMeasuredFluxes():
    task, apCorr = makeForcedTask()
    assert "base_PsfFlux" in measBase.getApCorrNameSet()
    catalog, x = measure(task)
    flux, error = (np.array(catalog["base_PsfFlux_" + name]) for name in ("instFlux", "instFluxErr"))
    aperture = np.array(catalog["base_CircularApertureFlux_3_0_instFlux"])
    fields = {"base_PsfFlux_instFlux": makeField(1.2, 0.1), "base_PsfFlux_instFluxErr": makeField(0.03)}
    apCorr.run(catalog, makeMap(**fields))
    expected = 1.2 + 0.1 * (x - 89.5) / 60.0
    assert catalog["base_PsfFlux_apCorr"] == pytest.approx(expected, rel=1e-10)
    assert catalog["base_PsfFlux_instFlux"] == pytest.approx(flux * expected, rel=1e-10)
    assert catalog["base_PsfFlux_instFluxErr"] == pytest.approx(error * expected, rel=1e-10)
    assert (catalog["base_PsfFlux_apCorrErr"] == 0.0).all()
    assert not catalog["base_PsfFlux_flag"].any() and not catalog["base_PsfFlux_flag_apCorr"].any()
    np.testing.assert_array_equal(catalog["base_CircularApertureFlux_3_0_instFlux"], aperture)


def test_proxyTakesTheCorrectionOfAnother():
    def edit(config):
        config.proxies = {"base_CircularApertureFlux_3_0": "base_PsfFlux"}

    task, apCorr = makeForcedTask(edit)
    catalog, _ = measure(task)
    aperture = np.array(catalog["base_CircularApertureFlux_3_0_instFlux"])
    apCorr.run(
        catalog, makeMap(base_PsfFlux_instFlux=makeField(1.5), base_PsfFlux_instFluxErr=makeField(0.0))
    )
    assert catalog["base_CircularApertureFlux_3_0_instFlux"] == pytest.approx(1.5 * aperture, rel=1e-10)
    assert catalog["base_CircularApertureFlux_3_0_apCorr"].tolist() == [1.5] * 3  # an alias


@pytest.mark.parametrize("doFlag", [True, False])
def test_correctionsThatAreNotPositive(doFlag):
    def edit(config):
        config.doFlagApCorrFailures = doFlag

    task, apCorr = makeForcedTask(edit)
    catalog, _ = measure(task)
    flux = np.array(catalog["base_PsfFlux_instFlux"])
    fields = {"base_PsfFlux_instFlux": makeField(0.0, 1.0), "base_PsfFlux_instFluxErr": makeField(0.0)}
    apCorr.run(catalog, makeMap(**fields))
    assert catalog["base_PsfFlux_flag_apCorr"].tolist() == [True, False, False]
    assert catalog["base_PsfFlux_flag"].tolist() == [doFlag, False, False]
    assert catalog["base_PsfFlux_instFlux"][0] == flux[0]
    assert catalog["base_PsfFlux_apCorr"][0] < 0.0


def test_withoutCorrectionOnlyItsFlagIsSet(caplog):
    task, apCorr = makeForcedTask()
    catalog, _ = measure(task)
    flux = np.array(catalog["base_PsfFlux_instFlux"])
    apCorr.run(catalog, makeMap(base_PsfFlux_instFlux=makeField(2.0)))
    assert "could not find base_PsfFlux_instFluxErr in apCorrMap" in caplog.text
    assert catalog["base_PsfFlux_flag_apCorr"].all() and not catalog["base_PsfFlux_flag"].any()
    np.testing.assert_array_equal(catalog["base_PsfFlux_instFlux"], flux)


class Undefined:
    """A field that is not defined on the left; like one of a coadd it knows no array there."""

    def evaluate(self, x, y):
        if np.any(np.asarray(x) < 80):
            raise DomainError("not there")
        return 2.0 * np.ones_like(x) if np.ndim(x) else 2.0


def test_positionsWithoutCorrection():
    task, apCorr = makeForcedTask()
    catalog, _ = measure(task)
    flux = np.array(catalog["base_PsfFlux_instFlux"])
    apCorr.run(
        catalog, dict(base_PsfFlux_instFlux=Undefined(), base_PsfFlux_instFluxErr=makeField(0.0))
    )
    assert catalog["base_PsfFlux_flag_apCorr"].tolist() == [True, False, False]
    assert catalog["base_PsfFlux_flag"].tolist() == [True, False, False]
    assert np.isnan(catalog["base_PsfFlux_apCorr"]).tolist() == [True, False, False]
    np.testing.assert_array_equal(catalog["base_PsfFlux_instFlux"], flux * [1, 2, 2])


def test_errorOfTheCorrection(monkeypatch):
    monkeypatch.setattr("lsst.meas.base.applyApCorr.UseNaiveFluxErr", False)
    task, apCorr = makeForcedTask()
    catalog, _ = measure(task)
    catalog["base_PsfFlux_instFlux"], catalog["base_PsfFlux_instFluxErr"] = 100.0, 3.0
    apCorr.run(
        catalog, makeMap(base_PsfFlux_instFlux=makeField(2.0), base_PsfFlux_instFluxErr=makeField(0.08))
    )
    assert catalog["base_PsfFlux_instFluxErr"] == pytest.approx(200 * np.hypot(0.03, 0.04), rel=1e-10)


def test_ignoredFluxes(caplog):
    def edit(config):
        config.ignoreList = ["base_PsfFlux", "nothing"]

    task, apCorr = makeForcedTask(edit)
    assert "nothing" in caplog.text
    assert "base_PsfFlux" not in apCorr.apCorrInfoDict
    assert "base_PsfFlux_apCorr" not in task.schema


def test_emptyCatalog():
    task, apCorr = makeForcedTask()
    exposure = makeExposure()
    catalog = measureForced(task, exposure, makeReferences([], [], []))
    apCorr.run(
        catalog, makeMap(base_PsfFlux_instFlux=makeField(2.0), base_PsfFlux_instFluxErr=makeField(0.0))
    )
    assert len(catalog) == 0
