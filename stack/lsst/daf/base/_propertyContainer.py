# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""The state of property containers, for pickles and YAML."""

__all__ = ["getPropertyListState", "getPropertySetState", "setPropertyListState", "setPropertySetState"]

from ._propertyTypedAccess import TYPES


def getPropertySetState(container, asLists=False):
    """Return what a `PropertySet` holds.

    Parameters
    ----------
    container : `PropertySet`
        The container.
    asLists : `bool`, optional
        Whether the entries are lists rather than tuples.

    Returns
    -------
    state : `list` of `tuple` or `list`
        Name, type (the X of ``setX``) and value of each item.
    """
    sequence = list if asLists else tuple
    return [sequence((name, item.suffix, item.auto())) for name, item in container._map.items()]


def getPropertyListState(container, asLists=False):
    """Return what a `PropertyList` holds.

    Parameters
    ----------
    container : `PropertyList`
        The container.
    asLists : `bool`, optional
        Whether the entries are lists rather than tuples.

    Returns
    -------
    state : `list` of `tuple` or `list`
        Name, type (the X of ``setX``), value and comment of each item.
    """
    sequence = list if asLists else tuple
    items = ((name, container._map[name], comment) for name, comment in container._comments.items())
    return [sequence((name, item.suffix, item.auto(), comment)) for name, item, comment in items]


def setPropertySetState(container, state):
    """Fill an empty `PropertySet`.

    Parameters
    ----------
    container : `PropertySet`
        The container.
    state : `list`
        What `getPropertySetState` returned.

    Raises
    ------
    ValueError
        Raised if a type is unknown.
    """
    for name, suffix, value in state:
        _checkType(name, suffix)
        container._setAs(suffix, name, value)


def setPropertyListState(container, state):
    """Fill an empty `PropertyList`.

    Parameters
    ----------
    container : `PropertyList`
        The container.
    state : `list`
        What `getPropertyListState` returned.

    Raises
    ------
    ValueError
        Raised if a type is unknown.
    """
    for name, suffix, value, comment in state:
        _checkType(name, suffix)
        container._setAs(suffix, name, value)
        container._setComment(name, comment)


def _checkType(name, suffix):
    if suffix not in TYPES:
        raise ValueError(f"Unknown type {suffix!r} of item {name!r} in the state of a property container")


def makePropertySet(cls, state):
    """Make a `PropertySet` of its state, for pickles."""
    container = cls()
    setPropertySetState(container, state)
    return container


def makePropertyList(cls, state):
    """Make a `PropertyList` of its state, for pickles."""
    container = cls()
    setPropertyListState(container, state)
    return container
