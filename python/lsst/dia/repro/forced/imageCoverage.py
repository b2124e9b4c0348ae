# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Which positions on the sky an image covers."""

from __future__ import annotations

__all__ = ["Coverage", "coverWithCircle", "findInPolygon", "findPositionsIn"]

import lsst.geom as geom
import numpy as np
from lsst.afw.geom import Polygon, SkyWcs
from lsst.afw.image import ExposureF

from ..skyPositions import SkyCircle, SkyPositions


class Coverage:
    """The objects that lie on an image or near it.

    Parameters
    ----------
    positions : `SkyPositions`
        Positions of all objects.
    exposure : `lsst.afw.image.Exposure`
        The image, with WCS.
    margin : `float`
        How far beyond the edge objects count as near, pixels.

    Attributes
    ----------
    circle : `SkyCircle`
        Where on the sky objects are looked for; the others have no part in
        anything.
    index : `numpy.ndarray`, (n,)
        Which objects are near, in their order.
    id : `numpy.ndarray`, (n,)
        Their ids, int64.
    ra, dec : `numpy.ndarray`, (n,)
        Their positions on the sky, radians.
    x, y : `numpy.ndarray`, (n,)
        Their pixel positions, in the parent frame.
    isInside : `numpy.ndarray`, (n,)
        Whether they are on a pixel of the image and inside the polygon of its
        valid pixels, if it has one.
    """

    def __init__(self, positions: SkyPositions, exposure: ExposureF, margin: float) -> None:
        box = geom.Box2D(exposure.getBBox())
        near = geom.Box2D(box)
        near.grow(margin)
        self.circle = coverWithCircle(exposure.getWcs(), near)
        self.index, self.x, self.y = findPositionsIn(positions, exposure.getWcs(), near)
        self.id = positions.id[self.index]
        self.ra, self.dec = positions.ra[self.index], positions.dec[self.index]
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


def coverWithCircle(wcs: SkyWcs, box: geom.Box2D) -> SkyCircle:
    """Return a circle on the sky that covers a box of pixels.

    Parameters
    ----------
    wcs : `lsst.afw.geom.SkyWcs`
        WCS of the image.
    box : `lsst.geom.Box2D`
        Outer edges of the pixels.

    Returns
    -------
    circle : `SkyCircle`
        The circle.
    """
    center = wcs.pixelToSky(box.getCenter())
    radius = max(center.separation(wcs.pixelToSky(corner)).asRadians() for corner in box.getCorners())
    # A distorted image may bulge past the circle through its corners.
    return SkyCircle(center.getRa().asRadians(), center.getDec().asRadians(), min(1.5*radius, np.pi))


def findPositionsIn(positions: SkyPositions, wcs: SkyWcs,
                    box: geom.Box2D) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Find the positions that fall into a box of pixels.

    Parameters
    ----------
    positions : `SkyPositions`
        Positions on the sky; one that is not finite is nowhere.
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
    near = positions.near(coverWithCircle(wcs, box))
    if not len(near):
        return near, np.zeros(0), np.zeros(0)
    x, y = wcs.skyToPixelArray(positions.ra[near], positions.dec[near])
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
