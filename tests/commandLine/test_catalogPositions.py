# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Positions of a catalog are read once, and again when its file has changed."""

import lsst.afw.table as afwTable
from lsst.dia.repro import DiaObjectMakerTask, ForcedDiaPhotTask
from lsst.dia.repro.catalogColumns import makeCatalog
from lsst.dia.repro.commandLine.catalogPositions import readCatalogPositions
from lsst.dia.repro.skyPositions import SkyPositions


def writeCatalog(path, ids):
    catalog = makeCatalog(afwTable.SourceTable.makeMinimalSchema(), len(ids), afwTable.SourceCatalog)
    catalog["id"] = ids
    catalog.writeFits(str(path))


def testChangedFilesAreReadAgain(tmp_path):
    path, other = tmp_path/"a.fits", tmp_path/"b.fits"
    nReads = 0

    def read():
        nonlocal nReads
        nReads += 1
        return afwTable.SourceCatalog.readFits(str(path))

    writeCatalog(path, [1, 2])
    for _ in range(3):
        assert list(readCatalogPositions(str(path), read).id) == [1, 2]
    assert nReads == 1
    writeCatalog(other, [3, 4])
    other.rename(path)
    assert list(readCatalogPositions(str(path), read).id) == [3, 4]
    assert nReads == 2


def testImagesOfProcessesShareThem(repository, monkeypatch, tmp_path):
    common = ["--id", "visit=866^905", "--no-versions", "--doraise"]
    DiaObjectMakerTask.parseAndRun([str(repository), *common])
    log = tmp_path/"reads"
    fromCatalog = SkyPositions.fromCatalog

    def note(catalog):
        with open(log, "a") as stream:
            print("read", file=stream)
        return fromCatalog(catalog)

    monkeypatch.setattr(SkyPositions, "fromCatalog", note)
    ForcedDiaPhotTask.parseAndRun([str(repository), "-j", "2", *common])
    assert log.read_text() == "read\n"
