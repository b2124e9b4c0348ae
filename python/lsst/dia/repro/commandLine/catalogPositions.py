# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""The positions of a catalog in a repository, read once a process."""

from __future__ import annotations

__all__ = ["readCatalogPositions", "readDiaObjects"]

from collections.abc import Callable

import lsst.afw.table as afwTable
from lsst.daf.persistence import Butler
from lsst.pipe.base import TaskError

from ..describeError import describeError
from ..fileState import FileState, findState
from ..provenance import DIA_OBJECTS
from ..skyPositions import SkyPositions

#: The path and state of the last catalog, and its positions; processes inherit them.
_last: tuple[tuple[str, FileState], SkyPositions] | None = None


def readCatalogPositions(path: str, read: Callable[[], afwTable.SourceCatalog]) -> SkyPositions:
    """Return the positions of a catalog, from memory if its file has not changed.

    Parameters
    ----------
    path : `str`
        Where the catalog is.
    read : callable
        Reads it.

    Returns
    -------
    positions : `SkyPositions`
        Positions, sorted for searches.
    """
    global _last
    state = findState(path)
    if state is not None and _last is not None and _last[0] == (path, state):
        return _last[1]
    positions = SkyPositions.fromCatalog(read())
    positions.buildIndex()
    # A file that was replaced while it was read has another state next time.
    _last = ((path, state), positions) if state is not None else None
    return positions


def readDiaObjects(butler: Butler) -> SkyPositions:
    """Read where the DIAObjects of a repository are, or return what was read before.

    Parameters
    ----------
    butler : `lsst.daf.persistence.Butler`
        Where ``reproDIAObjects`` is.

    Returns
    -------
    positions : `SkyPositions`
        Positions of all DIAObjects.

    Raises
    ------
    lsst.pipe.base.TaskError
        Raised if they cannot be read; the message names the file.
    """
    path = ""
    try:
        path = butler.getUri(DIA_OBJECTS)
        return readCatalogPositions(path, lambda: butler.get(
            DIA_OBJECTS, immediate=True, flags=afwTable.SOURCE_IO_NO_FOOTPRINTS))
    except Exception as error:
        raise TaskError(f"Cannot read {DIA_OBJECTS} {path}: {describeError(error)}") from error
