# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Aliases of field names."""

__all__ = ["AliasMap"]

import bisect
import weakref

import lsst.pex.exceptions as pexExceptions


class AliasMap:
    """A map of aliases to field names, or to the beginnings of field names.

    Parameters
    ----------
    other : `AliasMap`, optional
        Map to copy.
    """

    def __init__(self, other=None):
        self._map = {} if other is None else dict(other._map)
        self._order = None
        self._tables = weakref.WeakSet()

    def _sorted(self):
        if self._order is None:
            self._order = sorted(self._map)
        return self._order

    def _changed(self, alias):
        self._order = None
        for table in list(self._tables):
            table._handleAliasChange(alias)

    def apply(self, name):
        """Replace aliases in a name, whole or at its beginning, until there is none left.

        Raises
        ------
        lsst.pex.exceptions.RuntimeError
            Raised if the aliases form a cycle.
        """
        if not self._map:
            return name
        order = self._sorted()
        result = name
        for _ in range(len(order) + 1):
            target = self._map.get(result)
            if target is not None:
                result = target
                continue
            i = bisect.bisect_left(order, result)
            if i == 0 or not result.startswith(order[i - 1]):
                return result
            result = self._map[order[i - 1]] + result[len(order[i - 1]):]
        raise pexExceptions.RuntimeError(f"Cycle detected in schema aliases involving name '{result}'")

    def get(self, alias):
        """Return the target of an alias.

        Raises
        ------
        lsst.pex.exceptions.NotFoundError
            Raised if there is no such alias.
        """
        try:
            return self._map[alias]
        except KeyError:
            raise pexExceptions.NotFoundError(f"Alias '{alias}' not found") from None

    __getitem__ = get

    def set(self, alias, target):
        """Add or replace an alias."""
        self._map[alias] = target
        self._changed(alias)

    __setitem__ = set

    def erase(self, alias):
        """Remove an alias; tell whether it was there."""
        found = self._map.pop(alias, None) is not None
        self._changed(alias)
        return found

    __delitem__ = erase

    def empty(self):
        """Are there no aliases?"""
        return not self._map

    def contains(self, other):
        """Does this map have all the aliases of another, with the same targets?"""
        return other._map.items() <= self._map.items()

    def __contains__(self, other):
        if not isinstance(other, AliasMap):
            raise TypeError("Only an AliasMap can be looked for in an AliasMap")
        return self.contains(other)

    def __len__(self):
        return len(self._map)

    def __eq__(self, other):
        if not isinstance(other, AliasMap):
            return NotImplemented
        return self._map == other._map

    __hash__ = None

    def items(self):
        """Iterate over (alias, target), sorted by alias."""
        return iter([(alias, self._map[alias]) for alias in self._sorted()])

    def keys(self):
        """Iterate over aliases."""
        return iter(list(self._sorted()))

    def values(self):
        """Iterate over targets in the order of their aliases."""
        return (target for _, target in self.items())

    def __iter__(self):
        return self.keys()
