# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""What makes a property set look like a `dict`."""

__all__ = ["MappingProtocol"]

from collections.abc import ItemsView, KeysView, ValuesView


class MappingProtocol:
    """Part of `PropertySet`."""

    def __contains__(self, name):
        return name in self._map

    def __getitem__(self, name):
        return self.getScalar(name)

    def __delitem__(self, name):
        if name not in self:
            raise KeyError(f"{name} not present in dict")
        self.remove(name)

    def __len__(self):
        return len(self._map)

    def __iter__(self):
        return iter(list(self._map))

    def keys(self):
        """Return a view of the names."""
        return KeysView(self)

    def items(self):
        """Return a view of the names and last values."""
        return ItemsView(self)

    def values(self):
        """Return a view of the last values."""
        return ValuesView(self)

    def pop(self, name, default=None):
        """Remove an item and return its last value.

        Parameters
        ----------
        name : `str`
            Name of the item.
        default : any, optional
            What to return if there is no such item; `None` counts as not given.

        Raises
        ------
        KeyError
            Raised if there is no such item and no default.
        """
        if name in self:
            value = self[name]
            self.remove(name)
            return value
        if default is None:
            raise KeyError(name)
        return default
