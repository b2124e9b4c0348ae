# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""--refCat: positions of the user's in every format, and the mistakes there can be."""

import gzip
import re

import lsst.afw.table as afwTable
import numpy as np
import pyarrow
import pytest
from astropy.table import MaskedColumn, Table
from lsst.daf.persistence import Butler
from lsst.dia.repro.forced.refCatFile import RefCatConfig, RefCatError, readRefCat
from pyarrow import parquet

IDS = np.array([7, -3, 2**62 + 1, 12], dtype=np.int64)
RA, DEC = np.array([0.0001, 359.9999, 53.012345678901, 180.0]), np.array([-27.5, 89.9999, -90.0, 0.0])
EXTENSIONS = ["fits", "csv", "ecsv", "parquet", "parq"]


def write(table, path):
    if path.suffix in (".parquet", ".parq"):
        columns = {name: pyarrow.array(table[name].tolist()) for name in table.colnames}
        parquet.write_table(pyarrow.table(columns), path)
    else:
        formats = {".csv": "ascii.csv", ".ecsv": "ascii.ecsv", ".fits": "fits", ".pq": "parquet"}
        table.write(path, format=formats[path.suffix])
    return str(path)


def makeTable(**columns):
    return Table({"id": IDS, "ra": RA, "dec": DEC, **columns})


@pytest.mark.parametrize("extension", EXTENSIONS)
def testFormats(tmp_path, extension):
    table = makeTable(mag=[20.0, 21.0, 22.0, 23.0], name=["a", "b", "c", "d"])
    refCat, nDropped = readRefCat(write(table, tmp_path/f"mine.{extension}"))
    assert nDropped == 0
    np.testing.assert_array_equal(refCat.id, IDS)
    np.testing.assert_allclose(refCat.ra, np.radians(RA), rtol=1e-15)
    np.testing.assert_allclose(refCat.dec, np.radians(DEC), rtol=1e-15)


def testAFileIsReadAgainWhenItChanges(tmp_path):
    path = write(makeTable(), tmp_path/"mine.csv")
    first, _ = readRefCat(path)
    assert readRefCat(path)[0] is first
    (tmp_path/"mine.csv").unlink()
    write(makeTable(id=[5, 6, 7, 8]), tmp_path/"mine.csv")
    assert readRefCat(path)[0].id.tolist() == [5, 6, 7, 8]


@pytest.mark.parametrize("extension", EXTENSIONS)
def testNoRows(tmp_path, extension):
    refCat, nDropped = readRefCat(write(makeTable()[:0], tmp_path/f"none.{extension}"))
    assert len(refCat) == 0 and nDropped == 0


@pytest.mark.parametrize("names", [("diaObjectId", "RA", "DEC"), ("objectId", "ra", "decl"),
                                   ("source_id", "RA_ICRS", "DE_ICRS"), ("OBJECTID", "RA_deg", "DEC_Deg")])
def testSpellings(tmp_path, names):
    table = makeTable()
    table.rename_columns(["id", "ra", "dec"], names)
    assert len(readRefCat(write(table, tmp_path/"mine.ecsv"))[0]) == 4


def testNamesOfTheUsers(tmp_path):
    table = makeTable(myId=[1, 2, 3, 4], lon=RA[::-1], lat=DEC[::-1])
    path = write(table, tmp_path/"mine.csv")
    refCat, _ = readRefCat(path, RefCatConfig(idColumn="myId", raColumn="lon", decColumn="lat"))
    np.testing.assert_array_equal(refCat.id, [1, 2, 3, 4])
    np.testing.assert_allclose(refCat.ra, np.radians(RA[::-1]), rtol=1e-15)
    with pytest.raises(RefCatError, match="mine.csv: no column lat2.*lon.*refCat.decColumn"):
        readRefCat(path, RefCatConfig(idColumn="myId", raColumn="lon", decColumn="lat2"))


