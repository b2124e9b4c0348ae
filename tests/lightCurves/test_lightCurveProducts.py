# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Exported light curves, and what is drawn of them."""

import io

import lsst.afw.image as afwImage
import lsst.geom as geom
import numpy as np
import pytest
from astropy.table import Table
from lsst.daf.persistence import Butler
from lsst.dia.repro.imageFiles.imageStamps import ImageStamps
from lsst.dia.repro.lightCurves.arrowTables import Column, makeSchema, makeTable
from lsst.dia.repro.lightCurves.diaLightCurves import Gen2DifferenceImages
from lsst.dia.repro.lightCurves.lightCurveExport import LightCurveExporter
from lsst.dia.repro.lightCurves.lightCurveFigure import chooseEpochs, drawLightCurve
from lsst.dia.repro.lightCurves.lightCurveFile import LightCurveFile, openParquet, writeRowGroup
from lsst.dia.repro.lightCurves.lightCurveProducts import LightCurveProductsTask
from lsst.dia.repro.lightCurves.usableMeasurements import usableRows
from lsst.pipe.base import Struct
from smallSurvey import DEC, RA, SCALE, makeSmallSurvey

COLUMNS = [
    Column("diaObjectId", "int64", "", "object"), Column("band", "str", "", "band"),
    Column("midpointMjdTai", "float64", "d", "time"), Column("ra", "float64", "deg", "ra"),
    Column("dec", "float64", "deg", "dec"), Column("psfDiffFlux", "float64", "nJy", "flux"),
    Column("psfDiffFluxErr", "float64", "nJy", "error"), Column("psfDiffFlux_flag", "bool", "", "flag"),
    Column("reason", "int32", "", "reason"),
]


def makeCurves(path, start=59000):
    """Write two row groups: objects 1 and 2 of six rows each, and object 5 of one."""
    rng = np.random.default_rng(3)
    schema = makeSchema(COLUMNS)
    with openParquet(str(path), schema) as writer:
        for ids in ([1]*6 + [2]*6, [5]):
            n = len(ids)
            flux = rng.normal(0, 1000, n)
            flux[0] = np.nan
            values = {"diaObjectId": np.array(ids), "band": np.array(list("grizyu"*2)[:n]),
                      "midpointMjdTai": start + np.arange(n) % 6*0.1, "ra": np.full(n, 10.25),
                      "dec": np.full(n, -20.5), "psfDiffFlux": flux, "psfDiffFluxErr": np.full(n, 100.0),
                      "psfDiffFlux_flag": np.arange(n) == 2, "reason": np.arange(n)}
            writeRowGroup(writer, makeTable(schema, values, {"reason": np.arange(n) == 1}))
    return LightCurveFile(str(path))


@pytest.fixture
def curves(tmp_path):
    return makeCurves(tmp_path/"curves.parq")


def export(curves, directory, format):
    return LightCurveExporter(curves, str(directory), format, ["psfDiffFlux_flag"])


@pytest.mark.parametrize("format", ["ecsv", "csv"])
def testAllAsText(format, curves, tmp_path):
    path = export(curves, tmp_path/"out", format).exportAll()
    table = Table.read(path, format="ascii." + format)
    assert table["diaObjectId"].tolist() == [1]*6 + [2]*6 + [5]
    assert [str(band) for band in table["band"][:6]] == list("grizyu")
    expected = np.concatenate([part["psfDiffFlux"] for part in curves.groups()])
    flux = np.ma.filled(np.ma.asarray(table["psfDiffFlux"], dtype=float), np.nan)
    np.testing.assert_array_equal(flux, expected)
    assert np.flatnonzero(np.ma.getmaskarray(table["reason"])).tolist() == [1]
    if format == "ecsv":
        assert table["psfDiffFlux"].unit == "nJy" and table["psfDiffFlux_flag"].dtype == bool
        assert table["reason"].description == "reason"


def testObjectsAsParquet(curves, tmp_path):
    pytest.importorskip("pandas")
    table = Table.read(export(curves, tmp_path/"out", "parquet").exportObject(5), format="parquet")
    assert table["diaObjectId"].tolist() == [5] and table["psfDiffFluxErr"].unit == "nJy"


