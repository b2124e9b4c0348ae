# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""What sets of pixels do with images."""

__all__ = ["SpanSetPixels"]

import numpy as np

from lsst.geom import Box2I, Extent2I, Point2I
from lsst.pex.exceptions import OutOfRangeError


class SpanSetPixels:
    """Part of `SpanSet`."""

    __slots__ = ()

    def _index(self, shape, xy0):
        """Return the index of the pixels in an image, after checking that they are in it."""
        box = self.getBBox()
        image = Box2I(xy0, Extent2I(int(shape[1]), int(shape[0])))
        if not image.contains(box):
            raise OutOfRangeError("SpanSet bounding box lands outside array")
        y, x = self._pixels()
        return y - xy0.getY(), x - xy0.getX()

    def flatten(self, *args, xy0=None, input=None, output=None):
        """Return the values of an image at the pixels, or copy them to an array.

        Parameters
        ----------
        output : `numpy.ndarray`, (n, ...), optional
            Where to copy to.
        input : `numpy.ndarray`, (h, w, ...)
            The image.
        xy0 : `lsst.geom.Point2I`, optional
            Its first pixel.

        Returns
        -------
        values : `numpy.ndarray`, (n, ...)
            The values row by row, unless ``output`` is given.

        Raises
        ------
        lsst.pex.exceptions.OutOfRangeError
            Raised if a pixel is not on the image or does not fit in ``output``.
        """
        output, input, xy0 = _imageArguments(args, output, input, xy0)
        input = np.asarray(input)
        values = input[self._index(input.shape, xy0)]
        if output is None:
            return values
        self._checkFlat(output)
        output[: len(values)] = values
        return None

    def unflatten(self, *args, xy0=None, input=None, output=None):
        """Return an image of the bounding box with values at the pixels, or copy them to an image.

        Parameters
        ----------
        output : `numpy.ndarray`, (h, w, ...), optional
            Where to copy to.
        input : `numpy.ndarray`, (n, ...)
            The values row by row.
        xy0 : `lsst.geom.Point2I`, optional
            First pixel of ``output``.

        Returns
        -------
        image : `numpy.ndarray`, (h, w, ...)
            The image, zero elsewhere, unless ``output`` is given.

        Raises
        ------
        lsst.pex.exceptions.OutOfRangeError
            Raised if a pixel is not on the image or not in ``input``.
        """
        output, input, xy0 = _imageArguments(args, output, input, xy0)
        input = np.asarray(input)
        self._checkFlat(input)
        box = self.getBBox()
        image = output
        if output is None:
            image = np.zeros((box.height, box.width, *input.shape[1:]), dtype=input.dtype)
            xy0 = box.getMin()
        image[self._index(image.shape, xy0)] = input[: self.getArea()]
        return image if output is None else None

    def _checkFlat(self, array):
        if self.getArea() > len(array):
            raise OutOfRangeError("SpanSet has dimensionality greater than array")

    def copyImage(self, src, dest):
        """Copy the pixels from an image to another of the same type."""
        dest.array[self._index(dest.array.shape, dest.getXY0())] = self.flatten(src.array, src.getXY0())

    def copyMaskedImage(self, src, dest):
        """Copy the pixels of all planes from a masked image to another of the same type."""
        self.copyImage(src.image, dest.image)
        self.copyImage(src.mask, dest.mask)
        self.copyImage(src.variance, dest.variance)

    def setImage(self, image, val, region=None, doClip=False):
        """Set the pixels of an image to a value.

        Parameters
        ----------
        image : `lsst.afw.image.Image`
            The image.
        val : number
            The value.
        region : `lsst.geom.Box2I`, optional
            Where to clip to; the image by default.
        doClip : `bool`, optional
            Whether to clip.

        Raises
        ------
        lsst.pex.exceptions.OutOfRangeError
            Raised if a pixel is not on the image.
        """
        spans = self
        if doClip:
            spans = self.clippedTo(image.getBBox() if region is None or region.isEmpty() else region)
        try:
            index = spans._index(image.array.shape, image.getXY0())
        except OutOfRangeError:
            raise OutOfRangeError("Footprint Bounds Outside image, set doClip to true") from None
        image.array[index] = val

    def setMask(self, target, bitmask):
        """Set bits of the pixels of a `lsst.afw.image.Mask`."""
        target.array[self._index(target.array.shape, target.getXY0())] |= bitmask

    def clearMask(self, target, bitmask):
        """Clear bits of the pixels of a `lsst.afw.image.Mask`."""
        target.array[self._index(target.array.shape, target.getXY0())] &= ~bitmask


def _imageArguments(args, output, input, xy0):
    """Sort out the overloads ``(input, xy0)`` and ``(output, input, xy0)``."""
    args = list(args)
    if args and isinstance(args[-1], Point2I):
        xy0 = args.pop()
    if args:
        input = args.pop()
    if args:
        output = args.pop()
    if input is None or args:
        raise TypeError("Arguments are input and xy0, or output, input and xy0")
    return output, input, Point2I() if xy0 is None else xy0