def testAllColumnsThatAreMissingAtOnce(tmp_path):
    path = write(Table({"id": IDS, "RA_deg": RA, "Ra_Deg": RA, "y": DEC}), tmp_path/"mine.csv")
    with pytest.raises(RefCatError, match="no column ra or .*, and none dec or .* RA_deg, Ra_Deg, y. .*"
                                          "refCat.raColumn=... refCat.decColumn"):
        readRefCat(path)


@pytest.mark.parametrize("extension", ["ecsv", "fits", "pq"])
def testUnitsOfTheFile(tmp_path, extension):
    table = makeTable()
    table["ra"], table["dec"] = np.radians(RA), np.radians(DEC)
    table["ra"].unit = table["dec"].unit = "rad"
    refCat, _ = readRefCat(write(table, tmp_path/f"radians.{extension}"))
    np.testing.assert_allclose(refCat.ra, np.radians(RA), rtol=1e-14)


@pytest.mark.parametrize("extension", EXTENSIONS)
def testPositionsThatAreMissing(tmp_path, extension):
    table = makeTable()
    table["ra"] = [np.nan, *RA[1:]]
    if extension in ("csv", "ecsv"):
        table["dec"] = MaskedColumn(DEC, mask=[False, False, True, False])
    else:
        table["dec"] = [*DEC[:2], np.inf, DEC[3]]
    refCat, nDropped = readRefCat(write(table, tmp_path/f"mine.{extension}"))
    assert nDropped == 2
    np.testing.assert_array_equal(refCat.id, IDS[[1, 3]])


@pytest.mark.parametrize("extension", EXTENSIONS)
@pytest.mark.parametrize("columns, words", [
    ({"id": [1, 2, 3, 2]}, "column id has 2 more than once"),
    ({"id": [1.0, 2.5, 3.0, 4.0]}, "column id must have an integer.*row 2 has 2.5"),
    ({"id": [1.0, 2.0, 3.0, 2.0**53 + 2]}, "column id must have an integer.*row 4 has 9007199254740994"),
    ({"id": ["a", "b", "c", "d"]}, "column id must have an integer.*row 1 has 'a'"),
    ({"id": ["1", "2", "SN3", "4"]}, "column id must have an integer.*row 3 has 'SN3'"),
    ({"dec": ["-27", "-27:26:20", "c", "d"]}, ".*dec has no number, but '-27:26:20', in row 2; .*degrees"),
    ({"dec": [0.0, 0.0, 95.0, 0.0]}, "column dec has 95.0"),
], ids=["twice", "float", "large", "string", "one string", "sexagesimal", "range"])
def testMistakes(tmp_path, extension, columns, words):
    path = write(makeTable(**columns), tmp_path/f"mine.{extension}")
    with pytest.raises(RefCatError, match=f"mine.{extension}: {words}"):
        readRefCat(path)


@pytest.mark.parametrize("extension", EXTENSIONS)
@pytest.mark.parametrize("content", [b"", b"\x00\xff\x12 nonsense\n"*9], ids=["empty", "binary"])
def testBrokenFiles(tmp_path, extension, content):
    path = tmp_path/f"broken.{extension}"
    path.write_bytes(content)
    with pytest.raises(RefCatError, match=f"broken.{extension}"):
        readRefCat(str(path))


def testWholeNumbersOfFloatingPoint(tmp_path):
    """Tables with missing values often have ids so."""
    table = makeTable(id=[1.0, np.nan, 3.0, 4e15], ra=[-1e-15, np.nan, 1.0, 2.0])
    refCat, nDropped = readRefCat(write(table, tmp_path/"mine.parquet"))
    assert list(refCat.id) == [1, 3, 4*10**15] and nDropped == 1
    assert refCat.ra[0] == 0.0


def testCompressedText(tmp_path):
    path = tmp_path/"mine.csv.gz"
    path.write_bytes(gzip.compress(b"id,ra,dec\n5,53.0,-27.0\n"))
    assert list(readRefCat(str(path))[0].id) == [5]


