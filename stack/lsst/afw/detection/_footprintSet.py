# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Detecting footprints in images, growing and merging them."""

__all__ = ["FootprintSet"]

import numpy as np

from lsst.afw.geom import Span, SpanSet, Stencil
from lsst.geom import Box2I
from lsst.pex.exceptions import InvalidParameterError, LogicError

from ._findFootprints import findPeaks, findRegions
from ._footprint import Footprint
from ._footprintCtrl import FootprintControl
from ._heavyFootprint import makeHeavyFootprint
from ._peak import PeakCatalog
from ._threshold import Threshold


class FootprintSet:
    """The footprints detected in an image.

    Parameters
    ----------
    *args : several
        - ``img, threshold, npixMin=1, setPeaks=True`` to search a `lsst.afw.image.Image`;
        - ``img, threshold, planeName="", npixMin=1, setPeaks=True`` to search a
          `lsst.afw.image.MaskedImage` and set a mask plane where something is found;
        - ``img, threshold, npixMin=1`` to search a `lsst.afw.image.Mask`;
        - ``region`` (`lsst.geom.Box2I`) for an empty set;
        - ``set`` to copy another;
        - ``set, rGrow, ctrl`` (`FootprintControl`) or ``set, rGrow, isotropic`` (`bool`, optional) to grow
          another.

    Raises
    ------
    lsst.pex.exceptions.InvalidParameterError
        Raised if the threshold does not fit the image, or footprints should grow by a negative number.
    """

    def __init__(self, *args, **kwargs):
        args = [kwargs.pop(name) for name in ("img", "region", "set") if name in kwargs] + list(args)
        first = args.pop(0)
        self._footprints = []
        if isinstance(first, Box2I):
            self._region = Box2I(first)
        elif isinstance(first, FootprintSet):
            self._copyOrGrow(first, *args, **kwargs)
        else:
            self._region = first.getBBox()
            if hasattr(first, "variance"):
                self._searchMaskedImage(first, *args, **kwargs)
            elif hasattr(first, "getPlaneBitMask"):
                self._searchMask(first, *args, **kwargs)
            else:
                self._searchImage(first, *args, **kwargs)

    def _copyOrGrow(self, other, rGrow=0, ctrl=None, *, isotropic=True):
        self._region = other.getRegion()
        if isinstance(rGrow, FootprintSet):
            raise LogicError("NOT IMPLEMENTED")
        if rGrow < 0:
            raise InvalidParameterError(f"I cannot grow by negative numbers: {rGrow}")
        if rGrow == 0:
            self._footprints = [Footprint(footprint) for footprint in other._footprints]
            return
        if not isinstance(ctrl, FootprintControl):
            ctrl = FootprintControl(True, isotropic if ctrl is None else bool(ctrl))
        self._footprints = _merge(self._region, [(other._footprints, rGrow)], ctrl)

    def _searchImage(self, img, threshold, npixMin=1, setPeaks=True):
        level = threshold._getValueFor(img)
        self._search(img, _signed(img.array, threshold), level, threshold, npixMin, setPeaks)

    def _searchMaskedImage(self, img, threshold, planeName="", npixMin=1, setPeaks=True):
        level = threshold._getValueFor(img)
        values = _signed(img.image.array, threshold)
        if threshold.getType() == Threshold.PIXEL_STDEV:
            with np.errstate(invalid="ignore"):
                level = level * np.sqrt(img.variance.array.astype(float))
        self._search(img.image, values, level, threshold, npixMin, setPeaks)
        if planeName:
            img.mask.addMaskPlane(planeName)
            self.setMask(img.mask, planeName)

    def _searchMask(self, mask, threshold, npixMin=1):
        if threshold.getType() == Threshold.BITMASK:
            bits = int(threshold.getValue())
            include = int(threshold.getValue() * threshold.getIncludeMultiplier())
            self._makeFootprints(mask, (mask.array & bits) != 0, (mask.array & include) != 0, npixMin)
        elif threshold.getType() == Threshold.VALUE:
            values = _signed(mask.array, threshold)
            self._search(mask, values, threshold.getValue(), threshold, npixMin, False)
        else:
            raise InvalidParameterError("You must specify a numerical threshold value with a Mask")

    def _search(self, image, values, level, threshold, npixMin, setPeaks):
        with np.errstate(invalid="ignore"):
            detected = values >= level
            include = values >= level * threshold.getIncludeMultiplier()
        spans, counts = self._makeFootprints(image, detected, include, npixMin)
        if setPeaks and self._footprints:
            xy0 = image.getXY0()
            polarity = threshold.getPolarity()
            peaks = findPeaks(spans, counts, image.array, xy0.getX(), xy0.getY(), polarity)
            for footprint, its in zip(self._footprints, peaks, strict=True):
                footprint._peaks = its

    def _makeFootprints(self, image, detected, include, npixMin):
        """Make the footprints; return their spans as arrays and the number of spans of each."""
        x0, y0 = image.getXY0()
        spans, starts = findRegions(detected, x0, y0)
        counts = np.diff(starts)
        if len(counts) == 0:
            return spans, counts
        area = np.add.reduceat(spans[2] - spans[1] + 1, starts[:-1])
        # a running count of the pixels over the second threshold tells how many a run has
        total = np.zeros((include.shape[0], include.shape[1] + 1), dtype=np.int64)
        np.cumsum(include, axis=1, out=total[:, 1:])
        row = spans[0] - y0
        good = total[row, spans[2] - x0 + 1] - total[row, spans[1] - x0]
        keep = (area >= npixMin) & (np.add.reduceat(good, starts[:-1]) > 0)
        kept = np.repeat(keep, counts)
        spans, counts = tuple(column[kept] for column in spans), counts[keep]
        ends = np.cumsum(counts)
        for begin, end in zip((ends - counts).tolist(), ends.tolist(), strict=True):
            columns = (column[begin:end] for column in spans)
            self._footprints.append(Footprint(SpanSet._fromArrays(*columns), self._region))
        return spans, counts

    def swap(self, other):
        """Exchange the contents with another set."""
        self._footprints, other._footprints = other._footprints, self._footprints
        self._region, other._region = other._region, self._region

    def getFootprints(self):
        """Return the footprints (`list` of `Footprint`, a new list)."""
        return list(self._footprints)

    def setFootprints(self, footprints):
        """Set the footprints."""
        self._footprints = list(footprints)

    def getRegion(self):
        """Return the bounding box of the image (`lsst.geom.Box2I`)."""
        return Box2I(self._region)

    def setRegion(self, region):
        """Set the bounding box of the image, of the footprints as well."""
        self._region = Box2I(region)
        for footprint in self._footprints:
            footprint.setRegion(region)

    def makeSources(self, catalog):
        """Add a source for each footprint to a `lsst.afw.table.SourceCatalog`."""
        for footprint in self._footprints:
            catalog.addNew().setFootprint(footprint)

    def insertIntoImage(self):
        """Return an image of the number of the footprint of each pixel, from 1 (`lsst.afw.image.ImageL`)."""
        import lsst.afw.image

        image = lsst.afw.image.ImageL(self._region)
        for number, footprint in enumerate(self._footprints, 1):
            index = footprint.spans._index(image.array.shape, image.getXY0())
            image.array[index] += image.array.dtype.type(number)
        return image

    def setMask(self, mask, planeName):
        """Set a plane of a `lsst.afw.image.Mask` at the pixels of the footprints."""
        bits = mask.getPlaneBitMask(planeName)
        for footprint in self._footprints:
            footprint.spans.setMask(mask, bits)

    def merge(self, rhs, tGrow=0, rGrow=0, isotropic=True):
        """Add the footprints of another set, in place; those that then touch become one.

        Parameters
        ----------
        rhs : `FootprintSet`
            The other set, of the same region.
        tGrow, rGrow : `int`, optional
            How many pixels to grow the footprints of this and of the other set before.
        isotropic : `bool`, optional
            Whether to grow by a circle rather than a diamond.

        Raises
        ------
        lsst.pex.exceptions.InvalidParameterError
            Raised if the regions differ.
        """
        if self._region != rhs._region:
            raise InvalidParameterError("The two FootprintSets must have the same region")
        ctrl = FootprintControl(True, isotropic)
        sets = [(self._footprints, tGrow), (rhs._footprints, rGrow)]
        self._footprints = _merge(self._region, sets, ctrl)

    def makeHeavy(self, mimg, ctrl=None):
        """Make the footprints heavy, with the pixels of a `lsst.afw.image.MaskedImage`, in place."""
        self._footprints = [makeHeavyFootprint(footprint, mimg, ctrl) for footprint in self._footprints]


