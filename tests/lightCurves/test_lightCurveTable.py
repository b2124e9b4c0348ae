# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""The table of light curves that DiaLightCurvesTask.run makes of forced catalogs."""

import json
import weakref

import lsst.afw.table as afwTable
import numpy as np
import pytest
from astropy.table import Table
from lsst.dia.repro import DiaLightCurvesTask
from lsst.dia.repro.lightCurves import LightCurveFile
from lsst.pipe.base import Struct

pq = pytest.importorskip("pyarrow.parquet")


def makeForced(ids, isNew=False, flux=10.0):
    """Return a forced catalog; one of the older kind has fewer columns."""
    schema = afwTable.SourceTable.makeMinimalSchema()
    schema.addField("diaObjectId", type="L", doc="id of the object")
    for name, dtype, units in (("base_C_x", "D", "pixel"), ("base_C_y", "D", "pixel"),
                               ("base_PsfFlux_flux", "D", "nJy"), ("base_PsfFlux_fluxErr", "D", "nJy"),
                               ("base_PsfFlux_flag", "Flag", ""), ("base_PixelFlags_flag_cr", "Flag", "")):
        schema.addField(name, type=dtype, units=units, doc=name + " is this")
    if isNew:
        schema.addField("reason", type="I", doc="why there is no flux")
        schema.addField("base_PsfFlux_limitFlux", type="D", units="nJy", doc="limit")
        schema.addField("control_errScale", type="F", doc="scale of errors")
        schema.addField("base_Other_flux", type="D", units="nJy", doc="not asked for")
    schema.getAliasMap().set("slot_Centroid", "base_C")
    catalog = afwTable.SourceCatalog(schema)
    catalog.resize(len(ids))
    catalog = catalog.copy(deep=True)
    catalog["id"] = np.arange(len(ids)) + 1000
    catalog["diaObjectId"] = np.array(ids, dtype=np.int64)
    catalog["coord_ra"], catalog["coord_dec"] = np.radians(359.5), np.radians(-89.5)
    catalog["base_C_x"], catalog["base_C_y"] = 5.0, np.arange(len(ids))
    catalog["base_PsfFlux_flux"], catalog["base_PsfFlux_fluxErr"] = flux, 1.0
    catalog["base_PixelFlags_flag_cr"] = np.arange(len(ids)) % 2 == 0
    if isNew:
        catalog["reason"], catalog["base_PsfFlux_limitFlux"], catalog["control_errScale"] = 3, 5.0, 1.25
    return catalog


def makeImage(catalog, visit, mjd, **kwargs):
    return Struct(catalog=catalog, dataId={"visit": visit, "raft": "2,2", "filter": "r"}, band="r",
                  ccdExposureId=visit << 9, mjd=mjd, **kwargs)


def collect(images, directory, **options):
    config = DiaLightCurvesTask.ConfigClass()
    for name, value in options.items():
        setattr(config, name, value)
    return DiaLightCurvesTask(config=config).run(images, str(directory))


@pytest.fixture
def collected(tmp_path):
    images = [makeImage(makeForced([1, 2, 7]), 11, 59000.5),
              makeImage(makeForced([7, 2, 3], True), 12, 59001.5)]
    return collect(images, tmp_path)


def testRowsAndValues(collected):
    table = pq.read_table(collected.lightCurves).to_pydict()
    assert table["diaObjectId"] == [1, 2, 2, 3, 7, 7]
    assert table["visit"] == [11, 11, 12, 12, 11, 12]
    assert table["midpointMjdTai"] == [59000.5, 59000.5, 59001.5, 59001.5, 59000.5, 59001.5]
    assert table["diaForcedSourceId"] == [1000, 1001, 1001, 1002, 1002, 1000]
    assert table["ccdExposureId"] == [visit << 9 for visit in table["visit"]]
    assert set(table["band"]) == {"r"} and set(table["raft"]) == {"2,2"}
    np.testing.assert_allclose(table["ra"], 359.5, rtol=1e-14)
    np.testing.assert_allclose(table["dec"], -89.5, rtol=1e-14)
    assert table["x"] == [5.0]*6 and table["y"] == [0.0, 1.0, 1.0, 2.0, 2.0, 0.0]
    assert table["pixelFlags_cr"] == [True, False, False, True, True, True]
    assert "base_Other_flux" not in table
    assert (collected.nRows, collected.nObjects) == (6, 4)


