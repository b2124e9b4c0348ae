# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Plugins that users write, one record at a time, and how they fail."""

import numpy as np
import pytest
from forced import makeExposure, makeTask, measureAt
from lsst.pex.config import Field

from lsst.meas.base import (
    BasePlugin,
    FatalAlgorithmError,
    FlagDefinitionList,
    FlagHandler,
    ForcedPlugin,
    ForcedPluginConfig,
    ForcedTransformedCentroidFromCoordPlugin,
    MeasurementError,
    PsfFluxAlgorithm,
    register,
)
from lsst.pex.exceptions import LengthError


class CentralPixelConfig(ForcedPluginConfig):
    factor = Field(dtype=float, default=1.0, doc="a factor")


@register("test_CentralPixel")
class CentralPixelPlugin(ForcedPlugin):
    """Value of the central pixel, from the flux that a built-in plugin measured before it."""

    ConfigClass = CentralPixelConfig
    flags = FlagDefinitionList()
    FAILURE = flags.addFailureFlag()
    NEGATIVE = flags.add("flag_negative", "the pixel is negative")
    order = []

    @classmethod
    def getExecutionOrder(cls):
        return BasePlugin.FLUX_ORDER + 0.1

    def __init__(self, config, name, schemaMapper, metadata, logName=None):
        super().__init__(config, name, schemaMapper, metadata, logName=logName)
        schema = schemaMapper.editOutputSchema()
        self.valueKey = schema.addField(name + "_value", type="D", doc="pixel", units="count")
        self.handler = FlagHandler.addFields(schema, name, self.flags)

    def measure(self, measRecord, exposure, refRecord, refWcs):
        assert measRecord["diaObjectId"] == refRecord.getId()
        assert np.isfinite(measRecord["base_PsfFlux_instFlux"])
        self.order.append(refRecord.getId())
        x, y = (int(round(c)) for c in measRecord.getCentroid())
        value = float(exposure.image.array[y - exposure.getY0(), x - exposure.getX0()])
        if value < 0:
            raise MeasurementError(self.NEGATIVE.doc, self.NEGATIVE.number)
        if value == 0:
            raise ValueError("nothing there")
        if value > 1e6:
            raise FatalAlgorithmError("too much")
        measRecord.set(self.valueKey, self.config.factor * value)

    def fail(self, measRecord, error=None):
        self.handler.handleFailure(measRecord, error.cpp if error is not None else None)


@register("test_ShiftedCentroid")
class ShiftedCentroidPlugin(ForcedTransformedCentroidFromCoordPlugin):
    """A built-in plugin of which only `measure` is overridden: it must be called."""

    def measure(self, measRecord, exposure, refRecord, refWcs):
        super().measure(measRecord, exposure, refRecord, refWcs)
        measRecord.set(self.centroidKey.getX(), measRecord.get(self.centroidKey.getX()) + 1.0)


PLUGINS = ("base_TransformedCentroidFromCoord", "base_PsfFlux", "test_CentralPixel")


def makeImage(values):
    exposure = makeExposure()
    x = 60.0 + 10 * np.arange(len(values))
    exposure.image.array[30, (x - 30).astype(int)] = values
    return exposure, x, np.full(len(values), 10.0)


def test_failuresBecomeFlags():
    def edit(config):
        config.plugins["test_CentralPixel"].factor = 2.0

    CentralPixelPlugin.order.clear()
    catalog = measureAt(makeTask(PLUGINS, edit), *makeImage([5.0, -5.0, 0.0]))
    assert CentralPixelPlugin.order == [1, 2, 3]
    assert list(catalog["test_CentralPixel_flag"]) == [False, True, True]
    assert list(catalog["test_CentralPixel_flag_negative"]) == [False, True, False]
    assert catalog["test_CentralPixel_value"][0] == 10.0
    assert np.isnan(catalog["test_CentralPixel_value"][1:]).all()


def test_fatalErrorsEndTheMeasurement():
    with pytest.raises(FatalAlgorithmError, match="too much"):
        measureAt(makeTask(PLUGINS), *makeImage([5.0, 2e6]))


