# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""The names of mask planes, and how the masks of one process keep them consistent.

Every `MaskDict` maps plane names to bit numbers. One of them is the default, which new masks share. Adding
a plane adds it to every living `MaskDict` where neither its name nor its bit is taken; removing a plane
replaces the default by a copy, so that the masks that exist keep theirs.
"""

import weakref

__all__ = ["MaskDict"]

_INITIAL_PLANES = ("BAD", "SAT", "INTRP", "CR", "EDGE", "DETECTED", "DETECTED_NEGATIVE", "SUSPECT", "NO_DATA")


class MaskDict:
    """Names and bit numbers of the planes of one or more masks.

    Parameters
    ----------
    planes : `dict` [`str`, `int`], optional
        Bit number of each plane.
    """

    _living = weakref.WeakValueDictionary()
    _default = None

    def __init__(self, planes=()):
        self.planes = dict(planes)
        MaskDict._living[id(self)] = self

    def __eq__(self, other):
        return self is other or self.planes == other.planes

    __hash__ = object.__hash__

    @classmethod
    def getDefault(cls):
        """Return the `MaskDict` of new masks."""
        return cls._default

    @classmethod
    def setDefault(cls, maskDict):
        """Set the `MaskDict` of new masks."""
        cls._default = maskDict

    @classmethod
    def detachDefault(cls):
        """Replace the default by a copy that no mask uses yet."""
        cls._default = cls._default.clone()

    @classmethod
    def copyOrGetDefault(cls, planes):
        """Return a new `MaskDict` with the given planes, or the default if there are none."""
        return cls(planes) if planes else cls._default

    @classmethod
    def addToAll(cls, name, bit):
        """Add a plane to every living `MaskDict` that has neither the name nor the bit."""
        for maskDict in list(cls._living.values()):
            if name not in maskDict.planes and bit not in maskDict.planes.values():
                maskDict.planes[name] = bit

    def clone(self):
        """Return a copy."""
        return MaskDict(self.planes)

    def getMaskPlane(self, name):
        """Return the bit number of a plane, or -1 if there is no such plane."""
        return self.planes.get(name, -1)

    def getUnusedPlane(self):
        """Return the lowest bit number that no plane has."""
        used = set(self.planes.values())
        return next(bit for bit in range(len(used) + 1) if bit not in used)

    def sortedItems(self):
        """Return the (name, bit) pairs ordered by name, as v23 lists them everywhere."""
        return sorted(self.planes.items())


MaskDict.setDefault(MaskDict({name: bit for bit, name in enumerate(_INITIAL_PLANES)}))
