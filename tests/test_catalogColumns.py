# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Schemas with some of the fields of another, and rows of one catalog in another."""

import lsst.afw.table as afwTable
import numpy as np
import pytest
from lsst.dia.repro.catalogColumns import copyAliases, fillRows, makeCatalog


@pytest.mark.parametrize("fields, slots", [
    (["base_PsfFlux_flag", "base_SdssCentroid_x"], []),
    (["base_PsfFlux_instFlux"], ["slot_PsfFlux"]),
    (["base_SdssCentroid_x", "base_SdssCentroid_y"], ["slot_Centroid"]),
])
def testSlotsNeedTheirFields(fields, slots):
    """A catalog cannot be made if a slot has lost what it stands for."""
    source, some = afwTable.SourceTable.makeMinimalSchema(), afwTable.SourceTable.makeMinimalSchema()
    source.getAliasMap().set("slot_PsfFlux", "base_PsfFlux")
    source.getAliasMap().set("slot_Centroid", "base_SdssCentroid")
    for name in fields:
        some.addField(name, type="Flag" if name.endswith("flag") else "D", doc="")
    copyAliases(some, source)
    assert list(dict(some.getAliasMap().items())) == slots
    assert len(afwTable.SourceCatalog(some)) == 0


def testRowsAreFilledWhateverTheirType():
    schema = afwTable.SourceTable.makeMinimalSchema()
    text = schema.addField("text", type="String", size=4, doc="")
    number = schema.addField("n", type="D", doc="")
    flag = schema.addField("flag", type="Flag", doc="")
    catalog, source = (makeCatalog(schema, size, afwTable.SourceCatalog) for size in (3, 2))
    for record, value in zip(source, ("a", "b")):
        record.set(text, value)
        record.set(number, ord(value))
        record.set(flag, True)
    fillRows(catalog, np.array([True, False, True]), source)
    assert [record.get(text) for record in catalog] == ["a", "", "b"]
    np.testing.assert_array_equal(catalog["n"], [97, catalog[1].get(number), 98])
    np.testing.assert_array_equal(catalog["flag"], [True, False, True])