def testCsvOfSpreadsheets(tmp_path):
    path = tmp_path/"mine.csv"
    path.write_text("id,ra,dec\n# one\n5,53.0,-27.0\n", encoding="utf-8-sig")
    refCat, _ = readRefCat(str(path))
    assert list(refCat.id) == [5]
    path.write_text("")
    with pytest.raises(RefCatError, match="mine.csv: there is no table in it"):
        readRefCat(str(path))


def testOtherFiles(tmp_path):
    with pytest.raises(RefCatError, match="nowhere.csv: no such file"):
        readRefCat(str(tmp_path/"nowhere.csv"))
    with pytest.raises(RefCatError, match="mine.txt: unknown extension.*csv"):
        readRefCat(str(tmp_path/"mine.txt"))


def testCommand(stackData, tmp_path, run):
    """Positions of a file give what DIAObjects at the same positions give, in any number of processes."""
    reference = afwTable.SourceCatalog.readFits(str(stackData/"expected"/"reference.fits"))
    path = write(Table({"objectId": reference["id"], "ra": np.degrees(reference["coord_ra"]),
                        "dec": np.degrees(reference["coord_dec"])}), tmp_path/"mine.fits")
    files = []
    for jobs in (1, 2):
        output = tmp_path/f"out{jobs}"
        result = run("forcedDiaPhot.py", stackData/"repo", "--id", "visit=866", "--output", output,
                     "--refCat", path, "--no-versions", "-j", jobs)
        assert result.returncode == 0, result.stderr
        files.append({file.relative_to(output): file.read_bytes()
                      for file in output.rglob("forcedDIASource-*.fits")})
    assert len(files[0]) == 2 and files[0] == files[1]
    forced = Butler(str(output)).get("forcedDIASource", visit=866, raft="2,2", sensor="1,1", immediate=True)
    expected = afwTable.SourceCatalog.readFits(str(stackData/"expected"/"forced"/"v866-fi-R22-S11.fits"))
    assert forced.table.getMetadata().getScalar("POSITION") == "mine.fits"
    np.testing.assert_array_equal(forced["diaObjectId"], expected["diaObjectId"])
    difference = (forced["base_PsfFlux_instFlux"] - expected["base_PsfFlux_instFlux"])
    assert np.nanmax(np.abs(difference/expected["base_PsfFlux_instFluxErr"])) < 1e-4


def testPositionsElsewhere(stackData, tmp_path, run):
    """Radians, for one, are nowhere near the images."""
    path = write(Table({"id": [1], "ra": [0.925], "dec": [-0.479]}), tmp_path/"mine.csv")
    result = run("forcedDiaPhot.py", stackData/"repo", "--id", "visit=866", "--output", tmp_path/"out",
                 "--refCat", path, "--no-versions", "-j", 2)
    assert result.returncode == 0
    warning = "None of the positions of .*mine.csv is on any of the 2 images"
    assert re.search(warning, result.stdout + result.stderr)
    result = run("diaLightCurves.py", tmp_path/"out", "--id", "visit=866", "--no-versions")
    assert "There are no light curves" in result.stdout + result.stderr


def testCommandWithMistakes(stackData, tmp_path, run):
    path = write(makeTable(id=[1, 1, 2, 3]), tmp_path/"mine.csv")
    result = run("forcedDiaPhot.py", stackData/"repo", "--id", "--output", tmp_path/"out", "--refCat", path)
    assert result.returncode == 2 and "Traceback" not in result.stderr
    assert "mine.csv" in result.stderr and "column id" in result.stderr
    assert not list((tmp_path/"out").rglob("forcedDIASource*"))


def testAfwColumnsNeedAUnit(tmp_path):
    """They are radians in afw's catalogs and degrees in Rubin's tables."""
    path = tmp_path/"positions.csv"
    path.write_text("id,coord_ra,coord_dec\n1,0.9,-0.4\n")
    with pytest.raises(RefCatError, match="coord_ra has no unit"):
        readRefCat(str(path))
