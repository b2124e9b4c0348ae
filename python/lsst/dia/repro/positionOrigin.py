# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Where the positions are from that forced photometry was made at."""

from __future__ import annotations

__all__ = ["DEFAULT_ORIGIN", "findOrigin", "storeOrigin"]

from lsst.afw.table import SourceCatalog
from lsst.daf.base import PropertyList

#: Key in the metadata of a catalog; no longer than a FITS header allows.
KEY = "POSITION"

#: Where positions are from unless the user gives others.
DEFAULT_ORIGIN = "reproDIAObjects"


def storeOrigin(catalog: SourceCatalog, origin: str) -> None:
    """Note in a catalog where its positions are from.

    Parameters
    ----------
    catalog : `lsst.afw.table.SourceCatalog`
        A ``forcedDIASource``; its metadata are replaced.
    origin : `str`
        Name of the file or dataset.
    """
    metadata = PropertyList()
    metadata.set(KEY, origin, "Where the positions are from")
    catalog.table.setMetadata(metadata)


def findOrigin(catalog: SourceCatalog) -> str:
    """Tell where the positions of a catalog are from.

    Parameters
    ----------
    catalog : `lsst.afw.table.SourceCatalog`
        A ``forcedDIASource``.

    Returns
    -------
    origin : `str`
        Name of the file or dataset.
    """
    metadata = catalog.table.getMetadata()
    if metadata is None or not metadata.exists(KEY):
        return DEFAULT_ORIGIN
    return metadata.getScalar(KEY)
