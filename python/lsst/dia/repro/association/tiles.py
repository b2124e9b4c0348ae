# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Tiles of the sky, so that a survey can be associated piece by piece, and their results put together."""

from __future__ import annotations

__all__ = ["SkyTile", "boundingCircle", "concatenateTiles", "findTiles", "placeOnSky"]

from collections.abc import Container

import lsst.afw.table as afwTable
import numpy as np
from lsst.pipe.base import Struct, TaskError
from lsst.sphgeom import Angle, Circle, HtmPixelization, UnitVector3d

from ..sky import separation, toVectors
from .diaSourceMembers import sortMembers
from .sourceTable import refuseSharedIds

#: Positions this close to an edge (radians) are looked up one by one.
EDGE = 1e-12


class SkyTile:
    """One pixel of the hierarchical triangular mesh.

    Parameters
    ----------
    level : `int`
        Level of the mesh; level 6 has tiles of about 1.5 degrees.
    index : `int`
        Index of the tile.

    Raises
    ------
    ValueError
        Raised if the mesh has no such tile.
    """

    def __init__(self, level: int, index: int) -> None:
        self.level = level
        self.index = index
        self._mesh = HtmPixelization(level)
        if not any(begin <= index < end for begin, end in self._mesh.universe()):
            raise ValueError(f"level {level} has no tile {index}")
        corners = np.array([[v.x(), v.y(), v.z()] for v in self._mesh.triangle(index).getVertices()])
        self._normals = np.cross(corners, np.roll(corners, -1, axis=0))
        self._normals /= np.linalg.norm(self._normals, axis=1)[:, np.newaxis]

    def __str__(self) -> str:
        return f"tile {self.index} of HTM level {self.level}"

    def depth(self, vectors: np.ndarray) -> np.ndarray:
        """Return how far positions lie inside the tile.

        Parameters
        ----------
        vectors : `numpy.ndarray`, (N, 3)
            Unit vectors.

        Returns
        -------
        depth : `numpy.ndarray`, (N,)
            Distance from the great circle of the nearest edge, radians;
            negative outside. Outside it is no more, in absolute value, than
            the distance from the tile.
        """
        return np.arcsin(np.clip((vectors @ self._normals.T).min(axis=1), -1, 1))

    def isWithin(self, vectors: np.ndarray, margin: float) -> np.ndarray:
        """Tell the positions in the tile or around it.

        Parameters
        ----------
        vectors : `numpy.ndarray`, (N, 3)
            Unit vectors.
        margin : `float`
            How far around it, radians.

        Returns
        -------
        isWithin : `numpy.ndarray`, (N,)
            bool; some that are farther from a corner than the margin are in,
            and none that are nearer are out.
        """
        return self.depth(vectors) > -margin

    def owns(self, vectors: np.ndarray) -> np.ndarray:
        """Tell the positions that belong to the tile.

        Parameters
        ----------
        vectors : `numpy.ndarray`, (N, 3)
            Unit vectors.

        Returns
        -------
        isOwn : `numpy.ndarray`, (N,)
            bool; every position belongs to exactly one tile of the mesh.
        """
        depth = self.depth(vectors)
        isOwn = depth > EDGE
        for i in np.flatnonzero(np.abs(depth) <= EDGE):
            isOwn[i] = self._mesh.index(UnitVector3d(*vectors[i])) == self.index
        return isOwn


def boundingCircle(vectors: np.ndarray) -> tuple[np.ndarray, float]:
    """Return a circle around positions.

    Parameters
    ----------
    vectors : `numpy.ndarray`, (N, 3)
        Unit vectors.

    Returns
    -------
    center : `numpy.ndarray`, (3,)
        Unit vector of their mean; NaN without positions.
    radius : `float`
        Distance of the farthest from it, radians; NaN without positions.
    """
    if not len(vectors):
        return np.full(3, np.nan), np.nan
    mean = vectors.mean(axis=0)
    length = np.linalg.norm(mean)
    # The mean of positions on opposite sides is nowhere.
    center = mean/length if length > 0 else vectors[0]
    return center, float(separation(vectors, center).max())


def findTiles(level: int, vectors: np.ndarray, margin: float = 0.0, known: Container[int] = ()) -> set[int]:
    """Return the tiles that have positions in them or around them.

    Parameters
    ----------
    level : `int`
        Level of the mesh.
    vectors : `numpy.ndarray`, (N, 3)
        Unit vectors of the positions.
    margin : `float`, optional
        How far around a tile a position counts, radians.
    known : container [`int`], optional
        Tiles that need not be looked at.

    Returns
    -------
    indices : `set` [`int`]
        Indices of the tiles but for those that are known.
    """
    if not len(vectors):
        return set()
    center, radius = boundingCircle(vectors)
    margin += EDGE
    circle = Circle(UnitVector3d(*center), Angle(min(radius + margin, np.pi)))
    near = (index for begin, end in HtmPixelization(level).envelope(circle) for index in range(begin, end))
    return {index for index in near
            if index not in known and SkyTile(level, index).isWithin(vectors, margin).any()}


def placeOnSky(catalog: afwTable.SourceCatalog) -> np.ndarray:
    """Return a unit vector for every source, even one without a position.

    Parameters
    ----------
    catalog : `lsst.afw.table.SourceCatalog`, (N,)
        Sources of one exposure.

    Returns
    -------
    vectors : `numpy.ndarray`, (N, 3)
        Unit vectors; where a position is not finite, that of the mean of the
        others, or the north pole if there are none.
    """
    vectors = toVectors(np.array(catalog["coord_ra"]), np.array(catalog["coord_dec"]))
    isPlaced = np.isfinite(vectors).all(axis=1)
    if not isPlaced.all():
        vectors[~isPlaced] = boundingCircle(vectors[isPlaced])[0] if isPlaced.any() else [0.0, 0.0, 1.0]
    return vectors


def concatenateTiles(results: list[Struct]) -> Struct:
    """Put the results of tiles together.

    Parameters
    ----------
    results : `list` [`lsst.pipe.base.Struct`]
        With ``diaObjects``, ``diaSources`` and ``nRejected``, as
        `DiaAssociationTask.run` returns them.

    Returns
    -------
    result : `lsst.pipe.base.Struct`
        The same for all tiles.

    Raises
    ------
    lsst.pipe.base.TaskError
        Raised if a DIAObject or DIASource is in the results of two tiles, or
        DIASources of two exposures have one id.
    """
    diaObjects, diaSources = (_concatenateCatalogs([getattr(result, name) for result in results])
                              for name in ("diaObjects", "diaSources"))
    refuseSharedIds(diaSources, np.asarray(diaSources["isAmbiguous"]))
    ids, count = np.unique(diaObjects["id"], return_counts=True)
    if (count > 1).any():
        raise TaskError(f"DIAObject id {ids[count > 1][0]} and {(count > 1).sum() - 1} more are of two "
                        "tiles, whose results are of different runs: make all tiles again")
    diaObjects.sort()
    reasons = {reason for result in results for reason in result.nRejected}
    return Struct(
        diaObjects=diaObjects.copy(deep=True), diaSources=sortMembers(diaSources),
        nRejected={reason: sum(result.nRejected[reason] for result in results) for reason in reasons})


def _concatenateCatalogs(catalogs: list[afwTable.SourceCatalog]) -> afwTable.SourceCatalog:
    """Make one catalog of several of one schema."""
    whole = afwTable.SourceCatalog(catalogs[0].table)
    for catalog in catalogs:
        whole.extend(catalog, deep=True)
    return whole.copy(deep=True)
