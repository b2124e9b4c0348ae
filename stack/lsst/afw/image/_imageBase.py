# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""What images and masks have in common: a pixel array, its origin, sub-images that share memory."""

import math
import operator

import numpy as np

from lsst.afw.fits import reduceToFits
from lsst.geom import Box2I, Extent2I, Point2I
from lsst.pex.exceptions import LengthError

from ._imageOrigin import LOCAL, PARENT
from ._slicing import SliceableMixin

__all__ = ["ImageBase", "X", "Y", "indexToPosition", "positionToIndex"]

X, Y = 0, 1
"""Names of the axes in `ImageBase.indexToPosition` and `ImageBase.positionToIndex`."""


def indexToPosition(index):
    """Convert a pixel index to the position of the pixel's center: the same number as a `float`."""
    return float(index)


def positionToIndex(position, residual=False):
    """Convert a position to the index of the pixel that it falls on.

    Parameters
    ----------
    position : `float`
        Position along one axis, in pixels; pixel centers have integer positions.
    residual : `bool`, optional
        Return the offset from the pixel's center, too?

    Returns
    -------
    index : `int`
        Index of the nearest pixel.
    offset : `float`
        Position minus index; only if ``residual`` is given.
    """
    index = math.floor(position + 0.5)
    return (index, position - index) if residual else index