def testColumnsThatAnImageLacksAreNull(collected):
    table = pq.read_table(collected.lightCurves).to_pydict()
    assert table["reason"] == [None, None, 3, 3, None, 3]
    assert table["psfDiffFluxLimit"] == [None, None, 5.0, 5.0, None, 5.0]
    assert table["control_errScale"] == [None, None, 1.25, 1.25, None, 1.25]


def testUnitsAndDescriptions(collected):
    schema = pq.read_schema(collected.lightCurves)
    for name, unit in (("psfDiffFlux", "nJy"), ("ra", "deg"), ("midpointMjdTai", "d"), ("x", "pixel")):
        assert schema.field(name).metadata[b"unit"].decode() == unit
    assert all(field.metadata[b"description"] for field in schema)
    assert schema.field("reason").metadata[b"description"] == b"why there is no flux"
    assert json.loads(schema.metadata[b"PANDAS_ATTRS"])["units"]["psfDiffFluxErr"] == "nJy"
    table = LightCurveFile(collected.lightCurves).read(2)
    assert table["psfDiffFlux"].unit == "nJy" and table["reason"].mask.tolist() == [True, False]


def testAstropyReadsIt(collected):
    pytest.importorskip("pandas")
    table = Table.read(collected.lightCurves, format="parquet")
    assert table["psfDiffFlux"].unit == "nJy" and table["ra"].description.startswith("Right ascension")
    assert table["band"].tolist() == ["r"]*6


def testPandasReadsIt(collected):
    pandas = pytest.importorskip("pandas")
    frame = pandas.read_parquet(collected.lightCurves, filters=[("diaObjectId", "==", 7)])
    assert frame["visit"].tolist() == [11, 12]


def testRowGroupsAreRangesOfObjects(tmp_path):
    images = [makeImage(makeForced(range(1, 101), flux=visit), visit, 59000.0 + visit)
              for visit in range(1, 21)]
    result = collect(images, tmp_path, rowGroupRows=100)
    metadata = pq.read_metadata(result.lightCurves)
    assert metadata.num_rows == 2000 and metadata.num_row_groups >= 15
    statistics = [metadata.row_group(i).column(0).statistics for i in range(metadata.num_row_groups)]
    assert all(a.max < b.min for a, b in zip(statistics[:-1], statistics[1:]))
    table = LightCurveFile(result.lightCurves).read(55)
    assert table["visit"].tolist() == list(range(1, 21)) == table["psfDiffFlux"].tolist()
    assert len(LightCurveFile(result.lightCurves).read(101)) == 0
    assert LightCurveFile(result.summary).column("diaObjectId").tolist() == list(range(1, 101))


def testNoMoreThanOneCatalogIsHeld(tmp_path):
    held = []

    def images():
        for visit in range(4):
            assert [reference() for reference in held[:-1]] == [None]*len(held[:-1])
            catalog = makeForced([1, 2])
            held.append(weakref.ref(catalog))
            yield makeImage(catalog, visit, 59000.0 + visit)
            del catalog

    assert collect(images(), tmp_path).nRows == 8


def testEmptyCatalogs(tmp_path):
    result = collect([makeImage(makeForced([], True), 11, 59000.5)], tmp_path)
    table = pq.read_table(result.lightCurves)
    assert table.num_rows == 0 and {"psfDiffFlux", "visit", "reason", "raft"} <= set(table.schema.names)
    summary = pq.read_table(result.summary)
    assert summary.num_rows == 0 and "r_fpFluxMean" in summary.schema.names
    assert len(LightCurveFile(result.lightCurves).read(1)) == 0


def testCopiedColumns(tmp_path):
    result = collect([makeImage(makeForced([4], True), 11, 59000.5)], tmp_path,
                     copyColumns=["base_Other_*", "id", "nothing"])
    names = pq.read_schema(result.lightCurves).names
    assert "base_Other_flux" in names and "reason" not in names and "id" not in names


def testGivenFluxes(tmp_path):
    image = makeImage(makeForced([5, 4]), 11, 59000.5, fluxes=(np.array([1.0, 2.0]), np.array([3.0, 4.0])))
    table = pq.read_table(collect([image], tmp_path).lightCurves).to_pydict()
    assert table["psfDiffFlux"] == [2.0, 1.0] and table["psfDiffFluxErr"] == [4.0, 3.0]


def testDataIdKeysOfSomeImages(tmp_path):
    images = [makeImage(makeForced([1]), 11, 59000.5), makeImage(makeForced([1]), 12, 59001.5)]
    images[1].dataId["sensor"] = "1,1"
    table = pq.read_table(collect(images, tmp_path).lightCurves).to_pydict()
    assert table["sensor"] == ["", "1,1"]
