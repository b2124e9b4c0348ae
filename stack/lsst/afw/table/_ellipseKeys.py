# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Functor keys of shapes."""

__all__ = ["CoordinateType", "PIXEL", "CELESTIAL", "QuadrupoleKey"]

import enum

from lsst.geom._ellipses import Quadrupole

from ._functorKey import FunctorKey, addScalar
from ._keys import KeyD
from ._schema import SubSchema


class CoordinateType(enum.Enum):
    """Which coordinates a shape is in."""

    PIXEL = 0
    CELESTIAL = 1


PIXEL = CoordinateType.PIXEL
CELESTIAL = CoordinateType.CELESTIAL


class QuadrupoleKey(FunctorKey):
    """Key of a `lsst.afw.geom.ellipses.Quadrupole`.

    Parameters
    ----------
    ixx, iyy, ixy : `Key`, optional
        Keys of the moments; or one `SubSchema` that has fields ``xx``, ``yy`` and ``xy``.
    """

    def __init__(self, ixx=None, iyy=None, ixy=None):
        if isinstance(ixx, SubSchema):
            ixx, iyy, ixy = (ixx[name].asKey() for name in ("xx", "yy", "xy"))
        self._keys = tuple(KeyD() if key is None else key for key in (ixx, iyy, ixy))

    @classmethod
    def addFields(cls, schema, name, doc, coordType=CoordinateType.PIXEL):
        """Add the fields of a shape to a schema and return the key."""
        unit = "pixel^2" if coordType == CoordinateType.PIXEL else "rad^2"
        return cls(*(addScalar(schema, "D", schema.join(name, part), doc, unit)
                     for part in ("xx", "yy", "xy")))

    def getIxx(self):
        """Return the key of the moment in x."""
        return self._keys[0]

    def getIyy(self):
        """Return the key of the moment in y."""
        return self._keys[1]

    def getIxy(self):
        """Return the key of the mixed moment."""
        return self._keys[2]

    def get(self, record):
        """Return the shape of a record."""
        return Quadrupole(*(key.get(record) for key in self._keys))

    def set(self, record, value):
        """Set the shape of a record."""
        for key, moment in zip(self._keys, (value.getIxx(), value.getIyy(), value.getIxy())):
            key.set(record, moment)
