# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""The point spread function of Piff."""

__all__ = ["PiffPsf"]

import numpy as np

from lsst.afw.image import ImageD
from lsst.geom import Box2I, Extent2I, Point2D, Point2I
from lsst.meas.algorithms import ImagePsf
from lsst.pex.exceptions import InvalidParameterError

_CHUNK = 1 << 19
"""Number of pixels of the images that are made at a time."""


class PiffPsf(ImagePsf):
    """A PSF that Piff fitted to the stars of an image.

    Parameters
    ----------
    width, height : `int`
        Size of its images, pixels; both the same.
    piffResult : `piff.PSF`
        The fit. A model of pixels (`piff.PixelGrid`) whose values are polynomials (`piff.BasisPolynomial`) on
        a detector with a pixel scale is the fastest. Where a fit depends on color, that is the mean of the
        stars: colors of v23 do not say of which bands they are.

    Raises
    ------
    lsst.pex.exceptions.InvalidParameterError
        Raised if width and height are not the same.
    """

    def __init__(self, width, height, piffResult):
        super().__init__(isFixed=False)
        if width != height:
            raise InvalidParameterError(f"images of a PiffPsf are square, not {width} x {height}")
        self.width, self.height = int(width), int(height)
        self._piffResult = piffResult
        self._stored = None
        self._isGrid = _isGrid(piffResult)
        used = [star for star in piffResult.stars if not star.is_flagged and not star.is_reserve]
        self._averagePosition = Point2D(_mean([star.image_pos.x for star in used]),
                                        _mean([star.image_pos.y for star in used]))
        self._color = {}
        if "colorValue" in piffResult.interp_property_names:
            self._color["colorValue"] = _mean([star.data.properties["colorValue"] for star in used])

    @property
    def piffResult(self):
        """The PSF of Piff (`piff.SimplePSF`)."""
        return self._piffResult

    def __deepcopy__(self, memo=None):
        copy = PiffPsf(self.width, self.height, self._piffResult)
        copy._stored = self._stored
        return copy

    def resized(self, width, height):
        """Return a PSF with images of another size, pixels, which cannot be stored."""
        return PiffPsf(width, height, self._piffResult)

    def getAveragePosition(self):
        """Return the average position of the stars that were used, pixels."""
        return Point2D(self._averagePosition)

    def _doComputeImage(self, position, color):
        return self._draw(position, None)

    def _doComputeKernelImage(self, position, color):
        return self._draw(position, True)

    def _doComputeBBox(self, position, color):
        return Box2I(Point2I(-(self.width//2), -(self.width//2)), Extent2I(self.width, self.width))

    def _draw(self, position, center):
        """Let Piff draw an image around a position, centred there or, if true, at the middle pixel."""
        x, y = position
        if not (np.isfinite(x) and np.isfinite(y)):
            raise InvalidParameterError(f"position {position} of a PSF image is not finite")
        drawn = self._piffResult.draw(x, y, stamp_size=self.width, center=center, **self._color)
        # Not v23's floor(x + 0.5): for positions halfway between pixels that is not where Piff drew.
        xy0 = -(self.width//2), -(self.width//2)
        if center is None:
            xy0 = drawn.bounds.xmin, drawn.bounds.ymin
        return ImageD(drawn.array/drawn.array.sum(), False, Point2I(*xy0))

    def _scale(self):
        """Return the pixel scale, arcseconds."""
        wcs, = self._piffResult.wcs.values()
        return wcs.scale

    def _isRectangular(self):
        return self._isGrid

    def _computeImages(self, positions):
        if not self._isGrid:
            return super()._computeImages(positions)
        positions = self._fillPositions(positions)
        odd = self.width % 2
        centers = np.ceil(positions - 0.5*odd)
        return self._drawMany(positions, centers - self.width//2, positions)

    def _computeKernelImages(self, positions):
        if not self._isGrid:
            return super()._computeKernelImages(positions)
        positions = self._fillPositions(positions)
        corner = np.full_like(positions, -(self.width//2))
        middle = np.full_like(positions, 0.5*(self.width % 2) - 0.5)
        return self._drawMany(positions, corner, middle)

    def _drawMany(self, positions, corners, centers):
        """Make the images at positions as Piff would: from corners on, around centers (n, 2)."""
        images = np.full((len(positions), self.width, self.width), np.nan)
        usable = np.flatnonzero(np.isfinite(positions).all(axis=1) & (np.abs(positions) < 1e8).all(axis=1))
        number = _CHUNK//max(self.width, self._piffResult.model.size)**2 + 1
        for start in range(0, len(usable), number):
            index = usable[start:start + number]
            # The interpolation is the same along both axes, and one after the other.
            xWeights, yWeights = (self._weights((centers - corners)[index, axis]) for axis in (0, 1))
            part = yWeights @ self._pixelGrids(positions[index]) @ xWeights.transpose(0, 2, 1)
            images[index] = part/part.sum(axis=(1, 2), keepdims=True)
        corners = np.where(np.isfinite(corners) & (np.abs(corners) < 1e9), corners, 0.0)
        return images, corners.astype(np.int32)

    def _weights(self, center):
        """Return the weights of the pixels of the model in those of images along an axis: (n, width, size).

        Parameters
        ----------
        center : `numpy.ndarray`, (n,)
            Where the centre of the model is, in pixels from the first of the image.
        """
        model = self._piffResult.model
        step = self._scale()/model.scale
        at = (np.arange(self.width) - center[:, np.newaxis])*step
        offsets = at[:, :, np.newaxis] - (np.arange(model.size) - model.size//2)
        return np.reshape(model.interp.xval(offsets.ravel()), offsets.shape)

    def _pixelGrids(self, positions):
        """Return the pixels of the model at positions: (n, size, size)."""
        interp, size = self._piffResult.interp, self._piffResult.model.size
        scale = self._scale()
        x, y = positions.T
        values = {"x": x, "y": y, "u": x*scale, "v": y*scale, **self._color}
        powers = [np.broadcast_to(values[key], len(x))[:, np.newaxis]**np.arange(order + 1)
                  for key, order in zip(interp.property_names, interp._orders)]
        terms = powers[0]
        for more in powers[1:]:
            terms = terms[..., np.newaxis]*more.reshape(len(x), *(1,)*(terms.ndim - 1), -1)
        return (terms[:, interp._mask] @ interp.q.T).reshape(-1, size, size)


def _isGrid(piffResult):
    """Are the images of a PSF sums of a model's pixels, whose values are polynomials?"""
    parts = type(getattr(piffResult, "model", None)), type(getattr(piffResult, "interp", None)), *(
        type(wcs) for wcs in piffResult.wcs.values())
    names = [part.__name__ for part in parts]
    return names == ["PixelGrid", "BasisPolynomial", "PixelScale"] and piffResult.pointing is None


def _mean(values):
    """Return the mean of the finite values, NaN if there is none."""
    values = np.array(values, dtype=np.float64)
    return float(np.mean(values[np.isfinite(values)])) if np.isfinite(values).any() else np.nan
