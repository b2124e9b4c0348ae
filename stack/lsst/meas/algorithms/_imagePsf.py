# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Point spread functions whose shape and aperture flux are measured on their image."""

__all__ = ["ImagePsf"]

import math
from functools import partial

import numpy as np

from lsst.afw.detection import Psf
from lsst.afw.geom.ellipses import Quadrupole
from lsst.afw.math._adaptiveMoments import adaptiveMoments
from lsst.afw.math._sincCoefficients import sincCoefficients


class ImagePsf(Psf):
    """A Psf that measures its shape (adaptive moments) and aperture flux (sinc aperture) on its kernel image.

    A Python subclass implements what `lsst.afw.detection.Psf` asks for, except for those two.
    """

    def _doComputeApertureFlux(self, radius, position, color):
        image = self.computeKernelImage(position, color, self.INTERNAL)
        return float(_apertureFluxes(image.array[np.newaxis], (image.getX0(), image.getY0()), radius)[0])

    def _doComputeShape(self, position, color):
        image = self.computeKernelImage(position, color, self.INTERNAL)
        return Quadrupole(*_shapes(image.array[np.newaxis], (image.getX0(), image.getY0()))[0])

    def _computeShapes(self, positions):
        if type(self)._doComputeShape is not ImagePsf._doComputeShape:
            return super()._computeShapes(positions)
        return self._measureKernelImages(_shapes, positions, (3,))

    def _computeApertureFluxes(self, radius, positions):
        if type(self)._doComputeApertureFlux is not ImagePsf._doComputeApertureFlux:
            return super()._computeApertureFluxes(radius, positions)
        return self._measureKernelImages(partial(_apertureFluxes, radius=radius), positions, ())

    def _measureKernelImages(self, measure, positions, shape):
        """Measure the kernel images at positions; only one if it is the same everywhere."""
        positions = np.asarray(positions, dtype=np.float64)
        first = positions[:1] if self._isFixed else positions
        results = np.full((len(first), *shape), np.nan)
        if self._isRectangular() and len(first):
            images, xy0 = self._computeKernelImages(first)
            results[:] = measure(images, xy0[0])
        else:
            for index, images, xy0 in self._computeKernelImageBatches(first):
                results[index] = measure(images, xy0[0])
        return np.repeat(results, len(positions), axis=0) if self._isFixed else results


def _shapes(images, xy0):
    """Return Ixx, Iyy, Ixy of kernel images: (n, 3), pixels squared."""
    centre = np.full((2, len(images)), -np.array(xy0, dtype=np.float64)[:, np.newaxis])
    moments = adaptiveMoments(images, *centre)
    return np.stack([moments.xx, moments.yy, moments.xy], axis=1)


def _apertureFluxes(images, xy0, radius):
    """Return the flux of kernel images in a circle; NaN if the circle leaves the image."""
    coefficients = sincCoefficients(float(radius))
    half = coefficients.shape[0]//2
    reach = math.floor(radius + 0.5)
    height, width = images.shape[1:]
    x0, y0 = xy0
    if not (x0 <= -reach and y0 <= -reach and reach < x0 + width and reach < y0 + height):
        return np.full(len(images), np.nan)
    left, right = max(x0, -half), min(x0 + width, half + 1)
    bottom, top = max(y0, -half), min(y0 + height, half + 1)
    weights = coefficients[bottom + half:top + half, left + half:right + half]
    return np.tensordot(images[:, bottom - y0:top - y0, left - x0:right - x0], weights, axes=2)
