# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Keys that combine several fields into one value."""

__all__ = ["FunctorKey", "addScalar"]

from ._field import Field


def addScalar(schema, typeString, name, doc, unit=""):
    """Add a scalar field without checking its units, as v23's functor keys do."""
    return schema._addField(Field[typeString]._make(name, doc, unit))


class FunctorKey:
    """A value made of several fields.

    Subclasses keep the keys of the fields in ``_keys``.
    """

    _keys = ()

    def isValid(self):
        """Are all keys valid?"""
        return all(key.isValid() for key in self._keys)

    def __eq__(self, other):
        if type(other) is not type(self):
            return NotImplemented
        return self._keys == other._keys

    def __hash__(self):
        return hash(self._keys)

    def _findIn(self, schema):
        raise TypeError("Functor keys cannot be looked up in a schema")
