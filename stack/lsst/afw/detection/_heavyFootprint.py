# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Footprints that hold the values of their pixels."""

__all__ = [
    "HeavyFootprintD",
    "HeavyFootprintF",
    "HeavyFootprintI",
    "HeavyFootprintU",
    "makeHeavyFootprint",
]

import numpy as np

from ._footprint import Footprint
from ._footprintCtrl import HeavyFootprintCtrl


class HeavyFootprint(Footprint):
    """A footprint with the values of its pixels, row by row.

    Parameters
    ----------
    foot : `Footprint`
        Pixels and peaks.
    mimage : `lsst.afw.image.MaskedImage`, optional
        Where to take the values from; without it they are to be filled in.
    ctrl : `HeavyFootprintCtrl`, optional
        Whether to change the pixels of ``mimage`` on the way.
    """

    def __init__(self, foot, mimage=None, ctrl=None):
        super().__init__(foot)
        if isinstance(mimage, HeavyFootprintCtrl):
            mimage, ctrl = None, mimage
        area = self.getArea()
        types = (self._imageType, np.int32, np.float32)
        self._values = tuple(np.empty(area, dtype=t) for t in types)
        if mimage is not None:
            self._copyFrom(mimage, HeavyFootprintCtrl() if ctrl is None else ctrl)

    def _copyFrom(self, mimage, ctrl):
        arrays = (mimage.image.array, mimage.mask.array, mimage.variance.array)
        if arrays[0].dtype != self._imageType:
            raise TypeError(f"{type(self).__name__} cannot hold pixels of type {arrays[0].dtype}")
        index = self._spans._index(arrays[0].shape, mimage.getXY0())
        for values, array in zip(self._values, arrays, strict=True):
            values[:] = array[index]
        if ctrl.getModifySource() is HeavyFootprintCtrl.SET:
            arrays[0][index] = ctrl.getImageVal()
            arrays[1][index] &= ~ctrl.getMaskVal()
            arrays[2][index] = ctrl.getVarianceVal()

    def _assign(self, other):
        super()._assign(other)
        if isinstance(other, HeavyFootprint):
            self._values = other._values

    def isHeavy(self):
        """Return whether the footprint holds pixel values (`bool`)."""
        return True

    def getImageArray(self):
        """Return the values of the image (`numpy.ndarray`, (n,)), a view."""
        return self._values[0]

    def getMaskArray(self):
        """Return the values of the mask (`numpy.ndarray` of `numpy.int32`, (n,)), a view."""
        return self._values[1]

    def getVarianceArray(self):
        """Return the variances (`numpy.ndarray` of `numpy.float32`, (n,)), a view."""
        return self._values[2]

    def getMaskBitsSet(self):
        """Return the union of the mask bits of all pixels (`int`)."""
        return int(np.bitwise_or.reduce(self._values[1], initial=0))

    def insert(self, image):
        """Copy the values to a `lsst.afw.image.MaskedImage` or a `lsst.afw.image.Image`.

        Raises
        ------
        lsst.pex.exceptions.OutOfRangeError
            Raised if a pixel is outside the image.
        """
        planes = [image.image, image.mask, image.variance] if hasattr(image, "variance") else [image]
        for plane, values in zip(planes, self._values):
            self._spans.unflatten(plane.array, values, plane.getXY0())

    def dot(self, other):
        """Return the sum of the products of the values of the pixels in both footprints (`float`)."""
        common = self._spans.intersect(other._spans)
        mine, theirs = (f._valuesAt(common).astype(np.float64) for f in (self, other))
        return float(mine @ theirs)

    def _valuesAt(self, spans):
        image = self._spans.unflatten(self._values[0])
        return spans.flatten(image, self.getBBox().getMin())

    def __reduce__(self):
        raise TypeError(f"{type(self).__name__} cannot be pickled; use writeFits")


class HeavyFootprintF(HeavyFootprint):
    """A heavy footprint of `numpy.float32` pixels."""

    _imageType, _suffix = np.dtype(np.float32), "F"


class HeavyFootprintD(HeavyFootprint):
    """A heavy footprint of `numpy.float64` pixels."""

    _imageType, _suffix = np.dtype(np.float64), "D"


class HeavyFootprintI(HeavyFootprint):
    """A heavy footprint of `numpy.int32` pixels."""

    _imageType, _suffix = np.dtype(np.int32), "I"


class HeavyFootprintU(HeavyFootprint):
    """A heavy footprint of `numpy.uint16` pixels."""

    _imageType, _suffix = np.dtype(np.uint16), "U"


_CLASSES = {c._imageType: c for c in (HeavyFootprintF, HeavyFootprintD, HeavyFootprintI, HeavyFootprintU)}


def makeHeavyFootprint(foot, img, ctrl=None):
    """Return a heavy footprint with the pixels of a masked image; parameters are those of the class."""
    return _CLASSES[img.image.array.dtype](foot, img, ctrl)
