# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Functor keys of points, boxes and sky positions."""

__all__ = ["PointKey", "Point2IKey", "Point2DKey", "Box2IKey", "Box2DKey", "CoordKey"]

import numpy as np
from lsst.utils import TemplateMeta

import lsst.geom

from ._functorKey import FunctorKey, addScalar
from ._keys import KeyAngle, KeyD, KeyI
from ._schema import SubSchema


class _PointKeyBase(FunctorKey):
    """A point in a pair of fields.

    Parameters
    ----------
    x, y : `Key`, optional
        Keys of the coordinates; or one `SubSchema` that has fields ``x`` and ``y``.
    """

    keyClass = None
    pointClass = None

    def __init__(self, x=None, y=None):
        if isinstance(x, SubSchema):
            x, y = x["x"].asKey(), x["y"].asKey()
        self._keys = (self.keyClass() if x is None else x, self.keyClass() if y is None else y)
        if any(type(key) is not self.keyClass for key in self._keys):
            raise TypeError(f"{type(self).__name__} needs keys of type {self.keyClass.typeString}")

    @classmethod
    def addFields(cls, schema, name, doc, unit):
        """Add the fields of a point to a schema and return the key."""
        letter = cls.keyClass.typeString
        return cls(addScalar(schema, letter, schema.join(name, "x"), doc, unit),
                   addScalar(schema, letter, schema.join(name, "y"), doc, unit))

    def getX(self):
        """Return the key of x."""
        return self._keys[0]

    def getY(self):
        """Return the key of y."""
        return self._keys[1]

    def get(self, record):
        """Return the point of a record."""
        return self.pointClass(self._keys[0].get(record), self._keys[1].get(record))

    def set(self, record, value):
        """Set the point of a record."""
        self._keys[0].set(record, value.getX())
        self._keys[1].set(record, value.getY())


class Point2DKey(_PointKeyBase):
    """Key of a `lsst.geom.Point2D`."""

    keyClass = KeyD
    pointClass = lsst.geom.Point2D


class Point2IKey(_PointKeyBase):
    """Key of a `lsst.geom.Point2I`."""

    keyClass = KeyI
    pointClass = lsst.geom.Point2I


class PointKey(metaclass=TemplateMeta):
    """The point keys by type and dimension."""

    TEMPLATE_PARAMS = ("dtype", "dim")
    TEMPLATE_DEFAULTS = (None, 2)


def _registerPoints():
    PointKey.register((np.int32, 2), Point2IKey)
    PointKey.register((np.float64, 2), Point2DKey)


_registerPoints()


class _BoxKeyBase(FunctorKey):
    """A box in four fields.

    Parameters
    ----------
    min, max : point key, optional
        Keys of the corners; or one `SubSchema` that has ``min_x`` and so on.
    """

    pointKey = None
    boxClass = None

    def __init__(self, min=None, max=None):
        if isinstance(min, SubSchema):
            min, max = self.pointKey(min["min"]), self.pointKey(min["max"])
        self._keys = (self.pointKey() if min is None else min, self.pointKey() if max is None else max)

    @classmethod
    def addFields(cls, schema, name, doc, unit):
        """Add the fields of a box to a schema and return the key."""
        return cls(cls.pointKey.addFields(schema, schema.join(name, "min"), doc + " (minimum)", unit),
                   cls.pointKey.addFields(schema, schema.join(name, "max"), doc + " (maximum)", unit))

    def getMin(self):
        """Return the key of the minimum corner."""
        return self._keys[0]

    def getMax(self):
        """Return the key of the maximum corner."""
        return self._keys[1]

    def get(self, record):
        """Return the box of a record."""
        return self.boxClass(self._keys[0].get(record), self._keys[1].get(record), invert=False)

    def set(self, record, value):
        """Set the box of a record."""
        self._keys[0].set(record, value.getMin())
        self._keys[1].set(record, value.getMax())


class Box2DKey(_BoxKeyBase):
    """Key of a `lsst.geom.Box2D`."""

    pointKey = Point2DKey
    boxClass = lsst.geom.Box2D


class Box2IKey(_BoxKeyBase):
    """Key of a `lsst.geom.Box2I`."""

    pointKey = Point2IKey
    boxClass = lsst.geom.Box2I


class CoordKey(FunctorKey):
    """Key of a sky position, a `lsst.geom.SpherePoint`.

    Parameters
    ----------
    ra, dec : `Key`, optional
        Keys of the angles; or one `SubSchema` that has fields ``ra`` and ``dec``.
    """

    def __init__(self, ra=None, dec=None):
        if isinstance(ra, SubSchema):
            ra, dec = ra["ra"].asKey(), ra["dec"].asKey()
        self._keys = (KeyAngle() if ra is None else ra, KeyAngle() if dec is None else dec)
        if any(type(key) is not KeyAngle for key in self._keys):
            raise TypeError("CoordKey needs keys of type Angle")

    @classmethod
    def addFields(cls, schema, name, doc):
        """Add the fields of a sky position to a schema and return the key."""
        return cls(addScalar(schema, "Angle", schema.join(name, "ra"), doc),
                   addScalar(schema, "Angle", schema.join(name, "dec"), doc))

    def getRa(self):
        """Return the key of the right ascension."""
        return self._keys[0]

    def getDec(self):
        """Return the key of the declination."""
        return self._keys[1]

    def get(self, record):
        """Return the position of a record."""
        return lsst.geom.SpherePoint(self._keys[0].get(record), self._keys[1].get(record))

    def set(self, record, value):
        """Set the position of a record."""
        self._keys[0].set(record, value.getLongitude())
        self._keys[1].set(record, value.getLatitude())
