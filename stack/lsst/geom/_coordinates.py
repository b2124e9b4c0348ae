# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""The factories `Extent` and `Point`."""

__all__ = ["Extent", "ExtentD", "ExtentI", "Point", "PointD", "PointI"]

from lsst.utils.wrappers import TemplateMeta

from ._extent import Extent2D, Extent2I, Extent3D, Extent3I
from ._point import Point2D, Point2I, Point3D, Point3I


def _str(self):
    return "({})".format(", ".join(f"{v:0.5g}" for v in self))


def _repr(self):
    return "{}({})".format(type(self).__name__, ", ".join(f"{v:0.10g}" for v in self))


def _reduce(self):
    return (type(self), tuple(self))


class Extent(metaclass=TemplateMeta):
    """Factory and abstract base of extents; index it by ``(dtype, dimensions)``."""

    TEMPLATE_PARAMS = ("dtype", "dimensions")
    TEMPLATE_DEFAULTS = (None, 2)

    __str__ = _str
    __repr__ = _repr
    __reduce__ = _reduce


class Point(metaclass=TemplateMeta):
    """Factory and abstract base of points; index it by ``(dtype, dimensions)``."""

    TEMPLATE_PARAMS = ("dtype", "dimensions")
    TEMPLATE_DEFAULTS = (None, 2)

    __str__ = _str
    __repr__ = _repr
    __reduce__ = _reduce


for _cls in (Extent2I, Extent2D, Extent3I, Extent3D):
    Extent.register((_cls.dtype, _cls.dimensions), _cls)
for _cls in (Point2I, Point2D, Point3I, Point3D):
    Point.register((_cls.dtype, _cls.dimensions), _cls)

ExtentI, ExtentD = Extent2I, Extent2D
PointI, PointD = Point2I, Point2D
