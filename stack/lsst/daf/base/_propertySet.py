# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""A typed, hierarchical mapping of names to one or more values."""

__all__ = ["PropertySet"]

import numbers
from collections.abc import Mapping, Sequence

import numpy as np

from lsst.pex.exceptions import InvalidParameterError, NotFoundError
from lsst.pex.exceptions import TypeError as LsstTypeError

from ._dateTime import DateTime
from ._propertyContainer import getPropertySetState, makePropertySet
from ._propertyItem import PropertyItem
from ._propertyMapping import MappingProtocol
from ._propertyTypedAccess import TYPES, TypedAccess
from ._propertyTypes import CONVERTERS, formatValue, guessIntegerType


def _listOf(value):
    """Return the values of a scalar or a sequence as a list."""
    if isinstance(value, (str, bytes, PropertySet)) or np.ndim(value) == 0:
        return [value]
    if isinstance(value, np.ndarray):
        return value.tolist()
    if isinstance(value, Sequence):
        return list(value)
    return [value]


class PropertySet(TypedAccess, MappingProtocol):
    """A mapping of names to values that remembers the C++ type of the values.

    Parameters
    ----------
    flat : `bool`, optional
        If True, a dot in a name is part of the name. Otherwise the name ``a.b`` means the item ``b`` in the
        nested `PropertySet` ``a``, and setting it makes the nested one if needed.

    Notes
    -----
    For each type (``Bool``, ``Short``, ``Int``, ``Long``, ``LongLong``, ``UnsignedLongLong``, ``Float``,
    ``Double``, ``String``, ``DateTime``, ``Undef`` and ``PropertySet``) there is a method ``setX`` that
    replaces an item by a value or a list of values of that type, ``addX`` that appends to it, ``getX`` that
    returns the last value or a default, ``getArrayX`` that returns the list of values, and a constant
    ``TYPE_X`` that `typeOf` returns. They raise
    `lsst.pex.exceptions.TypeError` if the item has another type, and `TypeError` if a value does not fit.
    """

    __hash__ = None

    def __init__(self, flat=False):
        self._flat = bool(flat)
        self._map = {}

    # Access to items

    def _find(self, name):
        """Return the item of a possibly dotted name, or `None`."""
        if self._flat or "." not in name:
            return self._map.get(name)
        prefix, suffix = name.split(".", 1)
        item = self._map.get(prefix)
        if item is None or item.suffix != "PropertySet":
            return None
        return item.values[-1]._find(suffix)

    def _require(self, name):
        item = self._find(name)
        if item is None:
            raise NotFoundError(f"{name} not found")
        return item

    def exists(self, name):
        """Return whether a possibly dotted name exists (`bool`)."""
        return self._find(name) is not None

    def isArray(self, name):
        """Return whether a name exists and has more than one value (`bool`)."""
        item = self._find(name)
        return item is not None and len(item.values) > 1

    def isUndefined(self, name):
        """Return whether a name exists and its value is undefined (`bool`)."""
        item = self._find(name)
        return item is not None and item.suffix == "Undef"

    def isPropertySetPtr(self, name):
        """Return whether a name exists and is a nested `PropertySet` (`bool`)."""
        item = self._find(name)
        return item is not None and item.suffix == "PropertySet"

    def valueCount(self, name=None):
        """Return the number of values of a name, or of all names at all levels (`int`)."""
        if name is None:
            return sum(self.valueCount(n) for n in self.paramNames(False))
        item = self._find(name)
        return 0 if item is None else len(item.values)

    def typeOf(self, name):
        """Return the type of an item (one of the ``TYPE_X``).

        Raises
        ------
        lsst.pex.exceptions.NotFoundError
            Raised if there is no such item.
        """
        return TYPES[self._require(name).suffix]

    def nameCount(self, topLevelOnly=True):
        """Return the number of names (`int`)."""
        return len(self.names(topLevelOnly))

    def names(self, topLevelOnly=True):
        """Return all names, of the top level or of all levels (`list` of `str`)."""
        return self._names(topLevelOnly, lambda item: True)

    def paramNames(self, topLevelOnly=True):
        """Return the names of all items but the nested sets (`list` of `str`)."""
        return self._names(topLevelOnly, lambda item: item.suffix != "PropertySet")

    def propertySetNames(self, topLevelOnly=True):
        """Return the names of the nested sets (`list` of `str`)."""
        return self._names(topLevelOnly, lambda item: item.suffix == "PropertySet")

    def _names(self, topLevelOnly, accept):
        names = []
        for name, item in self._map.items():
            if accept(item):
                names.append(name)
            if not topLevelOnly and item.suffix == "PropertySet":
                names += [f"{name}.{nested}" for nested in item.values[-1]._names(False, accept)]
        return names

    def getScalar(self, name):
        """Return the last value of an item.

        Raises
        ------
        KeyError
            Raised if there is no such item.
        """
        item = self._find(name)
        if item is None:
            raise KeyError(f"{name} not found")
        return item.values[-1]

    def getArray(self, name):
        """Return all values of an item as a list; of nested sets the last one itself.

        Raises
        ------
        KeyError
            Raised if there is no such item.
        """
        item = self._find(name)
        if item is None:
            raise KeyError(f"{name} not found")
        return item.values[-1] if item.suffix == "PropertySet" else list(item.values)

    def get(self, name, default=None):
        """Return the last value of an item, or a default if there is no such item."""
        item = self._find(name)
        return default if item is None else item.values[-1]

    # Changes

    def _convert(self, suffix, value):
        values = _listOf(value)
        if suffix == "PropertySet":
            for v in values:
                if not isinstance(v, PropertySet):
                    raise TypeError(f"{v!r} is not a PropertySet")
            return values
        return list(map(CONVERTERS[suffix], values))

    def _setAs(self, suffix, name, value):
        values = self._convert(suffix, value)
        if values:
            self._setItem(name, PropertyItem(suffix, values))

    def _addAs(self, suffix, name, value):
        self._addItem(name, PropertyItem(suffix, self._convert(suffix, value)))

    def _setItem(self, name, item):
        """Set an item by its possibly dotted name, making nested sets as needed."""
        if item.suffix == "PropertySet":
            if self._flat:
                self._flatten(name, item.values[-1])
                return
            self._checkForCycle(name, item)
        if self._flat or "." not in name:
            self._map[name] = item
            return
        prefix, suffix = name.split(".", 1)
        nested = self._map.get(prefix)
        if nested is None:
            nested = self._map[prefix] = PropertyItem("PropertySet", [PropertySet()])
        elif nested.suffix != "PropertySet":
            raise InvalidParameterError(f"{prefix} exists but does not contain PropertySet::Ptrs")
        nested.values[-1]._setItem(suffix, item)

    def _flatten(self, name, nested):
        for nestedName in nested.paramNames(False):
            self._addItem(f"{name}.{nestedName}", nested._find(nestedName).copy())

    def _addItem(self, name, item):
        present = self._find(name)
        if present is None:
            if item.values:
                self._setItem(name, item)
            return
        if present.suffix != item.suffix:
            raise LsstTypeError(f"{name} has mismatched type")
        if item.suffix == "PropertySet":
            self._checkForCycle(name, item)
        present.values += item.values

    def _checkForCycle(self, name, item):
        for value in item.values:
            nested = [value._find(n).values[-1] for n in value.propertySetNames(False)]
            if any(p is self for p in (value, *nested)):
                raise InvalidParameterError(f"{name} would cause a cycle")

    def _guessType(self, name, values):
        """Return the type that values of unknown type get, as `set` and `add` choose it."""
        first = values[0]
        if not isinstance(first, (bool, np.bool_)) and all(_isInteger(v) for v in values):
            present = self._find(name)
            return guessIntegerType(present and present.suffix, min(values), max(values))
        for cls, suffix in _TYPE_MENU:
            if isinstance(first, cls):
                return suffix
        raise TypeError(f"Unknown value type for key '{name}': {type(first)}")

    def set(self, name, value):
        """Replace an item.

        Parameters
        ----------
        name : `str`
            Name of the item.
        value : any supported type, or a sequence of them
            Its new value; an empty sequence changes nothing. Integers get the smallest of 32-bit, signed
            64-bit and unsigned 64-bit types that is not smaller than the present one.

        Raises
        ------
        TypeError
            Raised if the type is not supported.
        """
        values = _listOf(value)
        if values:
            self._setAs(self._guessType(name, values), name, values)

    def add(self, name, value):
        """Append values to an item, or set it if there is none; parameters and errors are those of `set`.

        Raises
        ------
        lsst.pex.exceptions.TypeError
            Raised if the item has another type.
        """
        values = _listOf(value)
        if values:
            self._addAs(self._guessType(name, values[:1]), name, values)

    def copy(self, dest, source, name, asScalar=False):
        """Replace an item by one of another container.

        Parameters
        ----------
        dest : `str`
            Name of the item to replace.
        source : `PropertySet`
            The other container.
        name : `str`
            Name in ``source``.
        asScalar : `bool`, optional
            Whether to copy only the last value.

        Raises
        ------
        lsst.pex.exceptions.InvalidParameterError
            Raised if ``source`` lacks the name.
        """
        item = source._find(name)
        if item is None:
            raise InvalidParameterError(f"{name} not in source")
        self.remove(dest)
        self._setItem(dest, PropertyItem(item.suffix, item.values[-1:] if asScalar else list(item.values)))

    def combine(self, source):
        """Add all items of another `PropertySet` to this one, appending where a name exists already."""
        if not isinstance(source, PropertySet):
            raise TypeError(f"A PropertySet is needed, not a {type(source).__name__}")
        for name in source.paramNames(False):
            self._addItem(name, source._find(name).copy())

    def update(self, addition):
        """Set all items of a mapping or another `PropertySet`, replacing where a name exists already."""
        if isinstance(addition, PropertySet):
            for name in addition:
                self.copy(name, addition, name)
        else:
            for name, value in addition.items():
                self[name] = value

    @classmethod
    def from_mapping(cls, metadata):
        """Make a container of a mapping; the name is that of stacks after v23.

        Parameters
        ----------
        metadata : mapping
            Values, lists of them, or mappings, by name; or what keeps lists for ``getArray`` to return, as
            `lsst.pipe.base.TaskMetadata` does. Empty lists are left out.
        """
        result = cls()
        for name in metadata:
            value = metadata.get(name)
            if hasattr(value, "items"):
                result[name] = PropertySet.from_mapping(value)
            else:
                result[name] = metadata.getArray(name) if hasattr(metadata, "getArray") else value
        return result

    def remove(self, name):
        """Remove an item, if it exists."""
        if self._flat or "." not in name:
            self._map.pop(name, None)
            return
        prefix, suffix = name.split(".", 1)
        item = self._map.get(prefix)
        if item is not None and item.suffix == "PropertySet":
            item.values[-1].remove(suffix)

    def deepCopy(self):
        """Return a copy that shares nothing with this container."""
        result = PropertySet(self._flat)
        for name, item in self._map.items():
            isNested = item.suffix == "PropertySet"
            values = [v.deepCopy() for v in item.values] if isNested else list(item.values)
            result._map[name] = PropertyItem(item.suffix, values)
        return result

    # Text

    def toString(self, topLevelOnly=False, indent=""):
        """Return a listing of all items by name (`str`)."""
        lines = []
        for name in sorted(self._map):
            item = self._map[name]
            if item.suffix != "PropertySet":
                lines.append(indent + self._format(name))
            elif topLevelOnly:
                lines.append(f"{indent}{name} = {{ ... }}\n")
            else:
                nested = item.values[-1].toString(False, indent + "..")
                lines.append(f"{indent}{name} = {{\n{nested}{indent}}}\n")
        return "".join(lines)

    def _format(self, name):
        item = self._map[name]
        text = ", ".join(formatValue(item.suffix, value) for value in item.values)
        return f"{name} = [ {text} ]\n" if len(item.values) > 1 else f"{name} = {text}\n"

    def __str__(self):
        return self.toString()

    # Mapping protocol

    def toDict(self):
        """Return the items, nested sets included, as a `dict`; items with many values become lists."""
        return {
            name: PropertySet.toDict(item.auto()) if item.suffix == "PropertySet" else item.auto()
            for name, item in self._map.items()
        }

    def __eq__(self, other):
        if type(self) is not type(other):
            return NotImplemented
        if self._map.keys() != other._map.keys():
            return False
        for name, item in self._map.items():
            if item.suffix != other._map[name].suffix or item.auto() != other._map[name].auto():
                return False
        return True

    def __copy__(self):
        result = type(self)()
        for name in self:
            result.copy(name, self, name)
        return result

    def __deepcopy__(self, memo):
        result = memo[id(self)] = self.deepCopy()
        return result

    def __setitem__(self, name, value):
        if isinstance(value, Mapping):
            nested = PropertySet()
            for k, v in value.items():
                nested[k] = v
            value = nested
        self.set(name, value)

    def __reduce__(self):
        return (makePropertySet, (PropertySet, getPropertySetState(self)))


def _isInteger(value):
    return type(value) is int or (isinstance(value, numbers.Integral) and not isinstance(value, bool))


_TYPE_MENU = (
    (bool, "Bool"),
    (float, "Double"),
    (str, "String"),
    (DateTime, "DateTime"),
    (PropertySet, "PropertySet"),
    (type(None), "Undef"),
)
