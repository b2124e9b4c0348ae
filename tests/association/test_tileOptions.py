# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""The options of diaObjectMaker.py for tiles: which go together, and what they print."""

import lsst.afw.table as afwTable
import pytest
from lsst.daf.persistence import Butler
from lsst.dia.repro import DiaObjectMakerTask
from lsst.dia.repro.association import tiles
from lsst.dia.repro.association.sourceCatalogs import SourceCatalogs
from lsst.dia.repro.commandLine.exposureId import readExposureId
from lsst.pipe.base import TaskError

LEVEL = ["--config", "tileLevel=12"]


def arguments(repository, output, *more):
    return [str(repository), "--id", "--output", str(output), "--no-versions", *LEVEL, *map(str, more)]


@pytest.mark.parametrize("options, words", [
    (["--tile", "134217728", "--mergeTiles"], "not allowed with argument --tile"),
    (["--listTiles", "--mergeTiles"], "not allowed with argument --listTiles"),
    (["--tile", "134217728", "134217729", "--figure", "map.png"], "draw it with --mergeTiles"),
])
def testOptionsThatExcludeEachOther(stackData, tmp_path, options, words, capsys):
    with pytest.raises(SystemExit) as ending:
        DiaObjectMakerTask.parseAndRun(arguments(stackData/"repo", tmp_path/"out", *options))
    assert ending.value.code == 2 and words in capsys.readouterr().err
    assert not (tmp_path/"out"/"deepDiff").exists()


def testListOfTilesIsAllThatIsPrinted(stackData, tmp_path, run):
    listed = run("diaObjectMaker.py", *arguments(stackData/"repo", tmp_path/"out", "--listTiles"))
    assert listed.returncode == 0 and len(listed.stdout.splitlines()) > 1
    assert all(line.isdigit() for line in listed.stdout.splitlines())


def testTilesOfAProcessReadEachCatalogOnce(stackData, tmp_path, monkeypatch):
    """All tiles have a part of all catalogs here."""
    read = []
    original = SourceCatalogs._read

    def countRead(catalogs, number, isWanted):
        read.append(number)
        return original(catalogs, number, isWanted)

    monkeypatch.setattr(SourceCatalogs, "_read", countRead)
    output = tmp_path/"out"
    with pytest.raises(SystemExit):
        DiaObjectMakerTask.parseAndRun(arguments(stackData/"repo", output, "--listTiles"))
    assert sorted(read) == list(range(18))
    read.clear()
    indices = sorted(findTiles(stackData))
    DiaObjectMakerTask.parseAndRun(arguments(stackData/"repo", output, "--doraise", "--tile", *indices))
    assert sorted(set(read)) == list(range(18)) and len(read) <= 2*18


def findTiles(stackData):
    """Return the tiles of the repository."""
    found = set()
    for ref in Butler(str(stackData/"repo")).subset("deepDiff_diaSrc"):
        found |= tiles.findTiles(12, tiles.placeOnSky(ref.get("deepDiff_diaSrc")))
    return found


@pytest.mark.parametrize("options", [[], ["--mergeTiles"]])
def testSurveyWithoutSources(repository, tmp_path, options):
    """There is no tile then, and an empty table all the same."""
    for path in repository.glob("deepDiff/*/*/diaSrc-*.fits"):
        catalog = afwTable.SourceCatalog.readFits(str(path))
        afwTable.SourceCatalog(catalog.schema).writeFits(str(path))
    DiaObjectMakerTask.parseAndRun(arguments(repository, tmp_path/"out", *options, "--doraise",
                                             "--figure", tmp_path/"map.png"))
    butler = Butler(str(tmp_path/"out"))
    for dataset in ("reproDIAObjects", "reproDIASources"):
        assert len(butler.get(dataset, immediate=True)) == 0
    assert (tmp_path/"map.png").stat().st_size > 1000


class Reference:
    """Stands in for a reference to an exposure with this number."""

    dataId = {"visit": 2**33, "raft": "2,2"}

    def __init__(self, exposureId):
        self._values = {"ccdExposureId": exposureId, "ccdExposureId_bits": 41}

    def get(self, dataset, immediate):
        return self._values[dataset]


def testVisitThatIsTooLargeIsNamed():
    assert readExposureId(Reference(2**41 - 1)) == (2**41 - 1, 41)
    for exposureId in (2**41, -1):
        with pytest.raises(TaskError, match=f"'raft': '2,2'}} is {exposureId}, .* 41 bits"):
            readExposureId(Reference(exposureId))
