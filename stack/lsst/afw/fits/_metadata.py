# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Headers to `lsst.daf.base.PropertyList` and back."""

__all__ = ["cardsToMetadata", "entriesToMetadata", "metadataToCards", "combineMetadata", "valueFromText",
           "UNDEFINED"]

import logging
import math
import re

from lsst.daf.base import PropertyList

from ._cards import formatCards, iterCards
from ._error import FitsError
from ._keys import isKeyIgnored

_LOG = logging.getLogger("lsst.afw.fits")

_BOOL = re.compile("[tTfF]")
_INT = re.compile("[+-]?[0-9]+")
_FLOAT = re.compile(r"[+-]?([0-9]*\.?[0-9]+|[0-9]+\.?[0-9]*)([eE][+-]?[0-9]+)?")
_DEFINITION = re.compile(
    r" *(FITS \(Flexible Image Transport System\)|and Astrophysics', volume 376, page 359).*")
_NON_FINITE = {"NAN": math.nan, "+INFINITY": math.inf, "-INFINITY": -math.inf}
_INT64 = 2**63 - 1

UNDEFINED = object()
"""What `valueFromText` returns for an empty value."""


def valueFromText(key, text):
    """Convert the value text of a card to bool, int, float or str.

    Raises
    ------
    FitsError
        Raised if the text is none of these.
    """
    if not text:
        return UNDEFINED
    if text[0] == "'":
        if len(text) > 1 and text[-1] == "'":
            value = text[1:-1].rstrip(" ")
            return _NON_FINITE.get(value, value)
    elif _INT.fullmatch(text):
        return min(max(int(text), -_INT64 - 1), _INT64)
    elif _FLOAT.fullmatch(text):
        return float(text)
    elif _BOOL.fullmatch(text):
        return text in "tT"
    raise FitsError(f"Could not parse header value for key '{key}': '{text}'")


def _add(metadata, key, value, comment):
    """Add a value; a defined value wins over an undefined one, as arrays cannot hold both."""
    if metadata.exists(key):
        wasUndefined = metadata.isUndefined(key)
        if value is None and not wasUndefined:
            _LOG.warning("Dropping undefined value for key '%s'.", key)
            return
        if value is not None and wasUndefined:
            _LOG.warning("Replacing undefined value for key '%s'.", key)
            metadata.set(key, value, comment)
            return
    metadata.add(key, value, comment)


def cardsToMetadata(cards, strip=False):
    """Make a `PropertyList` of header cards.

    Parameters
    ----------
    cards : `list` [`str`]
        The cards of the header.
    strip : `bool`, optional
        Leave out the keys that belong to the file format and the standard two-line comment.

    Returns
    -------
    metadata : `lsst.daf.base.PropertyList`
        Typed values with their comments, in order; COMMENT and HISTORY collect their cards.
    """
    return entriesToMetadata(iterCards(cards), strip)


def entriesToMetadata(entries, strip=False):
    """Make a `PropertyList` of (key, value text, comment) as `iterCards` yields them."""
    metadata = PropertyList()
    for key, text, comment in entries:
        if strip and isKeyIgnored(key):
            continue
        value = valueFromText(key, text)
        if value is not UNDEFINED:
            if key not in metadata:
                metadata.addNew(key, value, comment)
                continue
            _add(metadata, key, value, comment)
        elif key == "HISTORY" or (key == "COMMENT" and not (strip and _DEFINITION.fullmatch(comment))):
            _add(metadata, key, comment, "")
        elif not key:
            _add(metadata, "COMMENT", comment, "")
        elif key != "COMMENT":
            _add(metadata, key, None, comment)
    return metadata


def _comment(metadata, name):
    return metadata.getComment(name) if isinstance(metadata, PropertyList) else ""


def metadataToCards(metadata):
    """Format a property list (or set) as header cards, without the keys the FITS layer writes itself."""
    ordered = isinstance(metadata, PropertyList)
    names = metadata.getOrderedNames() if ordered else metadata.paramNames(False)
    cards = []
    for name in names:
        if isKeyIgnored(name, write=True):
            continue
        if name != name.upper():
            _LOG.warning("Key '%s' may be standardized to uppercase '%s' on write.", name, name.upper())
        for value in metadata.getArray(name):
            if value is not None and not isinstance(value, (bool, int, float, str)):
                _LOG.warning("Unknown type '%s' for key '%s'.", type(value).__name__, name)
                continue
            cards += formatCards(name, value, _comment(metadata, name))
    return cards


def combineMetadata(first, second):
    """Combine two property lists; items of the second win, comments and history are appended.

    Parameters
    ----------
    first, second : `lsst.daf.base.PropertyList`
        Lists to combine; of array items other than COMMENT and HISTORY only the last value is kept.

    Returns
    -------
    combined : `lsst.daf.base.PropertyList`
        A new list. COMMENT and HISTORY items that are not strings are dropped.
    """
    combined = PropertyList()
    for source in (first, second):
        for name in source.getOrderedNames():
            if name in ("COMMENT", "HISTORY"):
                values = source.getArray(name)
                if all(isinstance(v, str) for v in values):
                    for value in values:
                        combined.add(name, value)
            else:
                combined.copy(name, source, name, True)
    return combined
