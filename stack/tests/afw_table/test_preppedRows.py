# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Programs written for the stack may tune its buffers; results stay the same."""

import lsst.afw.table as afwTable
from lsst.afw.table.io import getPreppedRowsFactor, setPreppedRowsFactor


def test_factorIsKeptAndTablesAreRead(tmp_path):
    before = getPreppedRowsFactor()
    assert before == 32768  # As in v23.
    schema = afwTable.Schema()
    key = schema.addField("a", type="D", doc="a")
    catalog = afwTable.BaseCatalog(schema)
    catalog.resize(100)
    catalog[key] = range(100)
    catalog.writeFits(str(tmp_path/"a.fits"))
    try:
        setPreppedRowsFactor(64)
        assert getPreppedRowsFactor() == 64
        assert list(afwTable.BaseCatalog.readFits(str(tmp_path/"a.fits"))["a"]) == list(range(100))
    finally:
        setPreppedRowsFactor(before)
