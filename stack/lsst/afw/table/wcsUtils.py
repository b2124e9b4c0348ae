# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Positions of whole catalogs by a world coordinate system."""

__all__ = ["updateRefCentroids", "updateSourceCoords"]

import numpy as np

from ._catalogEdit import CatalogEdit
from ._pointKeys import CoordKey, Point2DKey


def _segments(records):
    """Return (table, rows) of a catalog or a sequence of records, in order."""
    if isinstance(records, CatalogEdit):
        rowList = records._rowList
        return [(table, rows) for table, _, rows in
                (rowList.segments() if rowList._which is None else rowList._runs())]
    return [(record._table, slice(record._row, record._row + 1)) for record in records]


def _gather(records, key):
    return np.concatenate([table._columnOf(key)[rows] for table, rows in _segments(records)])


def _scatter(records, key, values):
    start = 0
    for table, rows in _segments(records):
        n = rows.stop - rows.start if isinstance(rows, slice) else len(rows)
        table._columnOf(key)[rows] = values[start:start + n]
        start += n


def updateRefCentroids(wcs, refList):
    """Set the pixel positions of reference objects from their sky positions.

    Parameters
    ----------
    wcs : `lsst.afw.geom.SkyWcs`
        World coordinate system.
    refList : `SimpleCatalog` or sequence of `SimpleRecord`
        Records with the fields ``coord``, ``centroid`` and ``hasCentroid``.
    """
    if not len(refList):
        return
    schema = refList[0].getSchema()
    coord, centroid = CoordKey(schema["coord"]), Point2DKey(schema["centroid"])
    hasCentroid = schema["hasCentroid"].asKey()
    x, y = wcs.skyToPixelArray(_gather(refList, coord.getRa()), _gather(refList, coord.getDec()))
    _scatter(refList, centroid.getX(), x)
    _scatter(refList, centroid.getY(), y)
    _scatter(refList, hasCentroid, np.ones(len(refList), bool))


def updateSourceCoords(wcs, sourceList):
    """Set the sky positions of sources from their centroid slot.

    Parameters
    ----------
    wcs : `lsst.afw.geom.SkyWcs`
        World coordinate system.
    sourceList : `SourceCatalog` or sequence of `SourceRecord`
        Records.
    """
    if not len(sourceList):
        return
    schema = sourceList[0].getSchema()
    centroid, coord = Point2DKey(schema["slot_Centroid"]), CoordKey(schema["coord"])
    ra, dec = wcs.pixelToSkyArray(_gather(sourceList, centroid.getX()), _gather(sourceList, centroid.getY()))
    _scatter(sourceList, coord.getRa(), ra)
    _scatter(sourceList, coord.getDec(), dec)
