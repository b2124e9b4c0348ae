# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Which positions on the sky an image covers."""

from __future__ import annotations

__all__ = ["Coverage", "findInPolygon", "findPositionsIn"]

import lsst.geom as geom
import numpy as np
from lsst.afw.geom import Polygon, SkyWcs
from lsst.afw.image import ExposureF


class Coverage:
    """The objects that lie on an image or near it.

    Parameters
    ----------
    ra, dec : `numpy.ndarray`, (N,)
        Positions of all objects, radians.
    exposure : `lsst.afw.image.Exposure`
        The image, with WCS.
    margin : `float`
        How far beyond the edge objects count as near, pixels.

    Attributes
    ----------
    index : `numpy.ndarray`, (n,)
        Which objects are near, in their order.
    ra, dec : `numpy.ndarray`, (n,)
        Their positions on the sky, radians.
    x, y : `numpy.ndarray`, (n,)
        Their pixel positions, in the parent frame.
    isInside : `numpy.ndarray`, (n,)
        Whether they are on a pixel of the image and inside the polygon of its
        valid pixels, if it has one.
    """

    def __init__(self, ra: np.ndarray, dec: np.ndarray, exposure: ExposureF, margin: float = 0.0) -> None:
        box = geom.Box2D(exposure.getBBox())
        near = geom.Box2D(box)
        near.grow(margin)
        self.index, self.x, self.y = findPositionsIn(ra, dec, exposure.getWcs(), near)
        self.ra, self.dec = ra[self.index], dec[self.index]
        self.isInside = _isInBox(self.x, self.y, box)
        polygon = exposure.getInfo().getValidPolygon()
        if polygon is not None:
            self.isInside &= findInPolygon(self.x, self.y, polygon)

    def isWithin(self, margin: float, box: geom.Box2I) -> np.ndarray:
        """Tell the objects that are at most some pixels beyond the edge.

        Parameters
        ----------
        margin : `float`
            How far, pixels; not more than the margin of all.
        box : `lsst.geom.Box2I`
            Bounding box of the image.

        Returns
        -------
        isWithin : `numpy.ndarray`, (n,)
            Whether each is, bool.
        """
        grown = geom.Box2D(box)
        grown.grow(margin)
        return _isInBox(self.x, self.y, grown)


def findPositionsIn(ra: np.ndarray, dec: np.ndarray, wcs: SkyWcs,
                    box: geom.Box2D) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Find the positions that fall into a box of pixels.

    Parameters
    ----------
    ra, dec : `numpy.ndarray`, (N,)
        Positions, radians; one that is not finite is nowhere.
    wcs : `lsst.afw.geom.SkyWcs`
        WCS of the image.
    box : `lsst.geom.Box2D`
        Outer edges of the pixels; the upper ones are exclusive.

    Returns
    -------
    index : `numpy.ndarray`, (n,)
        Which positions are in the box. Those on the far side of the sky,
        where a projection repeats itself, are not.
    x, y : `numpy.ndarray`, (n,)
        Where they are, pixels.
    """
    center = wcs.pixelToSky(box.getCenter())
    radius = max(center.separation(wcs.pixelToSky(corner)).asRadians() for corner in box.getCorners())
    ra0, dec0 = center.getRa().asRadians(), center.getDec().asRadians()
    haversine = np.sin(0.5*(dec - dec0))**2 + np.cos(dec)*np.cos(dec0)*np.sin(0.5*(ra - ra0))**2
    # A distorted image may bulge past the circle through its corners. NaN is
    # not within it.
    near = np.flatnonzero(haversine <= np.sin(min(0.75*radius, 0.5*np.pi))**2)
    if not len(near):
        return near, np.zeros(0), np.zeros(0)
    x, y = wcs.skyToPixelArray(ra[near], dec[near])
    isIn = _isInBox(x, y, box)
    return near[isIn], x[isIn], y[isIn]


def findInPolygon(x: np.ndarray, y: np.ndarray, polygon: Polygon) -> np.ndarray:
    """Tell the positions inside a polygon.

    A position is inside if a ray from it crosses the edges an odd number of
    times.

    Parameters
    ----------
    x, y : `numpy.ndarray`, (n,)
        Positions.
    polygon : `lsst.afw.geom.Polygon`
        The polygon.

    Returns
    -------
    isIn : `numpy.ndarray`, (n,)
        Whether each position is inside, bool.
    """
    vertices = np.array([(vertex.getX(), vertex.getY()) for vertex in polygon.getVertices()])
    isIn = np.zeros(len(x), dtype=bool)
    for (x1, y1), (x2, y2) in zip(vertices, np.roll(vertices, -1, axis=0)):
        crossed = np.flatnonzero((y1 > y) != (y2 > y))
        isIn[crossed] ^= x[crossed] < x1 + (x2 - x1)*(y[crossed] - y1)/(y2 - y1)
    return isIn


def _isInBox(x: np.ndarray, y: np.ndarray, box: geom.Box2D) -> np.ndarray:
    return (x >= box.getMinX()) & (x < box.getMaxX()) & (y >= box.getMinY()) & (y < box.getMaxY())
