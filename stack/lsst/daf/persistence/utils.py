# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Small conversions that the butler's arguments need."""

__all__ = ["doImport", "iterify", "listify", "sequencify", "setify"]

import importlib
from collections.abc import Mapping, Sequence, Set


def listify(x):
    """Make a list of anything: strings and dicts are single items, `None` is an empty list."""
    if x is None:
        return []
    if isinstance(x, (str, dict)) or not hasattr(x, "__iter__"):
        return [x]
    return list(x)


def iterify(x):
    """Return ``x`` if it is an iterable other than a string, else a list of it; `None` is empty."""
    if x is None:
        return []
    if isinstance(x, str) or not hasattr(x, "__iter__"):
        return [x]
    return x


def sequencify(x):
    """Return ``x`` if it is a sequence or a set; the sorted keys of a mapping; else ``(x,)``."""
    if isinstance(x, str):
        return (x,)
    if isinstance(x, (Sequence, Set)):
        return x
    if isinstance(x, Mapping):
        return tuple(sorted(x))
    return (x,)


def setify(x):
    """Make a set of the items of ``x``; strings and non-iterables are single items, `None` is empty."""
    if x is None:
        return set()
    if isinstance(x, str):
        return {x}
    try:
        return set(x)
    except TypeError:
        return {x}


def doImport(pythonType):
    """Import a Python object by its full name.

    Parameters
    ----------
    pythonType : `str`
        Name of a module's member, or of a member of a class in a module.

    Returns
    -------
    obj : `object`
        What has that name.

    Raises
    ------
    TypeError
        The argument is not a string.
    ImportError
        There is no such module.
    AttributeError
        The module has no such member.
    """
    if not isinstance(pythonType, str):
        raise TypeError(f"The name of a Python object must be a string, not {pythonType!r}")
    parent, _, name = pythonType.strip().rpartition(".")
    if not parent:
        raise ImportError(f"{pythonType!r} does not name a member of a module")
    try:
        module = importlib.import_module(parent)
    except ImportError as error:
        try:
            module = doImport(parent)
        except (ImportError, AttributeError):
            raise ImportError(f"Cannot import {pythonType}: {error}") from error
    return getattr(module, name)
