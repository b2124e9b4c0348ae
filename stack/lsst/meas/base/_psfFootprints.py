# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Elliptical footprints of the shape of the PSF, made for all sources at once."""

import numpy as np

from lsst.afw.detection import Footprint
from lsst.afw.geom import Span, SpanSet
from lsst.geom import Point2D, Point2I

from ._ellipseSpans import EllipseSpans
from ._lazyFootprints import attachLazily

__all__ = ["PsfShapeFootprints", "attachPsfShapeFootprints"]


class PsfShapeFootprints:
    """The footprints of all sources of an image, which it makes when it is called.

    Parameters
    ----------
    exposure : `lsst.afw.image.Exposure`
        The image.
    x, y : `numpy.ndarray`, (n,)
        Positions (pixels).
    spans : `EllipseSpans`
        The pixels of each.
    """

    def __init__(self, exposure, x, y, spans):
        self._image = exposure.image
        self._x = x
        self._y = y
        self._spans = spans

    def orBits(self, index, mask):
        """Unite the mask bits of the pixels of each footprint.

        Parameters
        ----------
        index : sequence of `int`
            Numbers of the footprints.
        mask : `lsst.afw.image.Mask`
            The mask.

        Returns
        -------
        bits : `numpy.ndarray`, (n,)
            Bits that any pixel has.
        """
        # Here, as what it imports takes long: see lsst._compiled.
        from ._maskBits import orSpans

        return orSpans(mask, self._spans, np.asarray(index, dtype=np.int64))

    def contains(self, index, x, y):
        """Say which footprints contain which positions.

        Parameters
        ----------
        index : sequence of `int`
            Numbers of the footprints.
        x, y : `numpy.ndarray`, (n,)
            A position for each (pixels).

        Returns
        -------
        answers : `numpy.ndarray`, (n,), `bool`
            Is its pixel in the footprint?
        """
        spans, box = self._spans.take(np.asarray(index, dtype=np.int64)), self._image.getBBox()
        known = np.isfinite(x) & np.isfinite(y)
        column, row = (np.floor(np.where(known, value, 0.0) + 0.5).astype(np.int64) for value in (x, y))
        line = row - spans.y0
        known &= (line >= 0) & (line < spans.xMin.shape[1])
        line = np.where(known, line, 0)[:, np.newaxis]
        first, last = (
            np.take_along_axis(limit, line, axis=1)[:, 0] for limit in (spans.xMin, spans.xMax)
        )
        first, last = np.maximum(first, box.getMinX()), np.minimum(last, box.getMaxX())
        onImage = (row >= box.getMinY()) & (row <= box.getMaxY())
        return known & onImage & (column >= first) & (column <= last)

    def getPeaks(self, index):
        """Return the peaks of footprints: the pixels of the positions.

        Parameters
        ----------
        index : sequence of `int`
            Numbers of the footprints.

        Returns
        -------
        peaks : `numpy.ndarray`, (n, 2)
            Positions of the peaks (pixels).
        """
        index = np.asarray(index, dtype=np.int64)
        return np.floor(np.stack([self._x[index], self._y[index]], axis=-1) + 0.5)

    def __call__(self, index):
        """Make one footprint.

        Parameters
        ----------
        index : `int`
            Its number.

        Returns
        -------
        footprint : `lsst.afw.detection.Footprint`
            The footprint, with the pixel of the position as its peak.
        """
        spans, box = self._spans, self._image.getBBox()
        rows = zip(spans.xMin[index].tolist(), spans.xMax[index].tolist())
        y0 = int(spans.y0[index])
        list_ = [Span(y0 + row, xMin, xMax) for row, (xMin, xMax) in enumerate(rows) if xMax >= xMin]
        footprint = Footprint(SpanSet(list_).clippedTo(box), box)
        center = Point2I(Point2D(self._x[index], self._y[index]))
        value = self._image.array[center.getY() - box.getMinY(), center.getX() - box.getMinX()]
        footprint.addPeak(center.getX(), center.getY(), float(value))
        return footprint


def attachPsfShapeFootprints(sources, exposure, scaling):
    """Give sources elliptical footprints of the shape of the PSF.

    Where the PSF has no shape the footprint is empty; in the original that is an error for all sources.

    Parameters
    ----------
    sources : `lsst.afw.table.SourceCatalog`
        The sources; their sky positions must be on the image.
    exposure : `lsst.afw.image.Exposure`
        The image, with PSF and WCS.
    scaling : `float`
        Radius in units of the PSF's.

    Raises
    ------
    RuntimeError
        The image has no PSF.
    AssertionError
        A source is not on the image.
    """
    psf = exposure.getPsf()
    if psf is None:
        raise RuntimeError("Cannot construct Footprints from PSF shape without a PSF.")
    if len(sources) == 0:
        return
    x, y = exposure.getWcs().skyToPixelArray(sources["coord_ra"], sources["coord_dec"])
    _requireInside(sources, exposure.getBBox(), x, y)
    moments = np.nan_to_num(psf._computeShapes(np.stack([x, y], axis=-1))) * scaling**2
    attachLazily(sources, PsfShapeFootprints(exposure, x, y, EllipseSpans.fromShapes(x, y, *moments.T)))


def _requireInside(sources, box, x, y):
    with np.errstate(invalid="ignore"):
        inside = (
            (np.floor(x + 0.5) >= box.getMinX())
            & (np.floor(x + 0.5) <= box.getMaxX())
            & (np.floor(y + 0.5) >= box.getMinY())
            & (np.floor(y + 0.5) <= box.getMaxY())
        )
    if not inside.all():
        outside = sources[int(np.flatnonzero(~inside)[0])].getId()
        raise AssertionError(
            f"Center for record {outside} is not in exposure; this should be guaranteed by generateMeasCat."
        )
