# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""The fields of a schema and where they lie in a record; shared by equal schemas, never by different ones."""

__all__ = ["SchemaLayout"]

import bisect

import lsst.pex.exceptions as pexExceptions

from ._field import SchemaItem
from ._keys import KeyFlag
from ._types import ELEMENT_SIZES, FLAG_SIZE, VARIABLE_ARRAY_SIZE, VARIABLE_STRING_SIZE


def _fieldSize(field):
    """Return (alignment, size) in bytes that a field takes in a record of the real stack."""
    typeString = field.getTypeString()
    count = field.getElementCount()
    if typeString == "String":
        return (VARIABLE_STRING_SIZE,) * 2 if count == 0 else (1, count)
    if typeString.startswith("Array"):
        if count == 0:
            return (VARIABLE_ARRAY_SIZE,) * 2
        size = ELEMENT_SIZES[typeString[5:]]
        return size, size * count
    return (ELEMENT_SIZES[typeString],) * 2


class SchemaLayout:
    """Fields in order, with lookup by name and by key."""

    def __init__(self):
        self.items = []
        self.names = {}
        self.keys = {}
        self.recordSize = 0
        self.nFlags = 0
        self._flagOffset = None
        self._flagBit = 0
        self._starts = None

    def copy(self):
        """Return a copy that can be edited on its own."""
        other = SchemaLayout()
        other.items = list(self.items)
        other.names = dict(self.names)
        other.keys = dict(self.keys)
        other.recordSize = self.recordSize
        other.nFlags = self.nFlags
        other._flagOffset = self._flagOffset
        other._flagBit = self._flagBit
        return other

    def _align(self, size):
        self.recordSize += -self.recordSize % size

    def _makeKey(self, field):
        if field.getTypeString() == "Flag":
            if self._flagOffset is None or self._flagBit >= 8 * FLAG_SIZE:
                self._align(FLAG_SIZE)
                self._flagOffset, self._flagBit = self.recordSize, 0
                self.recordSize += FLAG_SIZE
            key = KeyFlag(self._flagOffset, self._flagBit)
            self._flagBit += 1
            self.nFlags += 1
            return key
        alignment, size = _fieldSize(field)
        self._align(alignment)
        key = field.keyClass(self.recordSize, field.getElementCount())
        self.recordSize += size
        return key

    def addField(self, field, doReplace):
        """Add a field, or with ``doReplace`` give new documentation to the one of this name."""
        name = field.getName()
        index = self.names.get(name)
        if index is not None:
            return self._replaceAt(index, field, doReplace)
        key = self._makeKey(field)
        self.names[name] = self.keys[key._id] = len(self.items)
        self.items.append(SchemaItem[field.getTypeString()](key, field))
        self._starts = None
        return key

    def _replaceAt(self, index, field, doReplace):
        item = self.items[index]
        name = field.getName()
        if not doReplace:
            raise pexExceptions.InvalidParameterError(f"Field with name '{name}' already present in schema.")
        if type(item.field) is not type(field):
            raise pexExceptions.TypeError(f"Cannot replace field with name '{name}' because types differ.")
        if item.field.getElementCount() != field.getElementCount():
            raise pexExceptions.TypeError(f"Cannot replace field with name '{name}' because sizes differ.")
        self.items[index] = type(item)(item.key, field)
        return item.key

    def replaceField(self, key, field):
        """Give the field of a key a new name, documentation and units."""
        index = self.keys.get(key._id)
        if index is None:
            raise pexExceptions.NotFoundError(f"{key} not found in Schema")
        other = self.names.get(field.getName(), index)
        if other != index:
            raise pexExceptions.InvalidParameterError(
                f"Field with name '{field.getName()}' already present in schema with a different key.")
        item = self.items[index]
        if type(item.field) is not type(field):
            raise pexExceptions.TypeError(f"Incorrect key type '{key}'.")
        del self.names[item.field.getName()]
        self.names[field.getName()] = index
        self.items[index] = type(item)(key, field)

    def findName(self, name):
        """Return the item of a name.

        Raises
        ------
        lsst.pex.exceptions.NotFoundError
            Raised if there is none.
        """
        index = self.names.get(name)
        if index is None:
            raise pexExceptions.NotFoundError(f"Field with name '{name}' not found in schema.")
        return self.items[index]

    def findKey(self, key):
        """Return the item of a key (of a whole field, not of an array's element)."""
        index = self.keys.get(key._id)
        if index is None:
            raise pexExceptions.NotFoundError(
                f"Field or subfield {key} not found with type '{key.typeString}'.")
        return self.items[index]

    def findContaining(self, offset):
        """Return the item whose bytes include an offset, or None; flags are not considered."""
        if self._starts is None:
            pairs = sorted((item.key._offset, i) for i, item in enumerate(self.items)
                           if item.key.typeString != "Flag")
            self._starts = [p[0] for p in pairs], [p[1] for p in pairs]
        offsets, indices = self._starts
        i = bisect.bisect_right(offsets, offset) - 1
        return self.items[indices[i]] if i >= 0 else None
