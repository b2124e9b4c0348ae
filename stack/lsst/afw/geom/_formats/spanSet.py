# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Sets of pixels in archives."""

__all__ = ["spanSetFromCatalog"]

import functools

import numpy as np

from lsst.afw.table import Schema
from lsst.afw.table.io import registerArchiveFormat

from .._spanSet import SpanSet


@functools.cache
def _schema():
    schema = Schema()
    schema.addField("y", type="I", doc="The row of the span", units="pixel")
    schema.addField("x0", type="I", doc="First column of span (inclusive)", units="pixel")
    schema.addField("x1", type="I", doc="Second column of span (inclusive)", units="pixel")
    return schema


def _write(spans, handle):
    """Save a `SpanSet` in an archive."""
    catalog = handle.makeCatalog(_schema())
    catalog.resize(len(spans))
    for name, array in zip(("y", "x0", "x1"), spans._arrays(), strict=True):
        catalog[name] = array
    handle.saveCatalog(catalog)


def spanSetFromCatalog(catalog):
    """Return the set whose spans are the rows of a catalog with columns y, x0 and x1 (`SpanSet`)."""
    columns = [np.array(catalog[name], dtype=np.int32) for name in ("y", "x0", "x1")]
    return SpanSet._fromArrays(*columns, normalize=True)


def _read(archive, catalogs):
    (catalog,) = catalogs
    return spanSetFromCatalog(catalog)


registerArchiveFormat(SpanSet, "SpanSet", "lsst.afw.geom", _read, _write)