def readLikeSncosmo(path):
    """Read a file as the ASCII reader of ``sncosmo.read_lc`` does: metadata, names, rows."""
    meta, rows = {}, []
    for line in open(path):
        if line.startswith("@"):
            key, value = line[1:].split()
            meta[key] = value
        else:
            rows.append(line.split())
    return meta, {name: values for name, *values in zip(*rows)}


def testSncosmo(curves, tmp_path):
    path = export(curves, tmp_path/"out", "sncosmo").exportObject(1)
    assert path.endswith("diaObject-1.sncosmo.txt")
    meta, data = readLikeSncosmo(path)
    assert meta == {"id": "1", "ra": "10.25", "dec": "-20.5"}
    # The first is NaN, the third flagged.
    assert data["band"] == ["lsstr", "lsstz", "lssty", "lsstu"]
    assert set(data["zp"]) == {"31.4"} and set(data["zpsys"]) == {"ab"}
    expected = curves.read(1)[[1, 3, 4, 5]]
    assert [float(flux) for flux in data["flux"]] == expected["psfDiffFlux"].tolist()
    assert [float(time) for time in data["time"]] == expected["midpointMjdTai"].tolist()
    # 1 nJy is 31.4 mag: AB magnitudes are -2.5 log10(f_nu) - 48.6 in cgs units.
    assert abs(-2.5*np.log10(1e-9*1e-23) - 48.6 - 31.4) < 1e-9


def testSncosmoGetsNothingWithoutATime(tmp_path):
    curves = makeCurves(tmp_path/"curves.parq", start=np.nan)
    meta, data = readLikeSncosmo(export(curves, tmp_path/"out", "sncosmo").exportObject(1))
    assert meta["id"] == "1" and data["flux"] == data["time"] == []


def testSncosmoItselfReadsIt(curves, tmp_path):
    sncosmo = pytest.importorskip("sncosmo")
    for band in "rzyu":
        # Its own would have to be fetched from the network.
        sncosmo.register(sncosmo.Bandpass([4000, 5000, 6000], [0, 1, 0], name="lsst" + band), force=True)
    path = export(curves, tmp_path/"out", "sncosmo").exportObject(1)
    data = sncosmo.photdata.photometric_data(sncosmo.read_lc(path))
    assert len(data) == 4 and data.band[0].name == "lsstr"


def testSncosmoOfAll(curves, tmp_path):
    export(curves, tmp_path/"out", "sncosmo").exportAll()
    assert sorted(path.name for path in (tmp_path/"out").iterdir()) == [
        f"diaObject-{each}.sncosmo.txt" for each in (1, 2, 5)]


@pytest.mark.parametrize("objects", [[], [1, 2, 5]])
def testWarnsOfSncosmoFilesWithoutRows(objects, tmp_path, caplog):
    """Those are named that have no usable measurement, up to ten of them, and counted."""
    wanted = Struct(objects=objects, format="sncosmo", nPlots=None, drawsObjects=False, figureFormat="png",
                    directory=str(tmp_path/"out"))
    task = LightCurveProductsTask()

    def warnings(badFlags):
        caplog.clear()
        curves = makeCurves(tmp_path/"curves.parq")
        assert task.run(curves, curves, None, wanted, 5.0, badFlags) == []
        return [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]

    # Object 5 has one row, whose flux is NaN.
    (warning,) = warnings(["psfDiffFlux_flag"])
    assert warning.startswith("1 light curves") and warning.endswith("DIAObjects 5")
    # An id is not zero anywhere.
    (warning,) = warnings(["diaObjectId"])
    assert warning.startswith("3 light curves") and warning.endswith("DIAObjects 1, 2, 5")
    task._warnOfEmpty(range(100, 200))
    assert caplog.records[-1].getMessage().endswith("100, 101, 102, 103, 104, 105, 106, 107, 108, 109, ...")


def testSncosmoGetsNothingWithoutABand(curves, tmp_path):
    table = curves.read(1)
    table["band"][1] = ""
    exporter = export(curves, tmp_path/"out", "sncosmo")
    _, data = readLikeSncosmo(exporter._writeObject(table))
    assert data["band"] == ["lsstz", "lssty", "lsstu"] and exporter.unusable == []


def testNoSuchObject(curves, tmp_path):
    with pytest.raises(LookupError, match="no DIAObject 3 in .*curves.parq"):
        export(curves, tmp_path/"out", "ecsv").exportObject(3)
    assert not list((tmp_path/"out").iterdir())


