# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Memory of the images of a Psf."""

__all__ = ["PsfCache", "PsfMemory"]

from collections import OrderedDict

_MAX_PIXELS = 8_000_000  # 64 MB, or 2,500 images of 57 x 57 pixels


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


class PsfMemory:
    """Images of a Psf that takes long, for plugins that ask for the same positions one after another.

    What comes first is kept. To drop the oldest would leave nothing to a plugin that goes through a large
    catalog in the same order.
    """

    def __init__(self):
        self._items, self._room = {}, _MAX_PIXELS

    def __contains__(self, position):
        return position in self._items

    def __getitem__(self, position):
        return self._items[position]

    def add(self, position, image, xy0):
        """Keep an image (`numpy.ndarray`) and its origin, if there is room."""
        if image.size <= self._room:
            self._items[position] = image, xy0
            self._room -= image.size

    def __reduce__(self):
        return PsfMemory, ()
