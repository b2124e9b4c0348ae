# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Attributes of attributes, by dotted name."""

from functools import reduce

__all__ = ["getDottedAttr", "setDottedAttr"]


def getDottedAttr(item, name):
    """Look up a nested attribute.

    Parameters
    ----------
    item : object
        Where to start.
    name : `str`
        Attribute names joined by periods, such as ``"measurement.doApCorr"``.

    Returns
    -------
    value : object
        The innermost attribute.

    Raises
    ------
    AttributeError
        One of the names does not exist.
    """
    return reduce(getattr, name.split("."), item)


def setDottedAttr(item, name, value):
    """Set a nested attribute.

    Parameters
    ----------
    item : object
        Where to start.
    name : `str`
        Attribute names joined by periods.
    value : object
        The new value of the innermost one.

    Raises
    ------
    AttributeError
        One of the names does not exist.
    """
    parent, _, last = name.rpartition(".")
    setattr(getDottedAttr(item, parent) if parent else item, last, value)
