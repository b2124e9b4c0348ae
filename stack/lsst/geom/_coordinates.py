# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""The factories `CoordinateExpr`, `Extent` and `Point`."""

__all__ = ["CoordinateExpr", "Extent", "ExtentD", "ExtentI", "Point", "PointD", "PointI"]

from lsst.utils.wrappers import TemplateMeta

from ._coordinateExpr import CoordinateExpr2, CoordinateExpr3
from ._extent import Extent2D, Extent2I, Extent3D, Extent3I
from ._point import Point2D, Point2I, Point3D, Point3I


def _str(self):
    return "({})".format(", ".join(f"{v:0.5g}" for v in self))


def _repr(self):
    return "{}({})".format(type(self).__name__, ", ".join(f"{v:0.10g}" for v in self))


def _reduce(self):
    return (type(self), tuple(self))


class CoordinateExpr(metaclass=TemplateMeta):
    """Factory and abstract base of coordinate expressions; index it by the number of dimensions."""

    TEMPLATE_PARAMS = ("dimensions",)

    __str__ = _str
    __repr__ = _repr
    __reduce__ = _reduce


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


CoordinateExpr.register(2, CoordinateExpr2)
CoordinateExpr.register(3, CoordinateExpr3)
for _cls in (Extent2I, Extent2D, Extent3I, Extent3D):
    Extent.register((_cls.dtype, _cls.dimensions), _cls)
for _cls in (Point2I, Point2D, Point3I, Point3D):
    Point.register((_cls.dtype, _cls.dimensions), _cls)

ExtentI, ExtentD = Extent2I, Extent2D
PointI, PointD = Point2I, Point2D