def _signed(array, threshold):
    values = array.astype(float)
    return values if threshold.getPolarity() else -values


def _growthElement(amount, ctrl):
    """Return what footprints are dilated with (`SpanSet`)."""
    if ctrl.isCircular()[1]:
        stencil = Stencil.CIRCLE if ctrl.isIsotropic()[1] else Stencil.MANHATTAN
        return SpanSet.fromShape(amount, stencil)
    left, right, up, down = (
        amount * flag[1] for flag in (ctrl.isLeft(), ctrl.isRight(), ctrl.isUp(), ctrl.isDown())
    )
    columns = [Span(dy, 0, 0) for dy in range(-down, up + 1) if dy != 0]
    return SpanSet([*columns, Span(0, -left, right)])


def _merge(region, sets, ctrl):
    """Return the footprints of the union of grown sets, with the peaks of all that went into each."""
    spanSets, footprints = [], []
    for members, amount in sets:
        element = _growthElement(amount, ctrl) if amount > 0 else None
        for footprint in members:
            spans = footprint.spans
            spanSets.append((spans if element is None else spans.dilated(element)).clippedTo(region))
            footprints.append(footprint)
    label = np.zeros((region.height, region.width), dtype=np.int32)
    for spans in spanSets:
        label[spans._index(label.shape, region.getMin())] = 1
    columns, starts = findRegions(label != 0, region.minX, region.minY)
    merged = []
    for i in range(len(starts) - 1):
        spans = SpanSet._fromArrays(*(column[starts[i] : starts[i + 1]] for column in columns))
        label[spans._index(label.shape, region.getMin())] = i + 1
        merged.append(Footprint(spans, region))
    records = [[] for _ in merged]
    for footprint, spans in zip(footprints, spanSets, strict=True):
        for number in np.unique(spans.flatten(label, region.getMin())):
            records[number - 1] += list(footprint.peaks)
    for footprint, peaks in zip(merged, records, strict=True):
        peaks.sort(key=lambda peak: (-peak.getPeakValue(), peak.getIx(), peak.getIy()))
        footprint._peaks = PeakCatalog(footprint.peaks.getTable())
        for peak in peaks:
            footprint._peaks.append(peak)
    return merged