def test_missingPackageEndsTheMeasurement(monkeypatch):
    def measureCatalog(self, *args):
        raise ModuleNotFoundError("No module named 'numba'")

    monkeypatch.setattr(PsfFluxAlgorithm, "measureCatalog", measureCatalog)
    with pytest.raises(ModuleNotFoundError, match="numba"):
        measureAt(makeTask(PLUGINS), *makeImage([5.0]))


def failWith(monkeypatch, error):
    def measureCatalog(self, *args):
        raise error

    monkeypatch.setattr(PsfFluxAlgorithm, "measureCatalog", measureCatalog)


@pytest.mark.parametrize("error", [LengthError("no PSF"), MeasurementError("no", 0)])
def test_errorOfTheStackFlagsAllSources(monkeypatch, error):
    failWith(monkeypatch, error)
    assert measureAt(makeTask(PLUGINS[:2]), *makeImage([5.0, 6.0]))["base_PsfFlux_flag"].all()


def test_faultOfTheProgramEndsTheMeasurement(monkeypatch):
    failWith(monkeypatch, EOFError("a fault"))
    message = "^base_PsfFlux failed on all 2 sources: EOFError: a fault$"
    with pytest.raises(FatalAlgorithmError, match=message):
        measureAt(makeTask(PLUGINS[:2]), *makeImage([5.0, 6.0]))


def test_imageWithoutCalibrationIsMeasured():
    exposure, *positions = makeImage([5.0, 6.0])
    exposure.setPhotoCalib(None)
    catalog = measureAt(makeTask((*PLUGINS[:2], "base_LocalPhotoCalib")), exposure, *positions)
    assert np.isnan(catalog["base_LocalPhotoCalib"]).all()
    assert np.isfinite(catalog["base_PsfFlux_instFlux"]).all()


def test_failuresAreLogged(caplog):
    caplog.set_level("DEBUG")
    measureAt(makeTask(PLUGINS), *makeImage([-5.0, 0.0]))
    messages = [record.getMessage() for record in caplog.records]
    assert "MeasurementError in test_CentralPixel.measure on record 1: the pixel is negative" in messages
    assert "Exception in test_CentralPixel.measure on record 2: nothing there" in messages


def test_overriddenMeasureIsCalled():
    def edit(config):
        config.slots.centroid = "test_ShiftedCentroid"

    catalog = measureAt(makeTask(("test_ShiftedCentroid", "base_PsfFlux"), edit), *makeImage([1.0, 1.0]))
    assert catalog["test_ShiftedCentroid_x"] == pytest.approx([61.0, 71.0], abs=1e-6)


def test_builtInPluginsMeasureSingleRecords():
    task = makeTask()
    exposure, x, y = makeImage([100.0, 50.0])
    catalog = measureAt(task, exposure, x, y)
    single = catalog.copy(deep=True)
    for name in ("base_PsfFlux_instFlux", "base_LocalBackground_instFlux", "base_LocalPhotoCalib"):
        single[name] = np.nan
    for name in ("base_PsfFlux", "base_LocalBackground", "base_LocalPhotoCalib", "base_LocalWcs"):
        for record in single:
            task.plugins[name].measure(record, exposure, record, exposure.getWcs())
    for name in ("base_PsfFlux_instFlux", "base_LocalBackground_instFluxErr", "base_LocalPhotoCalib"):
        assert single[name] == pytest.approx(catalog[name], rel=1e-12)


def test_configsOfPluginsThatTheDefaultsLeaveOut():
    # As in a config that v23 stored.
    import lsst.meas.base.blendedness
    import lsst.meas.base.peakLikelihoodFlux
    import lsst.meas.base.scaledApertureFlux
    import lsst.meas.base.sdssCentroid

    plugins = lsst.meas.base.ForcedMeasurementConfig().plugins
    stored = {
        "base_Blendedness": {"doOld": True, "doFlux": True, "doShape": True, "nSigmaWeightMax": 3.0},
        "base_InputCount": {},
        "base_PeakLikelihoodFlux": {"warpingKernelName": "lanczos4"},
        "base_ScaledApertureFlux": {"scale": 3.14, "shiftKernel": "lanczos5"},
        "base_SdssCentroid": {"binmax": 16, "doFootprintCheck": True, "maxDistToPeak": -1.0, "peakMin": -1.0,
                              "wfac": 1.5},
    }
    for name, values in stored.items():
        assert plugins[name].toDict() == {"doMeasure": True, **values}
