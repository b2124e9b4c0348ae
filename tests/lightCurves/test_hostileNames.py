# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Names of bands that are more than names, in exports and figures."""

import csv
import io

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from astropy.table import Table
from lsst.dia.repro.forced.refCatFile import RefCatError, readRefCat
from lsst.dia.repro.lightCurves.arrowTables import makeSchema, makeTable
from lsst.dia.repro.lightCurves.lightCurveExport import LightCurveExporter
from lsst.dia.repro.lightCurves.lightCurveFigure import drawLightCurve
from lsst.dia.repro.lightCurves.lightCurveFile import LightCurveFile, openParquet, writeRowGroup
from lsst.dia.repro.printable import figureText, printable, spreadsheetText
from test_lightCurveProducts import COLUMNS

FORMULA = '=HYPERLINK("http://x.y/?"&A1)'


def makeCurves(path, bands):
    n = len(bands)
    schema = makeSchema(COLUMNS)
    numbers = ("midpointMjdTai", "ra", "dec", "psfDiffFlux", "psfDiffFluxErr")
    values = {"diaObjectId": np.ones(n, dtype=np.int64), "band": np.array(bands), "reason": np.zeros(n, "i4"),
              "psfDiffFlux_flag": np.zeros(n, dtype=bool),
              **{name: np.arange(n, dtype=float) + 1 for name in numbers}}
    with openParquet(str(path), schema) as writer:
        writeRowGroup(writer, makeTable(schema, values, {}))
    return LightCurveFile(str(path))


def testSpreadsheetsRunNothing(tmp_path):
    bands = [FORMULA, "+1", "-1", "@x", "g", "a=b"]
    curves = makeCurves(tmp_path/"c.parq", bands)
    for path in (LightCurveExporter(curves, str(tmp_path/"out"), "csv").exportAll(),
                 LightCurveExporter(curves, str(tmp_path/"out"), "csv").exportObject(1)):
        with open(path, newline="") as stream:
            rows = list(csv.DictReader(stream))
        assert [row["band"] for row in rows] == ["'" + FORMULA, "'+1", "'-1", "'@x", "g", "a=b"]
        assert [float(row["psfDiffFlux"]) for row in rows] == [1, 2, 3, 4, 5, 6]
    path = LightCurveExporter(curves, str(tmp_path/"out"), "ecsv").exportAll()
    assert Table.read(path, format="ascii.ecsv")["band"].tolist() == bands


@pytest.mark.parametrize("band", ["g\n@id 999", "g r", "g\t", "\x1b[2J", '"'])
def testSncosmoGetsNamesOnly(tmp_path, band):
    exporter = LightCurveExporter(makeCurves(tmp_path/"c.parq", ["g", band]), str(tmp_path/"out"), "sncosmo",
                                  bandPrefix="")
    for write in (exporter.exportAll, lambda: exporter.exportObject(1)):
        with pytest.raises(ValueError, match="the band .* is not a name") as info:
            write()
        assert str(info.value).isprintable()
    assert list((tmp_path/"out").iterdir()) == []


@pytest.mark.parametrize("band", [r"$\bad{x$", "$$", "a$b", "\x1b[31m\n", r"\$", "_x", "\udcff"])
def testFiguresShowNamesAsTheyAre(tmp_path, band):
    table = Table(makeCurves(tmp_path/"c.parq", ["g", "x"])._toTable(
        pa.table(pq.read_table(tmp_path/"c.parq"))), copy=True)
    table["band"] = np.array(["g", band])
    drawLightCurve(table, io.BytesIO(), np.ones(2, bool), 0.5, [(1, np.zeros((5, 5)))])


def testTexts():
    assert printable("r\x1b[2J\n\u202eg\udcff\u00e9 x") == "r\\x1b[2J\\n\\u202eg\\udcff\u00e9 x"
    assert printable("plain") == "plain"
    assert figureText("a$b") == r"a\$b" and spreadsheetText("g") == "g"


def testRowsWithoutRoom(tmp_path):
    """40 million rows of one object, in five megabytes."""
    n = 3_000_000
    ids = pa.array(np.ones(n, dtype=np.int64))
    zeros = pa.array(np.zeros(n))
    for names in (["diaObjectId", "midpointMjdTai", "ra", "dec"], ["id", "t", "ra", "dec"]):
        pq.write_table(pa.table(dict(zip(names, [ids, zeros, zeros, zeros]))), tmp_path/f"{names[0]}.parq",
                       compression="zstd")
    message = r"parq has 3,000,000 rows in [0-9,]+ bytes, where a table of measurements has 1,[0-9,]+ at most"
    with pytest.raises(ValueError, match=message):
        LightCurveFile(str(tmp_path/"diaObjectId.parq"))
    with pytest.raises(RefCatError, match=message):
        readRefCat(str(tmp_path/"id.parq"))


def testManyRowsWithRoom(tmp_path):
    rng = np.random.default_rng(2)
    n = 1_500_000
    pq.write_table(pa.table({"diaObjectId": np.arange(n), "psfDiffFlux": rng.random(n)}),
                   tmp_path/"c.parq", compression="zstd")
    assert LightCurveFile(str(tmp_path/"c.parq")).nRows == n
