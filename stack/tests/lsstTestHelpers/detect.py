# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Stands in for detection, with which LSST's tests make footprints: SciPy finds and grows the regions."""

import numpy as np
import scipy.ndimage

from lsst.afw.detection import Footprint
from lsst.afw.geom import SpanSet
from lsst.afw.image import Mask


class Threshold:
    """A pixel value; other kinds of v23's thresholds need statistics."""

    VALUE = 0

    def __init__(self, value, type=VALUE, polarity=True):
        if type != self.VALUE or not polarity:
            raise NotImplementedError("only positive thresholds by value")
        self.value = value

    def getValue(self):
        """Return the pixel value."""
        return self.value


class FootprintSet:
    """Footprints of the pixels of an image at or above a threshold, or of another set, grown."""

    def __init__(self, source, threshold, isotropic=None):
        if isinstance(source, FootprintSet):
            self.region = source.region
            self.footprints = [self._grow(footprint, threshold) for footprint in source.footprints]
        else:
            self.region = source.getBBox()
            self.footprints = list(self._find(getattr(source, "image", source), threshold.getValue()))

    def _find(self, image, value):
        """Yield a footprint for each connected region, with its local maxima as peaks."""
        array = image.array
        labels, count = scipy.ndimage.label(array >= value, structure=np.ones((3, 3)))
        isMaximum = scipy.ndimage.maximum_filter(array, 3) == array
        for number in range(1, count + 1):
            footprint = Footprint(self._makeSpans(labels == number), self.region)
            for y, x in np.argwhere((labels == number) & isMaximum):
                footprint.addPeak(x + self.region.minX, y + self.region.minY, array[y, x])
            footprint.sortPeaks()
            yield footprint

    def _makeSpans(self, selected):
        mask = Mask(self.region)
        mask.array[selected] = 1
        return SpanSet.fromMask(mask, 1)

    def _grow(self, footprint, radius):
        grown = Footprint(footprint)
        grown.dilate(radius)
        grown.clipTo(self.region)
        return grown

    def getFootprints(self):
        """Return the footprints."""
        return self.footprints

    def setMask(self, mask, plane):
        """Set a plane of a mask where the footprints are."""
        for footprint in self.footprints:
            footprint.spans.setMask(mask, mask.getPlaneBitMask(plane))

    def getRegion(self):
        """Return the box of the image."""
        return self.region
