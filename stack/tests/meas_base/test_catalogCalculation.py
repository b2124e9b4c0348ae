# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Calculations with catalogs: the built-in ones, and those that users write."""

import numpy as np
import pytest
from simulated import makeDataset, makeTask

import lsst.meas.base as measBase
from lsst.afw.geom import Quadrupole


class RatioConfig(measBase.CatalogCalculationPluginConfig):
    """Config of the plugins below."""


class RatioPlugin(measBase.CatalogCalculationPlugin):
    """One value a record; some records fail in one way or another."""

    ConfigClass = RatioConfig

    @classmethod
    def getExecutionOrder(cls):
        return cls.DEFAULT_CATALOGCALCULATION + 1

    def __init__(self, config, name, schema, metadata):
        super().__init__(config, name, schema, metadata)
        self.key = schema.addField(name + "_value", type="D", doc="")
        self.flag = schema.addField(name + "_flag", type="Flag", doc="")

    def calculate(self, record):
        if record.getId() == 2:
            raise measBase.MeasurementError("negative", 0)
        if record.getId() == 3:
            raise ValueError("nothing there")
        record.set(self.key, record.getPsfInstFlux() / record.getModelInstFlux())

    def fail(self, record, error=None):
        record.set(self.flag, True)


@measBase.register("test_Rank")
class RankPlugin(measBase.CatalogCalculationPlugin):
    """One value a record that needs the whole catalog."""

    ConfigClass = RatioConfig
    plugType = "multi"

    @classmethod
    def getExecutionOrder(cls):
        return cls.DEFAULT_CATALOGCALCULATION

    def __init__(self, config, name, schema, metadata):
        super().__init__(config, name, schema, metadata)
        self.key = schema.addField(name + "_value", type="I", doc="")

    def calculate(self, catalog):
        catalog[self.key] = np.argsort(np.argsort(catalog["base_PsfFlux_instFlux"])).astype(np.int32)


@measBase.register("test_TooEarly")
class TooEarlyPlugin(RankPlugin):
    """A plugin that would run before fluxes are known."""

    @classmethod
    def getExecutionOrder(cls):
        return cls.FLUX_ORDER


measBase.register("test_Ratio")(RatioPlugin)


def calculate(plugins, editCatalog=None, configure=None):
    """Measure four sources, the second of which is extended, and run catalog calculations on them."""

    def edit(config):
        config.slots.psfFlux, config.slots.modelFlux = "base_PsfFlux", "base_GaussianFlux"

    task = makeTask(["base_PsfFlux", "base_GaussianFlux"], edit=edit)
    config = measBase.CatalogCalculationTask.ConfigClass()
    config.plugins.names = plugins
    if configure is not None:
        configure(config)
    calculation = measBase.CatalogCalculationTask(schema=task.schema, config=config)
    shapes = [None, Quadrupole(9, 9, 0), None, None]
    exposure, catalog = makeDataset(flux=[1e5, 2e5, 3e5, 5e4], shapes=shapes).realize(1.0, task.schema)
    task.run(catalog, exposure)
    if editCatalog is not None:
        editCatalog(catalog)
    calculation.run(catalog)
    return catalog


def test_extendedness():
    def edit(catalog):
        catalog["base_PsfFlux_flag"] = np.array([False, False, True, False])
        catalog["base_GaussianFlux_instFlux"] = np.where(
            catalog["id"] == 4, np.nan, catalog["base_GaussianFlux_instFlux"]
        )

    catalog = calculate(["base_ClassificationExtendedness"], edit)
    assert catalog["base_ClassificationExtendedness_value"][:2].tolist() == [0.0, 1.0]
    assert np.isnan(catalog["base_ClassificationExtendedness_value"][2:]).all()
    assert catalog["base_ClassificationExtendedness_flag"].tolist() == [False, False, True, True]


def test_extendednessWithErrors():
    def edit(catalog):
        catalog["base_PsfFlux_instFlux"], catalog["base_GaussianFlux_instFlux"] = 100.0, 100.0
        catalog["base_PsfFlux_instFluxErr"] = [1.0, 10.0, np.nan, 10.0]
        catalog["base_GaussianFlux_instFluxErr"] = 5.0

    def configure(config):
        plugin = config.plugins["base_ClassificationExtendedness"]
        plugin.fluxRatio, plugin.modelErrFactor, plugin.psfErrFactor = 1.0, 1.0, 1.0

    catalog = calculate(["base_ClassificationExtendedness"], edit, configure)
    # 100 + 5 against 100 + the error of the PSF flux.
    np.testing.assert_array_equal(catalog["base_ClassificationExtendedness_value"], [1.0, 0.0, np.nan, 0.0])
    assert catalog["base_ClassificationExtendedness_flag"].tolist() == [False, False, True, False]


def test_footprintArea(caplog):
    catalog = calculate(["base_FootprintArea"], lambda catalog: catalog[3].setFootprint(None))
    areas = [record.getFootprint().getArea() for record in list(catalog)[:3]]
    assert catalog["base_FootprintArea_value"].tolist() == [*areas, 0]
    assert "base_FootprintArea" in caplog.text


def test_plugInsOfUsers(caplog):
    catalog = calculate(["test_Ratio", "test_Rank"])
    assert catalog["test_Rank_value"].tolist() == [2, 1, 3, 0]  # the PSF takes less of what is extended
    assert catalog["test_Ratio_flag"].tolist() == [False, True, False, False]
    expected = catalog["base_PsfFlux_instFlux"] / catalog["base_GaussianFlux_instFlux"]
    np.testing.assert_allclose(catalog["test_Ratio_value"][[0, 3]], expected[[0, 3]], rtol=1e-12)
    assert np.isnan(catalog["test_Ratio_value"][[1, 2]]).all()
    assert "Error in test_Ratio.calculate: nothing there" in caplog.text


def test_overriddenCalculateIsCalled():
    class Inverse(measBase.CatalogCalculationClassificationPlugin):
        def calculate(self, record):
            super().calculate(record)
            record.set(self.keyProbability, 1.0 - record.get(self.keyProbability))

    measBase.register("test_Inverse")(Inverse)
    catalog = calculate(["test_Inverse"])
    assert catalog["test_Inverse_value"].tolist() == [1.0, 0.0, 1.0, 1.0]


def test_pluginsMustNotRunTooEarly():
    with pytest.raises(ValueError, match="execution order"):
        calculate(["test_TooEarly"])


def test_fatalErrorsEndTheCalculation():
    @measBase.register("test_Fatal")
    class Fatal(RankPlugin):
        def calculate(self, catalog):
            raise measBase.FatalAlgorithmError("no more")

    with pytest.raises(measBase.FatalAlgorithmError):
        calculate(["test_Fatal"])
