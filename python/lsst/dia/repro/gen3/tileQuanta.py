# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Tiles of the sky as dimensions of datasets and quanta."""

from __future__ import annotations

__all__ = ["TileLevelConfig", "addNearbyImages", "addNearbyTiles", "tileDimension", "useTiles"]

import dataclasses
from collections.abc import Iterable, Sequence

import lsst.pex.config as pexConfig
import numpy as np
from lsst.daf.butler import Butler, DataCoordinate
from lsst.pipe.base import PipelineTaskConnections, QuantaAdjuster

from ..association.tiles import SkyTile


class TileLevelConfig(pexConfig.Config):
    """Options of tasks that read tables of tiles."""

    tileLevel = pexConfig.RangeField(
        dtype=int, default=None, optional=True, min=0, max=14, inclusiveMax=True,
        doc="Level of the hierarchical triangular mesh whose tiles the DIAObjects are of; None if one table "
            "has them all.",
    )


def tileDimension(level: int) -> str:
    """Return the name of the butler's dimension of the tiles of a level."""
    return f"htm{level}"


def useTiles(connections: PipelineTaskConnections, names: Sequence[str], level: int,
             isMultiple: bool) -> None:
    """Let connections be of datasets of which each tile has one.

    Parameters
    ----------
    connections : `lsst.pipe.base.PipelineTaskConnections`
        The connections of a task.
    names : sequence [`str`]
        Those that change.
    level : `int`
        Level of the hierarchical triangular mesh.
    isMultiple : `bool`
        Does a quantum have those of several tiles?
    """
    for name in names:
        connection = getattr(connections, name)
        dimensions = {*connection.dimensions, tileDimension(level)}
        setattr(connections, name,
                dataclasses.replace(connection, dimensions=dimensions, multiple=isMultiple))


def addNearbyImages(adjuster: QuantaAdjuster, names: Sequence[str], level: int, margin: float) -> None:
    """Give the quanta of tiles the data of all images near them.

    The butler gives those of images that overlap the tile.

    Parameters
    ----------
    adjuster : `lsst.pipe.base.QuantaAdjuster`
        Has the quanta.
    names : sequence [`str`]
        Input connections with a dataset an image.
    level : `int`
        Level of the tiles.
    margin : `float`
        How near, radians.
    """
    quanta = list(adjuster.iter_data_ids())
    inputs = {quantum: adjuster.get_inputs(quantum) for quantum in quanta}
    for name in names:
        images = _union(each[name] for each in inputs.values())
        centers, radii = _findCircles(adjuster.butler, images)
        for quantum in quanta:
            isNear = _isNear(level, quantum, centers, radii + margin)
            for image in _others(images, isNear, inputs[quantum][name]):
                adjuster.add_input(quantum, name, image)


def addNearbyTiles(adjuster: QuantaAdjuster, name: str, level: int, margin: float) -> None:
    """Give the quanta of images the tables of all tiles near them.

    Parameters
    ----------
    adjuster : `lsst.pipe.base.QuantaAdjuster`
        Has the quanta.
    name : `str`
        Input connection with a dataset a tile.
    level : `int`
        Level of the tiles.
    margin : `float`
        How near, radians.
    """
    quanta = list(adjuster.iter_data_ids())
    inputs = {quantum: adjuster.get_inputs(quantum)[name] for quantum in quanta}
    tiles = _union(inputs.values())
    centers, radii = _findCircles(adjuster.butler, quanta)
    isNear = np.array([_isNear(level, tile, centers, radii + margin) for tile in tiles])
    for number, quantum in enumerate(quanta):
        for tile in _others(tiles, isNear[:, number], inputs[quantum]):
            adjuster.add_input(quantum, name, tile)


def _union(dataIds: Iterable[Iterable[DataCoordinate]]) -> list[DataCoordinate]:
    return list(dict.fromkeys(dataId for each in dataIds for dataId in each))


def _others(candidates: Sequence[DataCoordinate], isWanted: np.ndarray,
            present: Iterable[DataCoordinate]) -> list[DataCoordinate]:
    """Return the data IDs that are wanted and not yet there."""
    known = set(present)
    return [dataId for dataId, wants in zip(candidates, isWanted) if wants and dataId not in known]


def _isNear(level: int, tile: DataCoordinate, centers: np.ndarray, radii: np.ndarray) -> np.ndarray:
    """Tell which circles touch a tile; some that come close to a corner count, too."""
    return SkyTile(level, tile[tileDimension(level)]).depth(centers) > -radii


def _findCircles(butler: Butler, dataIds: Sequence[DataCoordinate]) -> tuple[np.ndarray, np.ndarray]:
    """Return unit vectors, (N, 3), and radii, (N,), radians, of circles around images."""
    with butler.query() as query:
        records = query.join_data_coordinates(dataIds).dimension_records("visit_detector_region")
        circles = {record.dataId: record.region.getBoundingCircle() for record in records}
    found = [circles[dataId] for dataId in dataIds]
    centers = np.array([[*circle.getCenter()] for circle in found]).reshape(-1, 3)
    return centers, np.array([circle.getOpeningAngle().asRadians() for circle in found])
