# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""How reference catalogs become measurement catalogs."""

import numpy as np
import pytest
from forced import SCHEMA, makeExposure, makeReferences, makeTask, measureAt

import lsst.afw.table as afwTable


def test_columnsAreCopiedAndIdsMade():
    exposure = makeExposure()
    references = makeReferences([70, 3], [0.1, 0.2], [-0.5, -0.6])
    task = makeTask()
    factory = afwTable.IdFactory.makeSource(5, 40)
    catalog = task.generateMeasCat(exposure, references, exposure.getWcs(), factory)
    assert list(catalog["diaObjectId"]) == [70, 3]
    assert list(catalog["coord_dec"]) == [-0.5, -0.6]
    assert list(catalog["id"]) == [(5 << 40) + 1, (5 << 40) + 2]
    assert list(catalog["parent"]) == [0, 0]
    assert list(task.generateMeasCat(exposure, references, exposure.getWcs())["id"]) == [1, 2]


def test_slotsAndAliases():
    schema = makeTask().schema
    assert schema["slot_PsfFlux_instFlux"].asKey() == schema["base_PsfFlux_instFlux"].asKey()
    alias = schema.getAliasMap().get("base_PsfFlux_flag_badCentroid")
    assert alias == "base_TransformedCentroidFromCoord_flag"


def test_unitsAndDocs():
    schema = makeTask().schema
    field = schema.find("base_PsfFlux_instFlux").field
    assert field.getUnits() == "count"
    assert field.getDoc() == "instFlux derived from linear least-squares fit of PSF model"


def test_orphansAreRefused():
    references = makeReferences([5, 6], [0.0, 0.0], [0.0, 0.0])
    references["parent"] = [0, 99]
    exposure = makeExposure()
    task = makeTask()
    catalog = task.generateMeasCat(exposure, references, exposure.getWcs())
    with pytest.raises(RuntimeError, match="parent chain"):
        task.run(catalog, exposure, references, exposure.getWcs())


def test_slotsMustBeMeasured():
    task = makeTask()
    task.config.slots.psfFlux = "base_GaussianFlux"
    with pytest.raises(ValueError, match="base_GaussianFlux"):
        task.config.validate()


def test_orderLimits():
    exposure = makeExposure()
    task = makeTask()
    catalog = measureAt(task, exposure, [60.0], [10.0])
    references = makeReferences([1], catalog["coord_ra"], catalog["coord_dec"])
    for name in ("base_PsfFlux_instFlux", "base_TransformedCentroidFromCoord_x"):
        catalog[name] = np.nan
    task.run(catalog, exposure, references, exposure.getWcs(), endOrder=2.0)
    assert np.isnan(catalog["base_PsfFlux_instFlux"][0])
    assert np.isfinite(catalog["base_TransformedCentroidFromCoord_x"][0])


def test_lazyFootprintsCanBeReplacedAndCopied():
    exposure = makeExposure()
    catalog = measureAt(makeTask(), exposure, [60.0, 80.0], [10.0, 20.0])
    copy = catalog.copy(deep=True)
    assert copy[1].getFootprint() == catalog[1].getFootprint()
    catalog[0].setFootprint(None)
    assert catalog[0].getFootprint() is None and copy[0].getFootprint() is not None


def test_transformedCentroid():
    schema = afwTable.SourceTable.makeMinimalSchema()
    afwTable.Point2DKey.addFields(schema, "truth", "position", "pixel")
    schema.addField("truth_flag", type="Flag", doc="bad")
    schema.getAliasMap().set("slot_Centroid", "truth")
    from lsst.meas.base import ForcedMeasurementTask

    config = ForcedMeasurementTask.ConfigClass()
    config.plugins.names = ["base_TransformedCentroid"]
    config.slots.shape = None
    config.copyColumns = {"id": "objectId"}
    config.doReplaceWithNoise = False
    task = ForcedMeasurementTask(schema, config=config)
    references = afwTable.SourceCatalog(schema)
    references.resize(2)
    references["truth_x"], references["truth_y"] = [60.0, 70.5], [10.0, 20.25]
    references["truth_flag"] = np.array([False, True])
    exposure, refExposure = makeExposure(), makeExposure(x0=100, y0=50)
    catalog = task.generateMeasCat(exposure, references, refExposure.getWcs())
    task.run(catalog, exposure, references, refExposure.getWcs())
    assert catalog["slot_Centroid_x"] == pytest.approx([-10.0, 0.5], abs=1e-4)
    assert catalog["slot_Centroid_y"] == pytest.approx([-60.0, -49.75], abs=1e-4)
    assert list(catalog["slot_Centroid_flag"]) == [False, True]
    assert "truth_x" not in catalog.schema.getNames() and SCHEMA is not schema
