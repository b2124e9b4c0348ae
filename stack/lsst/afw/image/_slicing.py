# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Indexing of image-like objects with points, boxes, pairs of integers or slices, and an optional origin.

The convention of ``afw`` is ``image[x, y]``, relative to ``xy0`` unless the last index is `LOCAL`.
"""

from lsst.geom import Box2I, Extent2I, Point2I

from ._imageOrigin import LOCAL, PARENT, ImageOrigin

__all__ = ["SliceableMixin"]


def splitOrigin(args):
    """Separate the index proper from a trailing `ImageOrigin`.

    Parameters
    ----------
    args : `tuple`, `lsst.geom.Box2I`, `lsst.geom.Point2I` or `slice`
        What was given between the square brackets.

    Returns
    -------
    index : `tuple`, `lsst.geom.Box2I`, `lsst.geom.Point2I` or `slice`
        The index without origin.
    origin : `ImageOrigin`
        The origin, `PARENT` if none was given.
    """
    if not isinstance(args, tuple) or not args or not isinstance(args[-1], ImageOrigin):
        return args, PARENT
    return (args[0] if len(args) == 2 else args[:-1]), args[-1]


def _bound(index, size, origin, default):
    """One end of a slice, or a scalar index, with negative values resolved."""
    if index is None:
        return default
    if index >= 0:
        return index
    if origin == LOCAL:
        return size + index
    raise IndexError("Negative indices are not permitted with the PARENT origin. "
                     "Use LOCAL to count from the upper end, or a Point2I or Box2I to address "
                     "pixels that have negative PARENT coordinates.")


def _sliceToBounds(part, begin, size, origin):
    if part.step is not None:
        raise ValueError("Slices with steps are not supported in image indexing.")
    return (_bound(part.start, size, origin, begin), _bound(part.stop, size, origin, begin + size))


def translateIndex(args, getBBox):
    """Turn an index expression into a box or a point.

    Parameters
    ----------
    args : `tuple`, `lsst.geom.Box2I`, `lsst.geom.Point2I` or `slice`
        What was given between the square brackets.
    getBBox : `callable`
        Maps an `ImageOrigin` to the bounding box of the image.

    Returns
    -------
    box : `lsst.geom.Box2I` or `None`
        The sub-image asked for; `None` if ``args`` names one pixel.
    point : `lsst.geom.Point2I` or `None`
        The pixel asked for; `None` if ``args`` names a box.
    origin : `ImageOrigin`
        Coordinate system of either.

    Raises
    ------
    IndexError
        Raised for negative integers with the `PARENT` origin.
    TypeError
        Raised for mixtures of slices and integers, and for anything else that is not an index.
    ValueError
        Raised for slices with a step.
    """
    index, origin = splitOrigin(args)
    if isinstance(index, Point2I):
        return None, index, origin
    if isinstance(index, Box2I):
        return index, None, origin
    if isinstance(index, slice):
        if index != slice(None):
            raise TypeError("Single-dimension slices must not have bounds.")
        return getBBox(LOCAL), None, LOCAL
    x, y = index
    bbox = getBBox(origin)
    if isinstance(x, slice) != isinstance(y, slice):
        raise TypeError("Mixed indices of slices and integers are not supported for images.")
    if not isinstance(x, slice):
        return None, Point2I(_bound(x, bbox.getWidth(), origin, None),
                             _bound(y, bbox.getHeight(), origin, None)), origin
    x0, x1 = _sliceToBounds(x, bbox.getBeginX(), bbox.getWidth(), origin)
    y0, y1 = _sliceToBounds(y, bbox.getBeginY(), bbox.getHeight(), origin)
    return Box2I(Point2I(x0, y0), Extent2I(x1 - x0, y1 - y0)), None, origin


class SliceableMixin:
    """Square brackets, `clone` and `Factory` in terms of ``subset``, ``assign``, ``_get`` and ``_set``."""

    def Factory(self, *args, **kwargs):
        """Return a new object of this type, constructed from the arguments."""
        return type(self)(*args, **kwargs)

    def clone(self):
        """Return a deep copy."""
        return type(self)(self, True)

    def __getitem__(self, args):
        box, point, origin = translateIndex(args, self.getBBox)
        if box is not None:
            return self.subset(box, origin=origin)
        return self._get(point, origin=origin)

    def __setitem__(self, args, value):
        box, point, origin = translateIndex(args, self.getBBox)
        if box is None:
            self._set(point, origin=origin, value=value)
        elif self._isAssignable(value):
            self.assign(value, box, origin)
        else:
            self.subset(box, origin=origin).set(value)
