# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Location strings with ``%(key)`` place holders."""

__all__ = ["LogicalLocation"]

import re

import lsst.pex.exceptions

_PLACE_HOLDER = re.compile(r"(%.*?)\((\w+?)\)")


class LogicalLocation:
    """A location string whose place holders are filled in.

    Parameters
    ----------
    locString : `str`
        Location. ``%(key)``, or ``%04d(key)`` for an integer, stands for the value of a key.
    additionalData : `lsst.daf.base.PropertySet`, optional
        Values of keys that the location map does not have.

    Raises
    ------
    lsst.pex.exceptions.RuntimeError
        A key has no value.
    """

    _map = None

    def __init__(self, locString, additionalData=None):
        sources = [source for source in (LogicalLocation._map, additionalData) if source is not None]
        self._locString = _PLACE_HOLDER.sub(lambda match: _fill(match, sources), locString)

    def locString(self):
        """Return the location with values in place of the keys."""
        return self._locString

    @staticmethod
    def setLocationMap(map):
        """Set the values that go before those of any ``additionalData``.

        Parameters
        ----------
        map : `lsst.daf.base.PropertySet`
            Values of keys.
        """
        LogicalLocation._map = map


def _fill(match, sources):
    form, key = match.groups()
    for source in sources:
        if source.exists(key):
            value = source.getScalar(key)
            return form % value if isinstance(value, int) and form != "%" else str(value)
    raise lsst.pex.exceptions.RuntimeError(f"Unknown substitution: {key}")
