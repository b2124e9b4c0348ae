# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""A header as one string, for libraries that parse FITS cards."""

__all__ = ["makeLimitedFitsHeader"]

import logging
import math

from lsst.daf.base import PropertyList

_LOG = logging.getLogger("lsst.afw.fits")


def _float(value, digits):
    if math.isnan(value):
        _LOG.warning("Found NaN in metadata; written as undefined.")
        return " "
    return f"{value:#20.{digits}G}"


def _card(name, value, isSingle):
    head = f"{name:<8}= "
    if isinstance(value, bool):
        return head + ("T" if value else "F")
    if isinstance(value, int):
        return head + f"{value:20d}"
    if isinstance(value, float):
        return head + _float(value, 15 if isSingle else 17)
    if isinstance(value, str):
        return head + "'" + value + "'"
    return head + " "


def makeLimitedFitsHeader(metadata, excludeNames=()):
    """Format metadata as FITS cards with simplifying assumptions.

    Parameters
    ----------
    metadata : `lsst.daf.base.PropertySet`
        Metadata; only the last value of an array is used.
    excludeNames : `set` [`str`], optional
        Names to leave out.

    Returns
    -------
    header : `str`
        80 characters for each item; names longer than 8 characters and strings that do not fit into a card
        are left out.
    """
    ordered = isinstance(metadata, PropertyList)
    names = metadata.getOrderedNames() if ordered else metadata.paramNames(False)
    cards = []
    for fullName in names:
        name = fullName.rpartition(".")[2]
        if fullName in excludeNames or len(name) > 8:
            continue
        value = metadata.getScalar(fullName)
        isSingle = isinstance(value, float) and metadata.typeOf(fullName) == PropertyList.TYPE_Float
        card = _card(name, value, isSingle)
        if len(card) <= 80:
            cards.append(card.ljust(80))
    return "".join(cards)
