# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""The regions of the sky that a Gen3 repository says images cover."""

from __future__ import annotations

__all__ = ["enclose", "enclosePadded", "findOutline"]

from collections.abc import Iterable

import numpy as np
from lsst.afw.geom import SkyWcs
from lsst.geom import Box2D, Box2I, Point2D
from lsst.sphgeom import ConvexPolygon, UnitVector3d

#: Positions along each side of an image, since it may be bent on the sky.
SIDE_POSITIONS = 5


def findOutline(wcs: SkyWcs, box: Box2I) -> np.ndarray:
    """Return where the sides of an image lie.

    Parameters
    ----------
    wcs : `lsst.afw.geom.SkyWcs`
        WCS of the image.
    box : `lsst.geom.Box2I`
        Its bounding box.

    Returns
    -------
    vectors : `numpy.ndarray`, (N, 3)
        Unit vectors of positions along the sides; NaN where they are not on
        the sky.
    """
    edges = Box2D(box)
    x, y = (np.linspace(low, high, SIDE_POSITIONS) for low, high in zip(edges.getMin(), edges.getMax()))
    outline = {*((side, place) for side in (x[0], x[-1]) for place in y),
               *((place, side) for side in (y[0], y[-1]) for place in x)}
    return np.array([list(position.getVector())
                     for position in wcs.pixelToSky([Point2D(*place) for place in sorted(outline)])])


def enclosePadded(vectors: np.ndarray, padding: float) -> ConvexPolygon:
    """Return a region that holds positions and all that is near them.

    Parameters
    ----------
    vectors : `numpy.ndarray`, (N, 3)
        Unit vectors, N > 0.
    padding : `float`
        How far around them the region reaches at least, radians; positive.

    Returns
    -------
    region : `lsst.sphgeom.ConvexPolygon`
        What lies between two positions is in it, too.

    Raises
    ------
    ValueError
        Raised if the positions do not fit into a hemisphere.
    """
    # On the plane that touches the sphere at a position great circles are straight, and a square around
    # the circle of the padding has it inside.
    pole = np.where(np.abs(vectors[:, 2:]) < 0.9, [0.0, 0.0, 1.0], [1.0, 0.0, 0.0])
    east = np.cross(pole, vectors)
    east *= np.tan(padding)/np.linalg.norm(east, axis=1, keepdims=True)
    north = np.cross(vectors, east)
    corners = np.concatenate([vectors + x*east + y*north for x in (-1, 1) for y in (-1, 1)])
    return ConvexPolygon([UnitVector3d(*corner) for corner in corners])


def enclose(regions: Iterable[ConvexPolygon]) -> ConvexPolygon:
    """Return a region that holds others.

    Parameters
    ----------
    regions : iterable [`lsst.sphgeom.ConvexPolygon`]
        The regions.

    Returns
    -------
    region : `lsst.sphgeom.ConvexPolygon`
        What lies between them is in it, too.

    Raises
    ------
    ValueError
        Raised if they do not fit into a hemisphere.
    """
    return ConvexPolygon([vertex for region in regions for vertex in region.getVertices()])
