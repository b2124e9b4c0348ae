# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Put the results of the tiles of a survey together."""

__all__ = ["concatenateTiles"]

import lsst.afw.table as afwTable
from lsst.pipe.base import Struct

from .diaSourceMembers import sortMembers


def concatenateTiles(results):
    """Put the results of tiles together.

    Parameters
    ----------
    results : `list` [`lsst.pipe.base.Struct`]
        With ``diaObjects``, ``diaSources`` and ``nRejected``, as
        `DiaObjectMakerTask.run` returns them, and ``failed``, a list of data
        IDs.

    Returns
    -------
    result : `lsst.pipe.base.Struct`
        The same for all tiles.
    """
    diaObjects, diaSources = (_concatenateCatalogs([getattr(result, name) for result in results])
                              for name in ("diaObjects", "diaSources"))
    diaObjects.sort()
    reasons = {reason for result in results for reason in result.nRejected}
    failed = {str(dataId): dataId for result in results for dataId in result.failed}
    return Struct(
        diaObjects=diaObjects.copy(deep=True), diaSources=sortMembers(diaSources),
        nRejected={reason: sum(result.nRejected[reason] for result in results) for reason in reasons},
        failed=list(failed.values()))


def _concatenateCatalogs(catalogs):
    """Make one catalog of several of one schema."""
    whole = afwTable.SourceCatalog(catalogs[0].table)
    for catalog in catalogs:
        whole.extend(catalog, deep=True)
    return whole.copy(deep=True)