def testEpochs():
    mjd = np.arange(20.0)
    snr = np.zeros(20)
    snr[5:15] = 10.0
    snr[8] = -30.0
    usable = np.ones(20, dtype=bool)
    usable[15] = False
    chosen = chooseEpochs(mjd, snr, usable, 5, 6)
    assert len(chosen) == 6 and (np.diff(chosen) > 0).all()
    # The peak, and the measurements around the detections.
    assert {8, 4, 16} <= set(chosen)
    # The others are detections, well apart.
    assert np.isin(list(set(chosen) - {4, 8, 16}), np.arange(5, 15)).all() and np.diff(chosen).max() <= 4
    assert len(chooseEpochs(mjd, np.zeros(20), usable, 5, 4)) == 4
    assert chooseEpochs(mjd, snr, np.zeros(20, dtype=bool), 5, 4).tolist() == []
    assert chooseEpochs(mjd, snr, usable, 5, 0).tolist() == []
    assert chooseEpochs(np.full(20, np.nan), snr, usable, 5, 6).tolist() == []


class FakeButler:
    """Has one image; knows parts of it or not."""

    def __init__(self, hasParts):
        self.image = afwImage.ExposureF(geom.Box2I(geom.Point2I(100, 200), geom.Extent2I(50, 40)))
        self.image.image.array[:] = np.arange(2000).reshape(40, 50)
        self.hasParts = hasParts

    def get(self, dataset, dataId, bbox=None, immediate=False):
        if dataset == "image_bbox":
            return self.image.getBBox()
        if dataset == "image_sub":
            if not self.hasParts:
                raise AttributeError("map_image_sub")
            return self.image[bbox]
        return self.image


@pytest.mark.parametrize("hasParts", [True, False])
def testStamps(hasParts):
    images = Gen2DifferenceImages(FakeButler(hasParts), "image")
    whole = np.arange(2000).reshape(40, 50)
    np.testing.assert_array_equal(images.readStamp({}, 110.2, 209.8, 5), whole[8:13, 8:13])
    corner = images.readStamp({}, 100.0, 239.0, 5)
    np.testing.assert_array_equal(corner[:3, 2:], whole[37:, :3])
    assert np.isnan(corner[3:]).all() and np.isnan(corner[:, :2]).all()
    assert np.isnan(images.readStamp({}, 500.0, 239.0, 5)).all()


@pytest.mark.parametrize("isFile", [True, False])
def testCorners(isFile, tmp_path):
    path = str(makeSmallSurvey(tmp_path/"repo", 2, nObjects=1)[0])
    images, dataId = Gen2DifferenceImages(Butler(str(tmp_path/"repo")), "deepDiff_differenceExp"), {
        "visit": 1, "filter": "r", "raft": "2,2", "sensor": "1,1"}
    if isFile:
        images, dataId = ImageStamps(), {"visit": 1, "detector": 4}
        images.add(dataId, path)
    ra, dec = images.readCorners(dataId)
    # Pixel (50, 50) of 100 is in the middle but for half a pixel, and x runs west.
    east, north = (ra - RA)*np.cos(np.radians(dec)), dec - DEC
    np.testing.assert_allclose(east/SCALE, [50.5, -49.5, -49.5, 50.5], atol=0.01)
    np.testing.assert_allclose(north/SCALE, [-50.5, -50.5, 49.5, 49.5], atol=0.01)


def testNoCorners():
    class Images(Gen2DifferenceImages):
        def readWcs(self, dataId):
            return None

    with pytest.raises(LookupError, match="it has no WCS"):
        Images(FakeButler(True), "image").readCorners({})


@pytest.mark.parametrize("objectId", [1, 5])
def testDrawing(objectId, curves):
    table = curves.read(objectId)
    picture = io.BytesIO()
    stamps = [(0, np.full((5, 5), np.nan)), (len(table) - 1, np.random.default_rng(1).normal(size=(5, 5)))]
    drawLightCurve(table, picture, usableRows(table, []), 5.0, stamps)
    assert picture.getvalue().startswith(b"\x89PNG")
    bare = io.BytesIO()
    drawLightCurve(table, bare, np.zeros(len(table), dtype=bool), 5.0)
    assert bare.getvalue().startswith(b"\x89PNG") and len(bare.getvalue()) < len(picture.getvalue())
