# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Polygons in archives: a row for each vertex."""

import functools

import numpy as np

from lsst.afw.table import Point2DKey, Schema
from lsst.afw.table.io import registerArchiveFormat

from ..polygon import Polygon


@functools.cache
def _schema():
    schema = Schema()
    Point2DKey.addFields(schema, "vertices", "list of vertex points", "")
    return schema


def _write(polygon, handle):
    vertices = polygon._outline()
    catalog = handle.makeCatalog(_schema())
    catalog.resize(len(vertices))
    catalog["vertices_x"], catalog["vertices_y"] = vertices.T
    handle.saveCatalog(catalog)


def _read(archive, catalogs):
    (catalog,) = catalogs
    return Polygon(np.stack([catalog["vertices_x"], catalog["vertices_y"]], axis=1))


registerArchiveFormat(Polygon, "Polygon", "lsst.afw.geom", _read, _write)
