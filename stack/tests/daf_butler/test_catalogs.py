# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Catalogs through the Gen3 butler."""

import numpy as np
import pytest

from lsst.afw.table import SourceCatalog


@pytest.fixture
def catalog(stackData):
    return SourceCatalog.readFits(str(stackData/"repo"/"deepDiff"/"v853-fr"/"R22"/"diaSrc-S12.fits"))


def test_roundTrip(repo, catalog):
    result = repo.get(repo.put(catalog, "SourceCatalog"))
    assert isinstance(result, SourceCatalog) and len(result) == len(catalog) > 0
    assert result.schema == catalog.schema
    for name in catalog.schema.getNames():
        stored, given = result[name], catalog[name]
        assert np.array_equal(stored, given, equal_nan=given.dtype.kind == "f"), name
    assert [s.getFootprint().getArea() for s in result] == [s.getFootprint().getArea() for s in catalog]
