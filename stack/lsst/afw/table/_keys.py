# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Keys: typed handles to the fields of a schema."""

__all__ = [
    "Key", "KeyB", "KeyU", "KeyI", "KeyL", "KeyF", "KeyD", "KeyAngle", "KeyString", "KeyFlag",
    "KeyArrayB", "KeyArrayU", "KeyArrayI", "KeyArrayF", "KeyArrayD",
]

import operator

import numpy as np
from lsst.utils import TemplateMeta

import lsst.geom
import lsst.pex.exceptions as pexExceptions

from ._types import DTYPE_KEYS, ELEMENT_DTYPES, ELEMENT_SIZES


class KeyBase:
    """What all keys share: type, offset and number of elements in a record.

    Two keys are equal if they have the same type and point to the same place in a record.
    """

    __slots__ = ("_id", "_offset", "_count", "_valid")

    typeString = None

    def __init__(self, _offset=None, _count=1):
        self._valid = _offset is not None
        self._offset = _offset if self._valid else 0
        self._count = _count
        self._id = (self.typeString, self._offset if self._valid else -1, self._count)

    @classmethod
    def getTypeString(cls):
        """Return the letter or name of the field type."""
        return cls.typeString

    def isValid(self):
        """Was the key obtained from a schema (and not default-constructed)?"""
        return self._valid

    def getOffset(self):
        """Return the offset in bytes of the field in a record of the real stack."""
        return self._offset

    def getElementCount(self):
        """Return the number of elements."""
        return self._count

    @property
    def subfields(self):
        """Names of subfields; None for scalars."""
        return None

    @property
    def subkeys(self):
        """Keys of subfields; None for scalars."""
        return None

    def get(self, record):
        """Return the field's value in a record."""
        return self._fromElement(record._table._columnOf(self)[record._row])

    def set(self, record, value):
        """Set the field's value in a record."""
        record._table._columnOf(self)[record._row] = self._toElement(value)

    def __eq__(self, other):
        if not isinstance(other, KeyBase):
            return NotImplemented
        return self._id == other._id

    def __hash__(self):
        return hash(self._id)

    def __str__(self):
        return f"Key<{self.typeString}>(offset={self._offset}, nElements={self._count})"

    __repr__ = __str__

    def __reduce__(self):
        return type(self), ((self._offset if self._valid else None), self._count)

    # Schema and SchemaMapper let the key do what depends on its type, as v23 does.

    def _findIn(self, schema):
        return schema._findKey(self)

    def _addMappingTo(self, mapper, output, doReplace):
        return mapper._addMapping(self, output, doReplace)


class _IntegerKey(KeyBase):
    __slots__ = ()

    @staticmethod
    def _fromElement(element):
        return int(element)

    def _toElement(self, value):
        if isinstance(value, (float, np.floating)):
            raise TypeError(f"Cannot set a field of type {self.typeString} to {value!r}")
        value = operator.index(value)
        info = np.iinfo(ELEMENT_DTYPES[self.typeString])
        if not info.min <= value <= info.max:
            raise TypeError(f"{value} does not fit into a field of type {self.typeString}")
        return value


class _RealKey(KeyBase):
    __slots__ = ()

    @staticmethod
    def _fromElement(element):
        return float(element)

    def _toElement(self, value):
        if isinstance(value, (str, bytes, lsst.geom.Angle)):
            raise TypeError(f"Cannot set a field of type {self.typeString} to {value!r}")
        return float(value)


class KeyB(_IntegerKey):
    """Key of an unsigned 8-bit field."""

    __slots__ = ()
    typeString = "B"


class KeyU(_IntegerKey):
    """Key of an unsigned 16-bit field."""

    __slots__ = ()
    typeString = "U"


class KeyI(_IntegerKey):
    """Key of a 32-bit field."""

    __slots__ = ()
    typeString = "I"


class KeyL(_IntegerKey):
    """Key of a 64-bit field."""

    __slots__ = ()
    typeString = "L"


class KeyF(_RealKey):
    """Key of a single-precision field."""

    __slots__ = ()
    typeString = "F"


class KeyD(_RealKey):
    """Key of a double-precision field."""

    __slots__ = ()
    typeString = "D"


class KeyAngle(KeyBase):
    """Key of an angle; columns of it are in radians."""

    __slots__ = ()
    typeString = "Angle"

    @staticmethod
    def _fromElement(element):
        return lsst.geom.Angle(float(element))

    @staticmethod
    def _toElement(value):
        if not isinstance(value, lsst.geom.Angle):
            raise TypeError(f"Cannot set a field of type Angle to {value!r}")
        return value.asRadians()


class KeyString(KeyBase):
    """Key of a string of limited length, or of any length if the size is 0."""

    __slots__ = ()
    typeString = "String"

    def getSize(self):
        """Return the maximum length, 0 for any length."""
        return self._count

    def isVariableLength(self):
        """Can the string have any length?"""
        return self._count == 0

    @staticmethod
    def _fromElement(element):
        if isinstance(element, bytes):
            return element.decode("utf-8", errors="replace")
        return "" if element is None else element

    def _toElement(self, value):
        if isinstance(value, bytes):
            value = value.decode("utf-8")
        if not isinstance(value, str):
            raise TypeError(f"Cannot set a field of type String to {value!r}")
        if self._count == 0:
            return value
        data = value.encode("utf-8")
        if len(data) > self._count:
            raise pexExceptions.LengthError(
                f"String ({len(data)}) is too large for field ({self._count}).")
        return data.split(b"\0", 1)[0]


