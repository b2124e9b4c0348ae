# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Conversion of arguments to the C types that the stack's geometry takes."""

import math
import operator

import lsst.pex.exceptions

INT_MIN = -(2**31)
INT_MAX = 2**31 - 1


def toFloat(value):
    """Return a number as `float`; text is refused with `TypeError`."""
    if type(value) is float:
        return value
    if isinstance(value, (str, bytes)):
        raise TypeError(f"a number is needed, not {value!r}")
    return float(value)


def toInt(value):
    """Return an integer as a 32-bit `int`; floats and larger integers are refused with `TypeError`."""
    result = value if type(value) is int else operator.index(value)
    if not INT_MIN <= result <= INT_MAX:
        raise TypeError(f"{result} does not fit in a 32-bit integer")
    return result


def truncateToInt(value):
    """Return a number as a 32-bit `int`, the fraction dropped; NaN and infinities give the lowest integer."""
    if type(value) is not int:
        try:
            value = operator.index(value)
        except TypeError:
            value = toFloat(value)
            value = math.trunc(value) if math.isfinite(value) else INT_MIN
    return value if INT_MIN <= value <= INT_MAX else INT_MIN


def checkForOverflow(value, where):
    """Raise `lsst.pex.exceptions.OverflowError` if a number does not fit in a 32-bit integer.

    Parameters
    ----------
    value : `int` or `float`
        The number.
    where : `str`
        What it is, for the message.
    """
    if not INT_MIN <= value <= INT_MAX:
        raise lsst.pex.exceptions.OverflowError(f"Integer overflow ({value}) in interval {where}.")