class ImageBase(SliceableMixin):
    """A rectangular array of pixels with an origin; abstract base class of `ImageF` etc. and `MaskX`."""

    _dtype = None

    def _setPixels(self, array, x0, y0):
        self._array = array
        self._x0 = x0
        self._y0 = y0

    def _allocate(self, width, height, x0=0, y0=0, value=0):
        """Fill this object with a new array of ``height`` rows and ``width`` columns."""
        if width < 0 or height < 0:
            raise LengthError(f"Both width and height must be non-negative: {width}, {height}")
        if width * height > 2**31 - 1:
            raise LengthError(f"Image dimensions ({width} x {height}) too large; int overflow detected.")
        if value:
            array = np.full((height, width), self._pixel(value), dtype=self._dtype)
        else:
            array = np.zeros((height, width), dtype=self._dtype)
        self._setPixels(array, x0, y0)

    def _adoptArray(self, array, deep=False, xy0=None):
        """Use an array of exactly this pixel type, whose rows are contiguous."""
        array = np.asanyarray(array)
        if array.ndim != 2 or array.dtype != self._dtype:
            raise TypeError(f"{type(self).__name__} needs a 2-d array of {self._dtype.name}, got a "
                            f"{array.ndim}-d array of {array.dtype}")
        if array.size and array.shape[1] > 1 and array.strides[1] != array.itemsize:
            raise TypeError(f"{type(self).__name__} needs an array whose rows are contiguous")
        x0, y0 = (xy0.getX(), xy0.getY()) if xy0 is not None else (0, 0)
        self._setPixels(array.copy() if deep else array, x0, y0)

    def _copyFrom(self, other, deep=False):
        self._setPixels(other._array.copy() if deep else other._array, other._x0, other._y0)

    def _subimageOf(self, other, bbox, origin=PARENT, deep=False):
        """Become a view (or copy) of a part of another image of this type."""
        x, y = other._localOffset(bbox, origin)
        array = other._window(x, y, bbox.getWidth(), bbox.getHeight())
        self._setPixels(array.copy() if deep else array, other._x0 + x, other._y0 + y)

    def _localOffset(self, bbox, origin):
        x, y = bbox.getMinX(), bbox.getMinY()
        return (x - self._x0, y - self._y0) if origin == PARENT else (x, y)

    def _window(self, x, y, width, height):
        fullHeight, fullWidth = self._array.shape
        if x < 0 or y < 0 or x + width > fullWidth or y + height > fullHeight:
            raise LengthError(f"Box2I(Point2I({x},{y}),lsst::geom::Extent2I({width},{height})) "
                              f"doesn't fit in image {fullWidth}x{fullHeight}")
        return self._array[y:y + height, x:x + width]

    def _pixel(self, value):
        """Convert a scalar to the pixel type.

        Raises
        ------
        TypeError
            Raised if ``value`` is not a number that the pixel type holds.
        """
        if self._dtype.kind == "f":
            if isinstance(value, (str, bytes)):
                raise TypeError(f"{value!r} is not a pixel value")
            return self._dtype.type(float(value))
        value = operator.index(value)
        info = np.iinfo(self._dtype)
        if not info.min <= value <= info.max:
            raise TypeError(f"{value} does not fit into a pixel of {self._dtype.name}")
        return self._dtype.type(value)

    def _isAssignable(self, value):
        return type(value) is type(self)

    def _checkSameSize(self, other):
        if self._array.shape != other._array.shape:
            raise LengthError(f"Images are of different size, {self.getWidth()}x{self.getHeight()} v "
                              f"{other.getWidth()}x{other.getHeight()}")

    @property
    def array(self):
        """The pixels, shape (height, width), as a view; assigning copies into them (`numpy.ndarray`)."""
        return self._array

    @array.setter
    def array(self, values):
        # An in-place operator on the property ends with an assignment of the array to itself.
        if values is not self._array:
            values = np.asarray(values)
            if values.ndim and values.shape != self._array.shape:
                raise ValueError(f"Cannot assign an array of shape {values.shape} to pixels of shape "
                                 f"{self._array.shape}")
            self._array[...] = values

    def getArray(self):
        """Return the pixels, shape (height, width), as a view."""
        return self._array

    def getWidth(self):
        """Return the number of columns."""
        return self._array.shape[1]

    def getHeight(self):
        """Return the number of rows."""
        return self._array.shape[0]

    def getDimensions(self):
        """Return (width, height) as an `lsst.geom.Extent2I`."""
        return Extent2I(self._array.shape[1], self._array.shape[0])

    def getX0(self):
        """Return the x index of the first column in the parent's coordinates."""
        return self._x0

    def getY0(self):
        """Return the y index of the first row in the parent's coordinates."""
        return self._y0

    def getXY0(self):
        """Return the position of the lower left pixel in the parent's coordinates (`lsst.geom.Point2I`)."""
        return Point2I(self._x0, self._y0)

    def setXY0(self, *args, **kwargs):
        """Set the position of the lower left pixel in the parent's coordinates.

        Parameters
        ----------
        xy0 : `lsst.geom.Point2I`
            New origin; or two integers ``x0`` and ``y0``.
        """
        self._x0, self._y0 = parseXY0(*args, **kwargs)

    def getBBox(self, origin=PARENT):
        """Return the bounding box in the given coordinates (`lsst.geom.Box2I`)."""
        corner = Point2I(0, 0) if origin == LOCAL else self.getXY0()
        return Box2I(corner, self.getDimensions())

    def indexToPosition(self, index, xOrY):
        """Convert a local index along axis `X` or `Y` to a position in the parent's coordinates."""
        return float(index) + (self._y0 if xOrY == Y else self._x0)

    def positionToIndex(self, position, xOrY):
        """Convert a position in the parent's coordinates to (local index, offset from the pixel's center)."""
        fullIndex, residual = positionToIndex(position, True)
        return fullIndex - (self._y0 if xOrY == Y else self._x0), residual

    def assign(self, rhs, bbox=None, origin=PARENT):
        """Copy the pixels of another image of this type.

        Parameters
        ----------
        rhs : `ImageBase`
            Image to copy.
        bbox : `lsst.geom.Box2I`, optional
            Part of this image to set; an empty box (the default) means all.
        origin : `ImageOrigin`, optional
            Coordinates of ``bbox``.

        Raises
        ------
        lsst.pex.exceptions.LengthError
            Raised if the dimensions differ or ``bbox`` is not contained in this image.
        TypeError
            Raised if ``rhs`` is of another type.
        """
        if not self._isAssignable(rhs):
            raise TypeError(f"Cannot assign {type(rhs).__name__} to {type(self).__name__}")
        whole = bbox is None or bbox.isEmpty()
        width, height = self.getDimensions() if whole else bbox.getDimensions()
        if (height, width) != rhs._array.shape:
            raise LengthError(f"Dimension mismatch: {width}x{height} v. {rhs.getWidth()}x{rhs.getHeight()}")
        target = self._array if whole else self._window(*self._localOffset(bbox, origin), width, height)
        target[...] = rhs._array

    def set(self, value):
        """Set all pixels to one value."""
        self._array[...] = self._pixel(value)

    def subset(self, bbox, origin=PARENT):
        """Return the part inside a box, sharing memory with this image.

        Parameters
        ----------
        bbox : `lsst.geom.Box2I`
            Part to return.
        origin : `ImageOrigin`, optional
            Coordinates of ``bbox``.

        Raises
        ------
        lsst.pex.exceptions.LengthError
            Raised if ``bbox`` is not contained in this image.
        """
        return type(self)(self, bbox, origin, False)

    def swap(self, other):
        """Exchange pixels and origin with another image of this type."""
        mine = self._array, self._x0, self._y0
        self._setPixels(other._array, other._x0, other._y0)
        other._setPixels(*mine)

    def _checkedIndex(self, index, origin):
        bbox = self.getBBox(origin)
        if not bbox.contains(index):
            message = (f"Index ({index.getX()}, {index.getY()}) outside image bounds ({bbox.getMinX()}, "
                       f"{bbox.getMinY()}) to ({bbox.getMaxX()}, {bbox.getMaxY()}).")
            if index.getX() < 0 or index.getY() < 0:
                message += "  Negative indices count from the upper bound only in LOCAL coordinates."
            raise IndexError(message)
        return index.getY() - bbox.getMinY(), index.getX() - bbox.getMinX()

    def _get(self, index, origin):
        return self._array[self._checkedIndex(index, origin)].item()

    def _set(self, index, value, origin):
        self._array[self._checkedIndex(index, origin)] = self._pixel(value)

    def __str__(self):
        return f"{self.array}, bbox={self.getBBox()}"

    def __repr__(self):
        return f"{type(self).__module__}.{type(self).__name__}={self}"

    def __reduce__(self):
        return reduceToFits(self)


def parseXY0(xy0=None, y0=None, *, x0=None, origin=None):
    """Interpret the arguments of ``setXY0``: a point, or two integers."""
    point = xy0 if origin is None else origin
    if y0 is not None:
        return operator.index(xy0 if x0 is None else x0), operator.index(y0)
    if not isinstance(point, Point2I):
        raise TypeError(f"setXY0 needs a Point2I or two integers, not {point!r}")
    return point.getX(), point.getY()
