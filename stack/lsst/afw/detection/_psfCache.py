# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Memory of the images of a Psf at the last positions."""

__all__ = ["PsfCache"]

from collections import OrderedDict


class PsfCache:
    """The results of a function of position that were used last.

    Parameters
    ----------
    capacity : `int`
        Number of results to remember; 0 for all.
    """

    def __init__(self, capacity):
        self._items = OrderedDict()
        self.reserve(capacity)

    def capacity(self):
        """Return the number of results that are remembered."""
        return self._capacity

    def reserve(self, capacity):
        """Set the number of results that are remembered."""
        self._capacity = capacity
        self._trim()

    def get(self, position, compute):
        """Return the result at a position, computing it if needed."""
        key = (position[0], position[1])
        if key in self._items:
            self._items.move_to_end(key)
            return self._items[key]
        result = compute(position)
        self._items[key] = result
        self._trim()
        return result

    def _trim(self):
        while self._capacity and len(self._items) > self._capacity:
            self._items.popitem(last=False)

    def __getstate__(self):
        return {"_items": OrderedDict(), "_capacity": self._capacity}
