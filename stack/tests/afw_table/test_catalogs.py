# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Catalogs: what they share, what they copy, and how columns behave."""

import numpy as np
import pytest

import lsst.afw.table as afwTable
import lsst.geom
import lsst.pex.exceptions as pexExceptions


@pytest.fixture
def schema():
    schema = afwTable.SourceTable.makeMinimalSchema()
    schema.addField("x", type="D", units="pixel")
    schema.addField("flag", type="Flag")
    schema.addField("v", type="ArrayF", size=3)
    schema.addField("name", type="String", size=8)
    return schema


@pytest.fixture
def catalog(schema):
    catalog = afwTable.SourceCatalog(schema)
    catalog.resize(10)
    catalog["x"] = np.arange(10.0)
    return catalog


@pytest.mark.parametrize("value", [[False] * 10, (True,), [], None, np.arange(10), "yes"])
def test_flagColumnsTakeArraysOfBoolOnly(catalog, value):
    with pytest.raises(TypeError):
        catalog["flag"] = value
    catalog["flag"] = np.arange(10) > 6
    assert catalog["flag"].sum() == 3


def test_defaults(catalog):
    catalog = afwTable.SourceCatalog(catalog.schema)
    record = catalog.addNew()
    assert record.getId() == 1
    assert np.isnan(record["x"]) and np.isnan(record["coord_ra"].asRadians())
    assert record["flag"] is False and record["parent"] == 0 and record["name"] == ""
    assert np.isnan(record["v"]).all()


def test_columnsAreViews(catalog):
    column = catalog["x"]
    column[3] = -1
    assert catalog[3]["x"] == -1
    assert np.shares_memory(catalog[2:5]["x"], column)
    flags = catalog["flag"]
    flags[:] = True
    assert not catalog["flag"].any()


def test_slicesShareDeepCopiesDoNot(catalog):
    part, deep = catalog[2:4], catalog.copy(deep=True)
    shallow = catalog.copy()
    part["x"] = 7
    assert list(catalog["x"][:5]) == [0, 1, 7, 7, 4]
    assert list(shallow["x"][:5]) == [0, 1, 7, 7, 4]
    assert list(deep["x"]) == list(range(10))
    assert part[0] == catalog[2] and deep[2] != catalog[2]


def test_masksAreReadOnlyAndShareRecords(catalog):
    part = catalog[catalog["x"] > 6.5]
    column = part["x"]
    assert list(column) == [7, 8, 9]
    assert part.isContiguous()
    part = catalog[np.arange(10) % 2 == 0]
    assert not part.isContiguous()
    with pytest.raises(ValueError):
        part["x"][0] = 1
    with pytest.raises(pexExceptions.RuntimeError):
        part["x"] = 1
    part[0]["x"] = 5
    assert catalog[0]["x"] == 5
    part["flag"] = True
    assert list(np.flatnonzero(catalog["flag"])) == [0, 2, 4, 6, 8]


def test_maskOfWrongLength(catalog):
    with pytest.raises(pexExceptions.LengthError):
        catalog[np.ones(3, bool)]


def test_recordsOfAnotherTable(catalog, schema):
    other = afwTable.SourceTable.make(schema).makeRecord()
    other["x"] = 99
    catalog.append(other)
    assert not catalog.isContiguous()
    assert list(catalog["x"][-2:]) == [9, 99]
    assert list(catalog.copy(deep=True)["x"][-2:]) == [9, 99]
    catalog.sort(schema.find("x").key)
    assert catalog[-1] == other
    with pytest.raises(TypeError):
        catalog.append(afwTable.BaseTable.make(schema).makeRecord())


def test_blocksBreakContiguity(schema):
    """As in v23, records added one by one are only contiguous by the hundred."""
    catalog = afwTable.SourceCatalog(schema)
    for _ in range(100):
        catalog.addNew()
    assert catalog.isContiguous()
    catalog.addNew()
    assert not catalog.isContiguous()
    assert catalog.copy(deep=True).isContiguous()
    reserved = afwTable.SourceCatalog(schema)
    reserved.reserve(500)
    for _ in range(500):
        reserved.addNew()
    assert reserved.isContiguous()


def test_extendWithMapper(catalog):
    mapper = afwTable.SchemaMapper(catalog.schema)
    mapper.addMapping(catalog.schema.find("x").key, "renamed")
    mapper.editOutputSchema().addField("extra", type="I")
    result = afwTable.BaseCatalog(mapper.getOutputSchema())
    result.extend(catalog[::2], mapper=mapper)
    assert list(result["renamed"]) == [0, 2, 4, 6, 8]
    assert not result["extra"].any()
    with pytest.raises(pexExceptions.InvalidParameterError):
        afwTable.BaseCatalog(afwTable.Schema()).extend(catalog, mapper=mapper)


