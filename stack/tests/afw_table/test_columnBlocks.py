# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Columns of large tables, which are read several at once."""

import fitsio
import numpy as np
import pytest

from lsst.afw.table import BaseCatalog, Schema
from lsst.afw.table.io import _columnBlocks

TYPES = ["D", "D", "Flag", "F", "L", "Angle", "I", "F", "F", "ArrayD", "ArrayF", "ArrayI", "ArrayF", "U", "B",
         "String", "D", "Flag", "D", "ArrayD"]
SIZES = {"ArrayD": 3, "ArrayF": 2, "ArrayI": 1, "String": 5}


@pytest.fixture
def path(tmp_path):
    """Write a table with columns of all types."""
    rng = np.random.default_rng(4)
    schema = Schema()
    for i, kind in enumerate(TYPES):
        sizes = {"size": SIZES[kind]} if kind in SIZES else {}
        schema.addField(f"c{i}", type=kind, doc="", **sizes)
    catalog = BaseCatalog(schema)
    catalog.resize(237)
    for i, kind in enumerate(TYPES):
        if kind == "String":
            for record in catalog:
                record.set(f"c{i}", str(rng.integers(0, 10**5)))
        elif kind == "Flag":
            catalog[f"c{i}"] = rng.random(237) < 0.5
        else:
            shape = (237, SIZES[kind]) if kind in SIZES else 237
            catalog[f"c{i}"] = rng.integers(0, 200, shape)
    path = str(tmp_path / "t.fits")
    catalog.writeFits(path)
    return path


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("blockBytes", [1000, 1 << 18])
def test_columnsInAnyOrder(path, monkeypatch, seed, blockBytes):
    monkeypatch.setattr(_columnBlocks, "_MIN_BYTES", 0)
    monkeypatch.setattr(_columnBlocks, "_BLOCK_BYTES", blockBytes)
    expected = fitsio.read(path, ext=1)
    catalog = BaseCatalog.readFits(path)
    flags = iter(range(sum(kind == "Flag" for kind in TYPES)))
    bits = {i: next(flags) for i, kind in enumerate(TYPES) if kind == "Flag"}
    for i in np.random.default_rng(seed).permutation(len(TYPES)):
        values = catalog[f"c{i}"]
        if TYPES[i] == "String":
            assert list(values) == [value.strip() for value in expected[f"c{i}"]]
        elif TYPES[i] == "Flag":
            assert np.array_equal(values, expected["flags"][:, bits[i]])
        else:
            assert np.array_equal(values.ravel(), expected[f"c{i}"].ravel())
            assert values.dtype.isnative and values.flags.writeable


def test_changesStay(path, monkeypatch):
    """What was changed is not read again, and rows that are added have default values."""
    monkeypatch.setattr(_columnBlocks, "_MIN_BYTES", 0)
    catalog = BaseCatalog.readFits(path)
    catalog["c3"] = np.arange(237)
    catalog["c16"][5] = -7
    catalog.addNew()
    assert np.isnan(catalog["c18"][-1]) and catalog["c4"][-1] == 0
    for i in range(len(TYPES)):
        catalog[f"c{i}"]
    assert np.array_equal(catalog["c3"][:237], np.arange(237)) and np.isnan(catalog["c3"][237])
    assert catalog["c16"][5] == -7
    assert catalog[5].get("c16") == -7