class KeyFlag(KeyBase):
    """Key of a flag, one bit of an integer that several flags share."""

    __slots__ = ("_bit",)
    typeString = "Flag"

    def __init__(self, _offset=None, _bit=0):
        super().__init__(_offset)
        self._bit = _bit
        self._id = ("Flag", self._offset if self._valid else -1, _bit)

    def getBit(self):
        """Return the number of the bit."""
        return self._bit

    @staticmethod
    def _fromElement(element):
        return bool(element)

    @staticmethod
    def _toElement(value):
        if isinstance(value, (str, bytes)):
            raise TypeError(f"Cannot set a field of type Flag to {value!r}")
        return bool(value)

    def __str__(self):
        return f"Key['Flag'](offset={self._offset}, bit={self._bit})"

    __repr__ = __str__

    def __reduce__(self):
        return type(self), ((self._offset if self._valid else None), self._bit)


class _ArrayKeyBase(KeyBase):
    """Key of an array of fixed size, or of any size if the size is 0."""

    __slots__ = ()
    elementKey = None

    def __init__(self, _offset=None, _count=0):
        super().__init__(_offset, _count)

    def getSize(self):
        """Return the number of elements, 0 for any number."""
        return self._count

    def isVariableLength(self):
        """Can every record have an array of its own length?"""
        return self._count == 0

    @property
    def subfields(self):
        """Indices of the elements."""
        return tuple(range(self._count))

    @property
    def subkeys(self):
        """Keys of the elements."""
        return tuple(self[i] for i in range(self._count))

    def __getitem__(self, index):
        if isinstance(index, slice):
            start, stop, step = index.indices(self._count)
            if step != 1:
                raise pexExceptions.InvalidParameterError("Step for array Key indexing must be 1.")
            return self.slice(start, stop)
        if self._count == 0:
            raise pexExceptions.LogicError("Cannot get Keys to elements of variable-length arrays.")
        index = operator.index(index)
        if not 0 <= index < self._count:
            raise pexExceptions.LengthError("Array key index out of range.")
        return self.elementKey(self._offset + index * self._elementSize())

    def slice(self, begin, end):
        """Return a key to a range of elements."""
        if self._count == 0:
            raise pexExceptions.LogicError("Cannot get Keys to slices of variable-length arrays.")
        if not 0 <= begin <= self._count:
            raise pexExceptions.LengthError("Array key begin index out of range.")
        if not 0 <= end <= self._count:
            raise pexExceptions.LengthError("Array key end index out of range.")
        return type(self)(self._offset + begin * self._elementSize(), end - begin)

    def _elementSize(self):
        return ELEMENT_SIZES[self.elementKey.typeString]

    def _fromElement(self, element):
        return element if element is not None else self._empty()

    def _empty(self):
        return np.zeros(0, ELEMENT_DTYPES[self.elementKey.typeString])

    def set(self, record, value):
        """Set the array in a record: copied into a fixed-size field, shared by a variable-length one."""
        column = record._table._columnOf(self)
        dtype = ELEMENT_DTYPES[self.elementKey.typeString]
        if self._count == 0:
            array = np.asarray(value)
            if array.dtype != dtype:
                array = np.array(value, dtype=dtype)
            if array.ndim != 1:
                raise TypeError("An array field needs a one-dimensional array")
            column[record._row] = array
            return
        array = np.asarray(value)
        if array.ndim != 1 or array.dtype.kind not in "biuf":
            raise TypeError(f"Cannot set a field of type {self.typeString} to {value!r}")
        if len(array) != self._count:
            raise pexExceptions.LengthError(f"Array sizes do not agree: {len(array)} != {self._count}")
        column[record._row] = array


class KeyArrayB(_ArrayKeyBase):
    """Key of an array of unsigned 8-bit integers."""

    __slots__ = ()
    typeString = "ArrayB"
    elementKey = KeyB


class KeyArrayU(_ArrayKeyBase):
    """Key of an array of unsigned 16-bit integers."""

    __slots__ = ()
    typeString = "ArrayU"
    elementKey = KeyU


class KeyArrayI(_ArrayKeyBase):
    """Key of an array of 32-bit integers."""

    __slots__ = ()
    typeString = "ArrayI"
    elementKey = KeyI


class KeyArrayF(_ArrayKeyBase):
    """Key of an array of single-precision numbers."""

    __slots__ = ()
    typeString = "ArrayF"
    elementKey = KeyF


class KeyArrayD(_ArrayKeyBase):
    """Key of an array of double-precision numbers."""

    __slots__ = ()
    typeString = "ArrayD"
    elementKey = KeyD


class Key(metaclass=TemplateMeta):
    """The key classes by type: ``Key["D"]``, ``Key[float]``, ``Key["Flag"]``, ``Key["ArrayF"]``..."""


for _cls in (KeyB, KeyU, KeyI, KeyL, KeyF, KeyD, KeyString, KeyAngle, KeyArrayB, KeyArrayU, KeyArrayI,
             KeyArrayF, KeyArrayD, KeyFlag):
    _name = _cls.typeString
    Key.register(DTYPE_KEYS.get(_name, _name), _cls)
    if _name in DTYPE_KEYS:
        Key.alias(_name, _cls)
Key.alias(float, KeyD)
