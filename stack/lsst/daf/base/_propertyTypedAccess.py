# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""The methods of property sets that name the type of the values."""

__all__ = ["TYPES", "TypedAccess"]

from lsst.pex.exceptions import TypeError as LsstTypeError

from ._propertyTypes import CONVERTERS, TypeInfo

TYPES = {suffix: TypeInfo(suffix) for suffix in (*CONVERTERS, "PropertySet")}
"""What `PropertySet.typeOf` returns, by the suffix of the methods of a type."""

_AS_INT = ("Bool", "Short", "Int")
_AS_INT64 = (*_AS_INT, "Long", "LongLong")
_AS_UINT64 = (*_AS_INT64, "UnsignedLongLong")
_AS_DOUBLE = (*_AS_UINT64, "Float", "Double")
_UNSET = object()


class TypedAccess:
    """Part of `PropertySet`."""

    def _getAs(self, name, suffixes, convert):
        item = self._require(name)
        if item.suffix not in suffixes:
            raise LsstTypeError(f"{name} is of type {item.suffix}")
        return convert(item.values[-1])

    def getAsBool(self, name):
        """Return the last value of a boolean item (`bool`)."""
        return self._getAs(name, ("Bool",), bool)

    def getAsInt(self, name):
        """Return the last value of an item of at most 32 bits (`int`)."""
        return self._getAs(name, _AS_INT, int)

    def getAsInt64(self, name):
        """Return the last value of an item of signed integers (`int`)."""
        return self._getAs(name, _AS_INT64, int)

    def getAsUInt64(self, name):
        """Return the last value of an item of integers, modulo 2**64 (`int`)."""
        return self._getAs(name, _AS_UINT64, lambda value: int(value) % 2**64)

    def getAsDouble(self, name):
        """Return the last value of a numeric item (`float`)."""
        return self._getAs(name, _AS_DOUBLE, float)

    def getAsString(self, name):
        """Return the last value of an item of text (`str`)."""
        return self._getAs(name, ("String",), str)

    def getAsPropertySetPtr(self, name):
        """Return a nested `PropertySet`; changing it changes this one."""
        return self._getAs(name, ("PropertySet",), lambda value: value)

    def _getArrayOf(self, suffix, name):
        item = self._require(name)
        if item.suffix != suffix:
            raise LsstTypeError(f"{name} is of type {item.suffix}")
        return list(item.values)


def _makeAccessors(suffix):
    def setter(self, name, value):
        self._setAs(suffix, name, value)

    def adder(self, name, value):
        self._addAs(suffix, name, value)

    def getter(self, name, defaultValue=_UNSET):
        if defaultValue is not _UNSET and not self.exists(name):
            return self._convert(suffix, [defaultValue])[0]
        return self._getArrayOf(suffix, name)[-1]

    def arrayGetter(self, name):
        return self._getArrayOf(suffix, name)

    setter.__doc__ = f"Replace an item by one or a list of values of type {suffix}."
    adder.__doc__ = f"Append one or a list of values of type {suffix} to an item."
    getter.__doc__ = f"Return the last value of an item of type {suffix}, or a default if it does not exist."
    arrayGetter.__doc__ = f"Return all values of an item of type {suffix} (`list`)."
    for prefix, method in (("set", setter), ("add", adder), ("get", getter), ("getArray", arrayGetter)):
        method.__name__ = prefix + suffix
        method.__qualname__ = f"PropertySet.{prefix}{suffix}"
        setattr(TypedAccess, prefix + suffix, method)
    setattr(TypedAccess, "TYPE_" + suffix, TYPES[suffix])


for _suffix in TYPES:
    _makeAccessors(_suffix)
