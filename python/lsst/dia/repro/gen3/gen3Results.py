# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""The datasets that the pipelines wrote, those of tiles as one."""

from __future__ import annotations

__all__ = ["ASSOCIATED", "TILE", "findRefs", "readTiles"]

from lsst.afw.table import SourceCatalog
from lsst.daf.butler import Butler, DataCoordinate, DatasetRef, MissingDatasetTypeError
from lsst.pipe.base import Struct

from ..association.tiles import concatenateTiles

#: What association calls its catalogs, by their dataset types.
ASSOCIATED = {"reproDIAObjects": "diaObjects", "reproDIASources": "diaSources"}

#: What the names of dataset types end with that there is one of a tile.
TILE = "_tile"


def findRefs(butler: Butler, name: str) -> list[DatasetRef]:
    """Find the datasets of a type, which the repository need not know.

    Parameters
    ----------
    butler : `lsst.daf.butler.Butler`
        Butler with collections.
    name : `str`
        Name of the dataset type.

    Returns
    -------
    refs : `list` [`lsst.daf.butler.DatasetRef`]
        References to them.
    """
    try:
        return butler.query_datasets(name, limit=None, explain=False)
    except MissingDatasetTypeError:
        return []


def readTiles(butler: Butler, name: str) -> SourceCatalog:
    """Read the catalogs of all tiles, put together as the Gen2 command does.

    Parameters
    ----------
    butler : `lsst.daf.butler.Butler`
        Butler with collections.
    name : `str`
        One of `ASSOCIATED`.

    Returns
    -------
    catalog : `lsst.afw.table.SourceCatalog`
        All of it.

    Raises
    ------
    lsst.pipe.base.TaskError
        Raised if two tiles are of different runs.
    """
    tiles: dict[DataCoordinate, dict[str, SourceCatalog]] = {}
    for one, part in ASSOCIATED.items():
        for ref in findRefs(butler, one + TILE):
            tiles.setdefault(ref.dataId, {})[part] = butler.get(ref)
    whole = concatenateTiles([Struct(**parts, nRejected={}) for parts in tiles.values()])
    return getattr(whole, ASSOCIATED[name])
