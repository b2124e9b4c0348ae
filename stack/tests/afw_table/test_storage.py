# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Catalogs in files: what the real stack wrote is read, and written again byte for byte."""

import json

import fitsio
import numpy as np
import pytest

import lsst.afw.table as afwTable
import lsst.pex.exceptions as pexExceptions
from lsst.afw.fits import FitsError, FitsFile, MemFileManager


def cardsOf(path):
    with FitsFile(path) as file:
        return [file.hdu(i).cards for i in range(file.nHdus)]


def withoutQuotes(cards):
    """Leave out docs with an apostrophe: reading doubles it, in v23 as here."""
    return [card for card in cards if "''" not in card]


@pytest.fixture
def sources(stackData):
    return sorted((stackData / "repo").glob("deepDiff/*/R22/diaSrc-*.fits"))


def test_rewrittenFilesAreIdentical(sources, tmp_path):
    for path in sources[:4]:
        afwTable.SourceCatalog.readFits(str(path)).writeFits(str(tmp_path / "o.fits"))
        old, new = path.read_bytes(), (tmp_path / "o.fits").read_bytes()
        assert len(old) == len(new)
        for a, b in zip(cardsOf(path), cardsOf(tmp_path / "o.fits")):
            assert withoutQuotes(a) == withoutQuotes(b)
        with FitsFile(path) as a, FitsFile(tmp_path / "o.fits") as b:
            for i in range(1, a.nHdus):
                assert np.array_equal(a.readRows(i), b.readRows(i)), a.hduName(i)


def test_columnsAgreeWithCfitsio(sources):
    for path in sources[:3]:
        catalog = afwTable.SourceCatalog.readFits(str(path))
        table = fitsio.read(str(path), ext=1)
        bits = iter(table["flags"].T)
        for item in catalog.schema:
            name = item.field.getName()
            if item.key.getTypeString() == "Flag":
                assert np.array_equal(catalog[name], next(bits).astype(bool)), name
            else:
                isFloat = table[name].dtype.kind == "f"
                assert np.array_equal(catalog[name], table[name], equal_nan=isFloat), name


def test_footprints(sources, tmp_path):
    catalog = afwTable.SourceCatalog.readFits(str(sources[0]))
    areas = [record.getFootprint().getArea() for record in catalog]
    assert min(areas) > 0
    assert catalog[1].getFootprint() is catalog[1].getFootprint()
    part = catalog[3:6].copy(deep=True)
    assert [record.getFootprint().getArea() for record in part] == areas[3:6]
    part.writeFits(str(tmp_path / "p.fits"))
    back = afwTable.SourceCatalog.readFits(str(tmp_path / "p.fits"))
    assert [record.getFootprint().getArea() for record in back] == areas[3:6]
    bare = afwTable.SourceCatalog.readFits(str(sources[0]), flags=afwTable.SOURCE_IO_NO_FOOTPRINTS)
    assert all(record.getFootprint() is None for record in bare)


def test_columnsAreDecodedWhenAskedFor(sources):
    catalog = afwTable.SourceCatalog.readFits(str(sources[0]))
    assert not catalog.table._columns._arrays
    catalog["id"]
    assert len(catalog.table._columns._arrays) == 1


def everyType():
    schema = afwTable.Schema()
    rng = np.random.default_rng(3)
    values = {}
    for letter, dtype in (("B", "u1"), ("U", "u2"), ("I", "i4"), ("L", "i8"), ("F", "f4"), ("D", "f8")):
        schema.addField("s" + letter, type=letter, doc="scalar " + letter, units="count")
        values["s" + letter] = rng.integers(0, 200, 5).astype(dtype)
        if letter != "L":
            schema.addField("a" + letter, type="Array" + letter, size=3)
            values["a" + letter] = rng.integers(0, 200, (5, 3)).astype(dtype)
            schema.addField("v" + letter, type="Array" + letter, size=0)
    schema.addField("angle", type="Angle")
    schema.addField("text", type="String", size=6)
    schema.addField("long", type="String", size=0)
    for i in range(70):
        schema.addField(f"flag{i}", type="Flag", doc=f"flag {i}")
    schema.getAliasMap().set("other", "s")
    catalog = afwTable.BaseCatalog(schema)
    catalog.resize(5)
    for name, value in values.items():
        catalog[name] = value
    catalog["angle"] = np.linspace(0, 1, 5)
    for i, record in enumerate(catalog):
        for letter, dtype in (("B", "u1"), ("U", "u2"), ("I", "i4"), ("F", "f4"), ("D", "f8")):
            record["v" + letter] = rng.integers(0, 200, i).astype(dtype)
        record["text"] = "x" * i
        record["long"] = "some text " * i
        record["flag3"], record["flag69"] = i % 2 == 0, i > 2
    return catalog


