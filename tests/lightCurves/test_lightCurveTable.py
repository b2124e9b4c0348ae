# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""The tables that LightCurveAssemblyTask makes of forced catalogs, without any butler."""

import json
import weakref

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from astropy.table import Table
from forcedCatalogs import assemble, collect, makeExposure, makeForced
from lsst.afw.image import PhotoCalib
from lsst.dia.repro.lightCurves.lightCurveCollection import LightCurveCollection
from lsst.dia.repro.lightCurves.lightCurveFile import LightCurveFile
from lsst.pipe.base import TaskError
from memoryExposure import MemoryExposure


@pytest.fixture
def collected(tmp_path):
    images = [makeExposure(makeForced([1, 2, 7]), 11, 59000.5),
              makeExposure(makeForced([7, 2, 3], True), 12, 59001.5)]
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
    images = [makeExposure(makeForced(range(1, 101), flux=visit), visit, 59000.0 + visit)
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

    def read():
        assert [reference() for reference in held] == [None]*len(held)
        catalog = makeForced([1, 2])
        held.append(weakref.ref(catalog))
        return catalog

    exposures = [makeExposure(read, visit, 59000.0 + visit) for visit in range(4)]
    assert collect(exposures, tmp_path).nRows == 8 and len(held) == 4


def testEmptyCatalogs(tmp_path):
    result = collect([makeExposure(makeForced([], True), 11, 59000.5)], tmp_path)
    table = pq.read_table(result.lightCurves)
    assert table.num_rows == 0 and {"psfDiffFlux", "visit", "reason", "raft"} <= set(table.schema.names)
    summary = pq.read_table(result.summary)
    assert summary.num_rows == 0 and "r_fpFluxMean" in summary.schema.names
    assert len(LightCurveFile(result.lightCurves).read(1)) == 0


def testCopiedColumns(tmp_path):
    result = collect([makeExposure(makeForced([4], True), 11, 59000.5)], tmp_path,
                     copyColumns=["base_Other_*", "id"])
    names = pq.read_schema(result.lightCurves).names
    assert "base_Other_flux" in names and "reason" not in names and "id" not in names


def testGivenFluxes(tmp_path):
    with LightCurveCollection(str(tmp_path), "base_PsfFlux", "slot_Centroid", []) as collection:
        collection.add(makeForced([5, 4]), {"visit": 11}, "r", 1, 59000.5,
                       (np.array([1.0, 2.0]), np.array([3.0, 4.0])))
        ((values, _),) = collection.groups(10)
    assert values["psfDiffFlux"].tolist() == [2.0, 1.0] and values["psfDiffFluxErr"].tolist() == [4.0, 3.0]


def testDataIdKeysOfSomeImages(tmp_path):
    exposures = [makeExposure(makeForced([1]), 11, 59000.5),
                 makeExposure(makeForced([1]), 12, 59001.5, sensor="1,1")]
    table = pq.read_table(collect(exposures, tmp_path).lightCurves).to_pydict()
    assert table["sensor"] == ["", "1,1"]


def manyExposures():
    """Return exposures whose light curves make many groups."""
    rng = np.random.default_rng(2)
    catalogs = [makeForced(range(1, 101), visit % 2 == 0, rng.normal(0, 20, 100)) for visit in range(20)]
    return [makeExposure(catalog, visit, 59000.0 + visit) for visit, catalog in enumerate(catalogs)]


def testTablesAreThoseOfTheFiles(tmp_path):
    (tmp_path/"a").mkdir()
    (tmp_path/"b").mkdir()
    result = assemble(manyExposures(), tmp_path/"a", rowGroupRows=300)
    groups = list(result.groups)
    assert len(groups) > 4 and all(group.lightCurves.schema == result.schema for group in groups)
    written = collect(manyExposures(), tmp_path/"b", rowGroupRows=300)
    for name, schema, path in (("lightCurves", result.schema, written.lightCurves),
                               ("summary", result.summarySchema, written.summary)):
        table = pa.concat_tables([getattr(group, name) for group in groups])
        stored = pq.read_table(path)
        assert table.equals(stored) and schema.equals(stored.schema)
        # Units and descriptions, too.
        assert all(field.metadata == other.metadata for field, other in zip(schema, stored.schema))
        assert all(stored.schema.metadata[key] == text for key, text in schema.metadata.items())
    assert result.nRows == written.nRows == 2000 and written.nObjects == 100


def testGroupsAreMadeWhenAskedFor(tmp_path):
    result = assemble(manyExposures(), tmp_path, rowGroupRows=300)
    first = next(result.groups)
    ids = first.lightCurves["diaObjectId"].to_pylist()
    assert 0 < len(ids) < 1000 and first.summary["diaObjectId"].to_pylist() == sorted(set(ids))
    (tmp_path/"rows").write_bytes(b"")
    with pytest.raises(OSError, match="shorter"):
        next(result.groups)


def testCatalogsThatCannotBeUsed(tmp_path, caplog):
    def fail():
        raise OSError("it is torn")

    good = makeExposure(makeForced([1, 2]), 12, 59001.5)
    result = assemble([makeExposure(fail, 11, 59000.5), good], tmp_path)
    assert [dataId["visit"] for dataId in result.failed] == [11] and result.nRows == 2
    assert "'visit': 11" in caplog.text and "forcedDIASource in memory: it is torn" in caplog.text
    with pytest.raises(TaskError, match="None of the 2"):
        assemble([makeExposure(fail, 11, 59000.5)]*2, tmp_path)


def testUsualBadFlagsThatNoImageHasAreUnset(tmp_path, caplog):
    """One warning names them all, and only those of the defaults pass."""
    exposures = [makeExposure(makeForced([1, 2]), visit, 59000.5) for visit in (11, 12)]
    (group,) = assemble(exposures, tmp_path).groups
    assert group.summary["fpFluxNdata"].to_pylist() == [2, 2]
    warnings = [record.getMessage() for record in caplog.records if "badFlags" in record.getMessage()]
    assert len(warnings) == 1 and "pixelFlags_crCenter and no pixelFlags_interpolatedCenter" in warnings[0]
    assert "psfDiffFlux_flag" not in warnings[0]
    with pytest.raises(TaskError, match="badFlags has pixelFlags_crCentre, which"):
        assemble(exposures, tmp_path, badFlags=["psfDiffFlux_flag", "pixelFlags_crCentre"])
    # Without any image nobody knows.
    assemble([], tmp_path, badFlags=["pixelFlags_crCentre"])


def testBandAndCalibrationOfTheImage(tmp_path):
    catalog = makeForced([1, 2], unit="count")
    exposure = MemoryExposure(lambda: catalog, {"visit": 11, "filter": "r03"}, 5, 59000.5, band="r",
                              photoCalib=PhotoCalib(4.0))
    (group,) = assemble([exposure], tmp_path).groups
    assert group.lightCurves["band"].to_pylist() == ["r", "r"]
    assert group.lightCurves["filter"].to_pylist() == ["r03", "r03"]
    assert group.lightCurves["psfDiffFlux"].to_pylist() == [40.0, 40.0]
    assert group.lightCurves["psfDiffFluxErr"].to_pylist() == [4.0, 4.0]


@pytest.mark.parametrize("photoCalib, fault", [(None, "it has no PhotoCalib"),
                                               (PhotoCalib(0.0), "its PhotoCalib is 0 nJy a count"),
                                               (PhotoCalib(np.inf), "its PhotoCalib is inf nJy a count")])
def testImageThatCannotCalibrateIsNamed(photoCalib, fault, tmp_path, caplog):
    catalog = makeForced([1, 2], unit="count")
    images = [MemoryExposure(lambda: catalog, {"visit": 11}, 5, 59000.5, photoCalib=photoCalib),
              makeExposure(makeForced([1, 2]), 12, 59001.5)]
    assert assemble(images, tmp_path).failed == [{"visit": 11}]
    assert ("Cannot use forcedDIASource of dataId={'visit': 11}: deepDiff_differenceExp cannot calibrate it: "
            f"deepDiff_differenceExp in memory: {fault}") in caplog.text
