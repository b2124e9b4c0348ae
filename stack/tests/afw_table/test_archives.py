# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Archives: objects made of rows of tables."""

import numpy as np
import pytest

import lsst.afw.table as afwTable
import lsst.pex.exceptions as pexExceptions
from lsst.afw.fits import FitsError, FitsFile, MemFileManager
from lsst.afw.table.io import (
    ArchiveFormat,
    InputArchive,
    OutputArchive,
    Persistable,
    archiveFormats,
    registerArchiveFormat,
)


class Node(Persistable):
    """An object that may hold another one."""

    def __init__(self, value, child=None):
        self.value = value
        self.child = child


class Unknown(Node):
    """A node that nothing can restore."""


def writeNode(node, handle):
    schema = afwTable.Schema()
    value = schema.addField("value", type="D")
    child = schema.addField("child", type="I")
    catalog = handle.makeCatalog(schema)
    record = catalog.addNew()
    record.set(value, node.value)
    record.set(child, handle.put(node.child))
    handle.saveCatalog(catalog)


def readNode(archive, catalogs):
    return Node(catalogs[0][0]["value"], archive.get(catalogs[0][0]["child"]))


registerArchiveFormat(Node, "TestNode", "lsst.afw.table", readNode, writeNode)
archiveFormats.register(ArchiveFormat("NobodyKnowsThis", "lsst.afw.table", None, writeNode), cls=Unknown)


def write(*objects):
    archive = OutputArchive()
    ids = [archive.put(obj) for obj in objects]
    manager = MemFileManager()
    with FitsFile(manager, "w") as file:
        archive.writeFits(file)
    return manager, ids


def read(manager):
    with FitsFile(manager) as file:
        return InputArchive.readFits(file, 1)


def test_sharedObjectsStayShared():
    child = Node(2.5)
    manager, ids = write(Node(1, child), Node(3, child), child, None)
    assert ids == [1, 3, 2, 0]
    archive = read(manager)
    assert archive.get(0) is None
    assert archive.get(1).child is archive.get(3).child is archive.get(2)
    assert archive.get(3).child.value == 2.5
    assert sorted(archive.getAll()) == [0, 1, 2, 3]


def test_layoutIsThatOfTheStack(stackData):
    path = next((stackData / "repo").glob("deepDiff/*/R22/diaSrc-*.fits"))
    with FitsFile(path) as file:
        expected = [card for card in file.hdu(2).cards]
    manager, _ = write(Node(1))
    with FitsFile(manager) as file:
        cards = file.hdu(1).cards
        assert file.hdu(2).get("EXTTYPE") == "ARCHIVE_DATA"
        assert file.hdu(2).get("AR_NAME") == file.hduName(2) == "TestNode"
    varying = ("NAXIS2", "AR_NCAT")
    for card, model in zip(cards, expected, strict=True):
        assert card == model or card.startswith(varying)


def test_unknownObjectsAreNamedAndDoNotStopOthers():
    manager, _ = write(Unknown(1), Node(2))
    archive = read(manager)
    with pytest.raises(pexExceptions.NotFoundError, match="NobodyKnowsThis"):
        archive.get(1)
    for _ in range(2):
        with pytest.raises(pexExceptions.NotFoundError, match="previous attempt.*NobodyKnowsThis.*HDU 2"):
            archive.get(1)
    assert archive.get(2).value == 2


def test_onlyModulesOfTheStackAreImported():
    class Evil(Node):
        """A node whose module must not be imported."""

    archiveFormats.register(ArchiveFormat("NobodyKnowsThis", "this", None, writeNode), cls=Evil)
    manager, _ = write(Evil(1))
    with pytest.raises(pexExceptions.NotFoundError, match="'this'"):
        read(manager).get(1)
    import sys

    assert "this" not in sys.modules


def test_persistableFiles():
    manager = MemFileManager()
    Node(7, Node(8)).writeFits(manager)
    assert Node.readFits(manager).child.value == 8
    with pytest.raises(pexExceptions.TypeError):
        Unknown.readFits(manager)
    with pytest.raises(pexExceptions.LogicError):
        Persistable().writeFits(MemFileManager())


def test_damagedArchives():
    manager, _ = write(Node(1, Node(2)))
    data = manager.getData()

    def damaged(old, new):
        assert old in data
        result = MemFileManager()
        result.setData(data.replace(old, new), len(data))
        return result

    with pytest.raises(FitsError):
        read(damaged(b"AR_NCAT =                    2", b"AR_NCAT =                   99"))
    with pytest.raises(FitsError):
        read(damaged(b"ARCHIVE_DATA", b"SOMETHING_EL"))
    with FitsFile(manager) as file:
        start = file.hdu(1).dataStart
    for column in range(5):
        broken = bytearray(data)
        broken[start + 4 * column:start + 4 * column + 4] = (77).to_bytes(4, "big")
        bad = MemFileManager()
        bad.setData(broken, len(broken))
        archive = read(bad)
        if column != 2:
            with pytest.raises(pexExceptions.Exception):
                archive.get(1)
                archive.get(2)


def test_exposureCatalogs():
    catalog = afwTable.ExposureCatalog(afwTable.ExposureTable.makeMinimalSchema())
    for i in range(3):
        record = catalog.addNew()
        record.setId(i)
    catalog[1].setPsf(Node(4))
    manager = MemFileManager()
    catalog.writeFits(manager)
    back = afwTable.ExposureCatalog.readFits(manager)
    assert back["id"].tolist() == [0, 1, 2]
    assert back[1].getPsf().value == 4 and back[0].getPsf() is None
    assert back.schema == catalog.schema
    assert np.array_equal(back.copy(deep=True)["id"], back["id"])
    assert back.copy(deep=True)[1].getPsf().value == 4
