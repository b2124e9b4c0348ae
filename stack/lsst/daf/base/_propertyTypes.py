# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""The element types of property containers and the checks that values go through."""

import operator
import struct

import numpy as np

from ._dateTime import DateTime


class TypeInfo:
    """The type of an item of a property container.

    Parameters
    ----------
    suffix : `str`
        What follows ``set`` in the name of the method that sets such an item.
    """

    __slots__ = ("suffix",)

    def __init__(self, suffix):
        self.suffix = suffix

    def name(self):
        """Return the name of the type (`str`)."""
        return self.suffix

    def __repr__(self):
        return f"TypeInfo({self.suffix})"


def _integer(low, high):
    def check(value):
        result = value if type(value) is int else operator.index(value)
        if not low <= result <= high:
            raise TypeError(f"{result} is out of the range [{low}, {high}]")
        return result

    return check


def _boolean(value):
    if isinstance(value, (bool, np.bool_)):
        return bool(value)
    raise TypeError(f"{value!r} is not a bool")


def _double(value):
    if type(value) is float:
        return value
    if isinstance(value, (str, bytes)):
        raise TypeError(f"{value!r} is not a number")
    return float(value)


def _float(value):
    value = _double(value)
    try:
        return struct.unpack("f", struct.pack("f", value))[0]
    except OverflowError:
        return float(np.float32(value))


def _string(value):
    if isinstance(value, str):
        return str(value)
    if isinstance(value, bytes):
        return value.decode()
    raise TypeError(f"{value!r} is not a string")


def _dateTime(value):
    if isinstance(value, DateTime):
        return value
    raise TypeError(f"{value!r} is not a DateTime")


def _undefined(value):
    if value is not None:
        raise TypeError(f"{value!r} is not None")
    return None


CONVERTERS = {
    "Bool": _boolean,
    "Short": _integer(-(2**15), 2**15 - 1),
    "Int": _integer(-(2**31), 2**31 - 1),
    "Long": _integer(-(2**63), 2**63 - 1),
    "LongLong": _integer(-(2**63), 2**63 - 1),
    "UnsignedLongLong": _integer(0, 2**64 - 1),
    "Float": _float,
    "Double": _double,
    "String": _string,
    "DateTime": _dateTime,
    "Undef": _undefined,
}

INTEGER_TYPES = ("Short", "Int", "Long", "LongLong", "UnsignedLongLong")


def guessIntegerType(current, low, high):
    """Return the type for integers of unknown type.

    Parameters
    ----------
    current : `str` or `None`
        Type of the item that the integers replace or extend, if any.
    low, high : `int`
        Smallest and largest of them.

    Returns
    -------
    suffix : `str`
        "Int", "LongLong" or "UnsignedLongLong".

    Raises
    ------
    RuntimeError
        Raised if an integer does not fit in 64 bits.
    """
    lowType, highType = _integerTypeOf(current, low), _integerTypeOf(current, high)
    if lowType == highType:
        return lowType
    # a negative number beside one beyond 63 bits fails in the check of the type
    return "UnsignedLongLong" if "UnsignedLongLong" in (lowType, highType) else "LongLong"


def _integerTypeOf(current, value):
    if current not in ("Int", "LongLong", "UnsignedLongLong"):
        current = None
    if -(2**31) <= value < 2**31 and current in (None, "Int"):
        return "Int"
    if -(2**63) <= value < 0:
        return "LongLong"
    if 0 <= value < 2**63 and current in (None, "Int", "LongLong"):
        return "LongLong"
    if 0 <= value < 2**64:
        return "UnsignedLongLong"
    raise RuntimeError(f"Unable to guess integer type for storing out of range value: {value}")


def formatValue(suffix, value):
    """Return a value of the given type as `PropertySet.toString` writes it (`str`)."""
    if suffix == "Bool":
        return str(int(value))
    if suffix in INTEGER_TYPES:
        return str(value)
    if suffix in ("Float", "Double"):
        return _showPoint(value, 7 if suffix == "Float" else 14)
    if suffix == "String":
        return f'"{value}"'
    if suffix == "DateTime":
        return value.toString(DateTime.UTC)
    return "{ ... }" if suffix == "PropertySet" else "<Unknown>"


def _showPoint(value, precision):
    # C++ streams with showpoint keep the trailing zeros, as the alternate form does.
    return f"{value:#.{precision}g}"