def test_editing(catalog):
    del catalog[0]
    del catalog[2:4]
    assert list(catalog["x"]) == [1, 2, 5, 6, 7, 8, 9]
    catalog.insert(1, catalog[-1])
    assert list(catalog["x"]) == [1, 9, 2, 5, 6, 7, 8, 9]
    catalog.resize(3)
    assert list(catalog["x"]) == [1, 9, 2]
    catalog.clear()
    assert len(catalog) == 0 and catalog.isContiguous()


def test_sortFindBetween(catalog):
    key = catalog.schema.find("x").key
    catalog["x"] = np.array([5, 3, 8, 1, 9, 2, 2, 7, 4, 6.0])
    assert not catalog.isSorted(key)
    assert catalog.find(8.0, key)["x"] == 8
    catalog.sort(key)
    assert catalog.isSorted(key)
    assert catalog.equal_range(2.0, key) == slice(1, 3, 1)
    assert list(catalog[catalog.between(3.0, 6.0, key)]["x"]) == [3, 4, 5, 6]
    assert catalog.find(2.5, key) is None
    assert catalog.find(4)["id"] == 4


def test_typeErrors(catalog):
    record = catalog[0]
    for name, value in (("id", 1.5), ("coord_ra", 1.0), ("x", "1"), ("name", 1), ("flag", "no")):
        with pytest.raises(TypeError):
            record[name] = value
    with pytest.raises(pexExceptions.LengthError):
        record["name"] = "much too long"
    with pytest.raises(pexExceptions.LengthError):
        record["v"] = np.zeros(2, "f4")
    with pytest.raises(KeyError):
        record["nothing"]
    with pytest.raises(IndexError):
        catalog[10]


def test_elementKeysAndStrings(catalog):
    key = catalog.schema.find("v").key
    catalog["v"] = np.arange(30, dtype="f4").reshape(10, 3)
    assert list(catalog[key[1]]) == list(range(1, 30, 3))
    assert catalog[key[0:2]].shape == (10, 2)
    catalog[4]["name"] = "äb"
    assert catalog[4]["name"] == "äb"
    assert list(catalog["name"][3:6]) == ["", "äb", ""]


def test_slots(schema):
    for name in ("a_instFlux", "a_instFluxErr", "c_x", "c_y"):
        schema.addField(name, type="D")
    schema.addField("a_flag", type="Flag")
    catalog = afwTable.SourceCatalog(schema)
    catalog.table.defineCentroid("c")
    catalog.getTable().definePsfFlux("a")
    catalog.resize(2)
    catalog["c_x"], catalog["c_y"], catalog["a_instFlux"] = 3, 4, 5
    assert catalog[1].getCentroid() == lsst.geom.Point2D(3, 4)
    assert list(catalog.getX()) == [3, 3] and list(catalog.getPsfInstFlux()) == [5, 5]
    assert catalog[0].getPsfFluxFlag() is False
    assert catalog["slot_PsfFlux_instFlux"][0] == 5
    assert not catalog.getCentroidSlot().getErrKey().isValid()
    with pytest.raises(pexExceptions.NotFoundError):
        catalog.table.defineShape("nothing")
    with pytest.raises(pexExceptions.LogicError):
        catalog.getIxx()


def test_idFactories(schema):
    table = afwTable.SourceTable.make(schema, afwTable.IdFactory.makeSource(430204, 64 - 41))
    catalog = afwTable.SourceCatalog(table)
    catalog.resize(3)
    assert list(catalog["id"]) == [(430204 << 23) + i for i in (1, 2, 3)]
    assert catalog.addNew().getId() == (430204 << 23) + 4
    with pytest.raises(pexExceptions.LengthError):
        catalog.resize(2**23 + 5)


def test_childrenOfParents(schema):
    catalog = afwTable.SourceCatalog(schema)
    catalog.resize(6)
    catalog["parent"] = np.array([0, 0, 1, 1, 2, 2])
    assert list(catalog.getChildren(1)["id"]) == [3, 4]
    assert [list(part["id"]) for part in catalog.getChildren([1, 2])] == [[3, 4], [5, 6]]
    catalog["parent"] = np.array([0, 1, 0, 1, 2, 2])
    with pytest.raises(AssertionError):
        catalog.getChildren(1)


def test_asAstropy(catalog):
    table = catalog.asAstropy()
    assert table["x"].unit == "pixel" and table["coord_ra"].unit == "rad"
    table["x"][0] = 42
    assert catalog["x"][0] == 42
    assert table["name"].dtype.kind == "U" and table["flag"].dtype == bool
    for unviewable, error in (("raise", True), ("skip", False), ("unknown", True)):
        if error:
            with pytest.raises(ValueError):
                catalog.asAstropy(unviewable=unviewable)
        else:
            assert "flag" not in catalog.asAstropy(unviewable=unviewable).colnames


def test_manyFieldsAreCheap():
    schema = afwTable.Schema()
    for i in range(2000):
        schema.addField(f"field{i}", type="D")
    catalog = afwTable.BaseCatalog(schema)
    catalog.resize(1000)
    catalog["field3"] = 1
    assert len(catalog.table._columns._arrays) == 1
