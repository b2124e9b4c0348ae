# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Schemas with some of the fields of another."""

import lsst.afw.table as afwTable
import pytest
from lsst.dia.repro.catalogColumns import copyAliases


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
