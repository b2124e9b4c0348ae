# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""The PSF at a position and the pixels under it, one position at a time."""

from __future__ import annotations

__all__ = ["PsfStamp", "PsfStamps", "findPsfReach"]

from collections.abc import Iterable

import lsst.geom as geom
import numpy as np
from lsst.afw.image import ExposureF, ImageD


class PsfStamps:
    """Cuts stamps out of an image, for the few sources that need a fit of their own.

    Parameters
    ----------
    exposure : `lsst.afw.image.Exposure`
        Image with a PSF.
    badMaskPlanes : iterable of `str`, optional
        Mask planes of pixels that no fit uses, as of base_PsfFlux.
    """

    def __init__(self, exposure: ExposureF, badMaskPlanes: Iterable[str] = ()) -> None:
        self.box = exposure.getBBox()
        self._psf = exposure.getPsf()
        self._data = exposure.image.array
        self._variance = exposure.variance.array
        self._mask = exposure.mask.array
        planes = list(badMaskPlanes)
        self._badBits = exposure.mask.getPlaneBitMask(planes) if planes else 0

    def at(self, x: float, y: float) -> PsfStamp | None:
        """Cut the stamp at a position.

        Parameters
        ----------
        x, y : `float`
            Pixel position, in the parent frame.

        Returns
        -------
        stamp : `PsfStamp` or `None`
            The stamp; `None` if the PSF cannot be evaluated there.
        """
        image = self._evaluatePsf(x, y)
        if image is None:
            return None
        box = geom.Box2I(image.getBBox())
        box.clip(self.box)
        psf = _cut(image.array, image.getBBox(), box)
        data, variance, mask = (_cut(array, self.box, box)
                                for array in (self._data, self._variance, self._mask))
        return PsfStamp(box, psf, data.astype(float), variance.astype(float), (mask & self._badBits) == 0,
                        float((image.array**2).sum()), box != image.getBBox())

    def countPixels(self, x: float, y: float) -> int:
        """Count the pixels of the PSF at a position.

        Parameters
        ----------
        x, y : `float`
            Pixel position.

        Returns
        -------
        count : `int`
            Number of pixels, on the image or not.
        """
        return self._psf.computeImageBBox(geom.Point2D(x, y)).getArea()

    def _evaluatePsf(self, x: float, y: float) -> ImageD | None:
        """Return the image of the PSF, or `None` if there is none that can be fitted."""
        try:
            image = self._psf.computeImage(geom.Point2D(float(x), float(y)))
        except Exception:
            # Every kind of PSF has its own way to fail.
            return None
        return image if np.isfinite(image.array).all() and image.array.any() else None


class PsfStamp:
    """The PSF at a position and the pixels under it, as far as they are on the image.

    Attributes
    ----------
    box : `lsst.geom.Box2I`
        Where the arrays lie; may be empty.
    psf : `numpy.ndarray`, (h, w), `float64`
        The PSF.
    data, variance : `numpy.ndarray`, (h, w), `float64`
        The pixels.
    isUsable : `numpy.ndarray`, (h, w)
        Whether the mask lets a fit use each pixel, bool.
    isFinite : `numpy.ndarray`, (h, w)
        Whether each pixel and its variance are finite, bool.
    weight : `float`
        Sum of the square of the whole PSF, off the image too.
    isClipped : `bool`
        Whether a part of the PSF is off the image.
    """

    def __init__(self, box: geom.Box2I, psf: np.ndarray, data: np.ndarray, variance: np.ndarray,
                 isUsable: np.ndarray, weight: float, isClipped: bool) -> None:
        self.box = box
        self.psf = psf
        self.data = data
        self.variance = variance
        self.isUsable = isUsable
        self.isFinite = np.isfinite(data) & np.isfinite(variance)
        self.weight = weight
        self.isClipped = isClipped


def findPsfReach(exposure: ExposureF) -> np.ndarray | None:
    """Find out how far the PSF reaches from its center, in the middle of an image.

    Parameters
    ----------
    exposure : `lsst.afw.image.Exposure`
        The image.

    Returns
    -------
    reach : `numpy.ndarray`, (2,) or `None`
        How many pixels in x and y; `None` if there is no PSF there.
    """
    try:
        box = exposure.getPsf().computeImageBBox(geom.Box2D(exposure.getBBox()).getCenter())
    except Exception:
        # Every kind of PSF has its own way to fail.
        return None
    return np.array([box.getWidth(), box.getHeight()])//2 + 1


def _cut(array: np.ndarray, arrayBox: geom.Box2I, box: geom.Box2I) -> np.ndarray:
    """Return the view of the part of an array that lies in a box."""
    x0, y0 = box.getMinX() - arrayBox.getMinX(), box.getMinY() - arrayBox.getMinY()
    if box.isEmpty():
        return array[:0, :0]
    return array[y0:y0 + box.getHeight(), x0:x0 + box.getWidth()]