def test_everyTypeRoundTrips():
    catalog = everyType()
    manager = MemFileManager()
    catalog.writeFits(manager)
    back = afwTable.BaseCatalog.readFits(manager)
    assert back.schema.compare(catalog.schema, afwTable.Schema.IDENTICAL) == afwTable.Schema.IDENTICAL
    for a, b in zip(catalog, back):
        for item in catalog.schema:
            x, y = a.get(item.key), b.get(item.key)
            if isinstance(x, str):
                assert x.rstrip() == y.rstrip()
            else:
                assert np.array_equal(x, y), item.field.getName()


def test_cfitsioReadsEveryType(tmp_path):
    catalog = everyType()
    catalog.writeFits(str(tmp_path / "t.fits"))
    table = fitsio.read(str(tmp_path / "t.fits"), ext=1, vstorage="object")
    for name in ("sB", "sU", "sI", "sL", "sF", "sD", "aU", "aD", "angle"):
        assert np.array_equal(table[name], catalog[name])
    assert [list(value) for value in table["vU"]] == [list(record["vU"]) for record in catalog]


def test_emptyCatalog(stackData, tmp_path):
    path = stackData / "repo" / "schema" / "deepDiff_diaSrc.fits"
    catalog = afwTable.SourceCatalog.readFits(str(path))
    assert len(catalog) == 0 and catalog.schema.getFieldCount() == 119
    schema = afwTable.Schema.readFits(str(path))
    assert schema.contains(catalog.schema) and schema.getOrderedNames()[-1] == "footprint"
    catalog.addNew()
    assert catalog[0].getId() == 1


def test_oldCatalogs(shared):
    folder = shared / "real" / "stack-files"
    expected = json.loads((folder / "expected.json").read_text())
    for name in ("afw_sourceCatalog-hsc-v2.fits", "obs_base_source_catalog.fits"):
        catalog = afwTable.SourceCatalog.readFits(str(folder / name))
        answer = expected[name]
        assert sorted(catalog.schema.getNames()) == answer["names"]
        assert dict(catalog.schema.getAliasMap().items()) == answer["aliases"]
        assert catalog["id"].tolist() == answer["ids"]
        coord = np.stack([catalog["coord_ra"], catalog["coord_dec"]], axis=1)
        assert np.array_equal(coord, answer["coord_rad"], equal_nan=True)
        footprints = [record.getFootprint() for record in catalog]
        assert [fp and fp.getArea() for fp in footprints] == answer["footprintArea"]


def test_tablesThatAstropyRewrote(shared):
    """Without the keywords of afw a table is a plain one; its bits are left out."""
    path = next((shared / "real" / "twinkles-forced").rglob("*.fits"))
    catalog = afwTable.BaseCatalog.readFits(str(path))
    table = fitsio.read(str(path), ext=1)
    assert "flags" not in catalog.schema
    for name in catalog.schema.getOrderedNames():
        assert np.array_equal(catalog[name], table[name], equal_nan=table[name].dtype.kind == "f")
    with pytest.raises(pexExceptions.RuntimeError):
        afwTable.SourceCatalog.readFits(str(path))


def test_wrongFiles(sources, tmp_path):
    with pytest.raises(pexExceptions.LengthError, match="HDU 0"):
        afwTable.SourceCatalog.readFits(str(sources[0]), hdu=0)
    with pytest.raises(FitsError, match="nowhere"):
        afwTable.BaseCatalog.readFits(str(tmp_path / "nowhere.fits"))
    path = tmp_path / "base.fits"
    everyType().writeFits(str(path))
    with pytest.raises(pexExceptions.RuntimeError):
        afwTable.SourceCatalog.readFits(str(path))
    path.write_bytes(sources[0].read_bytes()[:40000])
    with pytest.raises(FitsError, match="base.fits"):
        afwTable.SourceCatalog.readFits(str(path))


def test_metadata():
    from lsst.daf.base import PropertyList

    catalog = everyType()
    metadata = PropertyList()
    metadata.set("VISIT", 840, "the visit")
    catalog.setMetadata(metadata)
    manager = MemFileManager()
    catalog.writeFits(manager)
    assert not metadata.exists("AFW_TABLE_VERSION")
    back = afwTable.BaseCatalog.readFits(manager).getMetadata()
    assert back.toDict() == {"VISIT": 840}
    assert back.getComment("VISIT") == "the visit"
