# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""The pixels of a detection and its peaks."""

__all__ = ["Footprint"]

import numpy as np

from lsst.afw.geom import SkyWcs, SpanSet, Stencil, makeWcsPairTransform
from lsst.afw.table import Schema
from lsst.afw.table.io import Persistable
from lsst.geom import AffineTransform, Box2I, LinearTransform
from lsst.pex.exceptions import LogicError

from ._peak import PeakCatalog, PeakTable


class Footprint(Persistable):
    """The pixels of a detection and its peaks.

    Parameters
    ----------
    inputSpans : `lsst.afw.geom.SpanSet` or `Footprint`, optional
        The pixels, none by default; or a footprint to copy.
    peakSchema : `lsst.afw.table.Schema`, optional
        Schema of the peaks; the minimal one by default.
    region : `lsst.geom.Box2I`, optional
        Bounding box of the image that the pixels belong to; may take the place of ``peakSchema``.
    """

    __hash__ = None

    def __init__(self, inputSpans=None, peakSchema=None, region=None):
        if isinstance(inputSpans, Footprint):
            self._assign(inputSpans)
            return
        if isinstance(peakSchema, Box2I):
            peakSchema, region = None, peakSchema
        if not isinstance(inputSpans, (SpanSet, type(None))):
            raise TypeError(f"A SpanSet is needed, not a {type(inputSpans).__name__}")
        if not isinstance(peakSchema, (Schema, type(None))):
            raise TypeError(f"A Schema is needed, not a {type(peakSchema).__name__}")
        self._spans = SpanSet() if inputSpans is None else inputSpans
        self._region = Box2I() if region is None else Box2I(region)
        # Most footprints never get or show a peak: the catalog, or what it is made from, waits.
        self._peaks = None
        self._makePeaks = None
        if peakSchema is not None:
            self._peaks = PeakCatalog(PeakTable.make(peakSchema))

    @classmethod
    def _fromParts(cls, spans, makePeaks):
        """Make a footprint of a `SpanSet` and a function that returns the `PeakCatalog` when it is needed."""
        self = cls.__new__(cls)
        self._spans, self._region = spans, Box2I()
        self._peaks, self._makePeaks = None, makePeaks
        return self

    def _assign(self, other):
        self._spans, self._region = other._spans, other._region
        self._makePeaks = other._makePeaks
        self._peaks = None if other._peaks is None else other._peaks.copy()

    def assign(self, other):
        """Make this a copy of another footprint, whose peak records it then shares.

        Returns
        -------
        self : `Footprint`
            This footprint.
        """
        self._assign(other)
        return self

    def isHeavy(self):
        """Return whether the footprint holds pixel values (`bool`)."""
        return False

    def _withoutPixels(self):
        """Return a copy without the pixels of a heavy footprint."""
        return Footprint(self)

    def getSpans(self):
        """Return the pixels (`lsst.afw.geom.SpanSet`)."""
        return self._spans

    def setSpans(self, otherSpanSet):
        """Set the pixels (`lsst.afw.geom.SpanSet`)."""
        if not isinstance(otherSpanSet, SpanSet):
            raise TypeError(f"A SpanSet is needed, not a {type(otherSpanSet).__name__}")
        self._spans = otherSpanSet

    spans = property(getSpans, setSpans)

    def getPeaks(self):
        """Return the peaks (`PeakCatalog`); changing the catalog changes the footprint."""
        if self._peaks is None:
            if self._makePeaks is None:
                self._peaks = PeakCatalog(PeakTable.make(PeakTable.makeMinimalSchema()))
            else:
                self._peaks = self._makePeaks()
                self._makePeaks = None
        return self._peaks

    @property
    def peaks(self):
        """The peaks (`PeakCatalog`)."""
        return self.getPeaks()

    def addPeak(self, fx, fy, height):
        """Add a peak.

        Parameters
        ----------
        fx, fy : `float`
            Position; the pixel is the position with the fractions dropped.
        height : `float`
            Value.

        Returns
        -------
        peak : `PeakRecord`
            The peak.
        """
        peak = self.getPeaks().addNew()
        peak.setIx(int(fx))
        peak.setIy(int(fy))
        peak.setFx(fx)
        peak.setFy(fy)
        peak.setPeakValue(height)
        return peak

    def sortPeaks(self, key=None):
        """Sort the peaks from the highest to the lowest value of a field (the peak's value by default)."""
        peaks = self.getPeaks()
        if key is None or not key.isValid():
            key = PeakTable.getPeakValueKey()
        values = np.array([record.get(key) for record in peaks])
        order = np.argsort(-values, kind="stable")
        self._peaks = _subset(peaks, order.tolist())

    def setPeakSchema(self, peakSchema):
        """Replace the empty catalog of peaks by one of another schema.

        Raises
        ------
        lsst.pex.exceptions.LogicError
            Raised if there are peaks.
        """
        self.setPeakCatalog(PeakCatalog(PeakTable.make(peakSchema)))

    def setPeakCatalog(self, otherPeaks):
        """Replace the empty catalog of peaks by a copy of another, which shares its records.

        Raises
        ------
        lsst.pex.exceptions.LogicError
            Raised if there are peaks.
        """
        if len(self.getPeaks()) > 0:
            raise LogicError("Cannot change the PeakCatalog unless it is empty")
        self._peaks = otherPeaks.copy()

    def getArea(self):
        """Return the number of pixels (`int`)."""
        return self._spans.getArea()

    def getCentroid(self):
        """Return the mean position of the pixels (`lsst.geom.Point2D`)."""
        return self._spans.computeCentroid()

    def getShape(self):
        """Return the second moments of the pixels (`lsst.afw.geom.Quadrupole`)."""
        return self._spans.computeShape()

    def getBBox(self):
        """Return the bounding box (`lsst.geom.Box2I`)."""
        return self._spans.getBBox()

    def getRegion(self):
        """Return the bounding box of the image that the pixels belong to (`lsst.geom.Box2I`)."""
        return Box2I(self._region)

    def setRegion(self, region):
        """Set the bounding box of the image that the pixels belong to (`lsst.geom.Box2I`)."""
        self._region = Box2I(region)

    def shift(self, *offset):
        """Move pixels and peaks by ``dx, dy`` or by a `lsst.geom.Extent2I`, in place."""
        dx, dy = offset if len(offset) == 2 else offset[0]
        self.setSpans(self._spans.shiftedBy(dx, dy))
        for peak in self.getPeaks():
            peak.setIx(peak.getIx() + dx)
            peak.setIy(peak.getIy() + dy)
            peak.setFx(peak.getFx() + dx)
            peak.setFy(peak.getFy() + dy)

    def clipTo(self, box):
        """Drop pixels and peaks outside a `lsst.geom.Box2I`, in place."""
        self.setSpans(self._spans.clippedTo(box))
        self.removeOrphanPeaks()

    def contains(self, point):
        """Return whether a `lsst.geom.Point2I` is one of the pixels (`bool`)."""
        return self._spans.contains(point)

    def __contains__(self, point):
        return self.contains(point)

    def isContiguous(self):
        """Return whether there is at most one connected region (`bool`)."""
        return self._spans.isContiguous()

    def dilate(self, r, stencil=Stencil.CIRCLE):
        """Grow the pixels, in place; see `lsst.afw.geom.SpanSet.dilated`."""
        self.setSpans(self._spans.dilated(r, stencil))

    def erode(self, r, stencil=Stencil.CIRCLE):
        """Shrink the pixels and drop peaks outside, in place; see `lsst.afw.geom.SpanSet.eroded`."""
        self.setSpans(self._spans.eroded(r, stencil))
        self.removeOrphanPeaks()

    def removeOrphanPeaks(self):
        """Drop the peaks that are not on a pixel of the footprint, in place."""
        if self._peaks is None and self._makePeaks is None:
            return
        peaks = self.getPeaks()
        keep = [i for i, peak in enumerate(peaks) if self._spans.contains(peak.getI())]
        if len(keep) < len(peaks):
            self._peaks = _subset(peaks, keep)

    def split(self):
        """Return a footprint for each connected region, with the peaks in it (`list` of `Footprint`)."""
        parts = []
        spanSets = self._spans.split()
        for spans in spanSets:
            part = Footprint(spans, self.getPeaks().getSchema(), self._region)
            part._peaks = self.getPeaks().copy()
            if len(spanSets) > 1:
                part.removeOrphanPeaks()
            parts.append(part)
        return parts

    def transform(self, *args, doClip=True, **kwargs):
        """Return the image of the footprint under a transform.

        Parameters
        ----------
        transform : `lsst.geom.LinearTransform`, `lsst.geom.AffineTransform` or `TransformPoint2ToPoint2`
            The transform; or two `lsst.afw.geom.SkyWcs`, ``source`` and ``target``, between whose pixels
            to transform.
        region : `lsst.geom.Box2I`
            Bounding box of the image that the new footprint belongs to.
        doClip : `bool`, optional
            Whether to clip to ``region``.

        Returns
        -------
        footprint : `Footprint`
            The new footprint.
        """
        args += tuple(kwargs.pop(name) for name in ("source", "target", "region") if name in kwargs)
        if isinstance(args[0], SkyWcs):
            args = (makeWcsPairTransform(args[0], args[1]), *args[2:])
        transform, region, doClip = (*args, doClip) if len(args) == 2 else args
        if isinstance(transform, LinearTransform):
            transform = AffineTransform(transform)
        forward = transform if isinstance(transform, AffineTransform) else transform.applyForward
        result = Footprint(self._spans.transformedBy(transform), self.getPeaks().getSchema(), region)
        for peak in self.getPeaks():
            x, y = forward(peak.getF())
            result.addPeak(x, y, peak.getPeakValue())
        if doClip:
            result.clipTo(region)
        return result

    def __eq__(self, other):
        if not isinstance(other, Footprint):
            return NotImplemented
        if len(self.getPeaks()) != len(other.getPeaks()):
            return False
        theirs = {_describePeak(peak) for peak in other.getPeaks()}
        if not all(_describePeak(peak) in theirs for peak in self.getPeaks()):
            return False
        return self._spans == other._spans

    def __reduce__(self):
        raise TypeError(f"{type(self).__name__} cannot be pickled; use writeFits")


def _describePeak(peak):
    return peak.getIx(), peak.getIy(), peak.getFx(), peak.getFy(), peak.getPeakValue()


def _subset(peaks, indices):
    result = PeakCatalog(peaks.getTable())
    for i in indices:
        result.append(peaks[i])
    return result
