# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Stands in for a C++ library of LSST's tests: a `Psf` that is nothing but a number, to be stored."""

import struct

from lsst.afw.detection import Psf
from lsst.afw.typehandling import StorableHelperFactory


class DummyPsf(Psf):
    """A number that can be stored with an exposure."""

    _factory = StorableHelperFactory(__name__, "DummyPsf")

    def __init__(self, x):
        super().__init__()
        self._x = x

    def getValue(self):
        """Return the number."""
        return self._x

    def clone(self):
        """Return a copy."""
        return DummyPsf(self._x)

    def isPersistable(self):
        """Return `True`."""
        return True

    def __eq__(self, other):
        return isinstance(other, DummyPsf) and self._x == other._x

    def _getPersistenceName(self):
        return "DummyPsf"

    def _getPythonModule(self):
        return __name__

    def _write(self):
        return struct.pack("<d", self._x)

    @staticmethod
    def _read(data):
        return DummyPsf(*struct.unpack("<d", data))
