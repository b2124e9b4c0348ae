# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Evaluation of a Psf at many positions at once."""

__all__ = ["PsfBatch"]

import numpy as np

from lsst.geom import Point2D
from lsst.pex.exceptions import Exception as LsstException


class PsfBatch:
    """The methods of `Psf` for many positions; a mixin that loops over those for one where it must.

    A Psf whose kernel images have one size implements `_kernelImageBasis` to be fast.
    """

    def _kernelImageBasis(self, x, y):
        """Return the kernel images at many positions, as linear combinations if possible.

        Parameters
        ----------
        x, y : `numpy.ndarray`, (n,)
            Positions, finite.

        Returns
        -------
        basis : `numpy.ndarray`, (m, height, width)
            Basis images; or the kernel images themselves if there are no coefficients.
        coefficients : `numpy.ndarray`, (n, m) or `None`
            Coefficients of the basis images in each kernel image; NaN where there is no image.
        xy0 : `tuple` of `int`
            Origin of the kernel images.
        """
        return None

    def _computeKernelImages(self, positions):
        """Compute the kernel images at many positions.

        Parameters
        ----------
        positions : `numpy.ndarray`, (n, 2)
            Positions, pixels. Where both coordinates are NaN the average position is used, as
            `computeKernelImage` does.

        Returns
        -------
        images : `numpy.ndarray`, (n, height, width)
            What `computeKernelImage` returns at each position; NaN where that raises an LSST exception.
            Images of different sizes are padded with zeros at the right and top.
        xy0 : `numpy.ndarray` of `int32`, (n, 2)
            Origin of each image.
        """
        positions = self._fillPositions(positions)
        if self._isFixed:
            positions = np.broadcast_to(list(self.getAveragePosition()), positions.shape)
        parts = self._basisAt(positions) if self._isRectangular() else None
        if parts is None:
            return _stack(self._loop(self.computeKernelImage, positions), len(positions))
        basis, coefficients, xy0 = parts
        images = basis if coefficients is None else np.tensordot(coefficients, basis, axes=1)
        return images, np.broadcast_to(np.array(xy0, dtype=np.int32), positions.shape).copy()

    def _computeImages(self, positions):
        """Compute the images at many positions.

        Parameters
        ----------
        positions : `numpy.ndarray`, (n, 2)
            Positions, pixels; see `_computeKernelImages`.

        Returns
        -------
        images : `numpy.ndarray`, (n, height, width)
            What `computeImage` returns at each position; NaN where that raises an LSST exception. Images of
            different sizes are padded with zeros at the right and top; `_computeImageBatches` does not pad.
        xy0 : `numpy.ndarray` of `int32`, (n, 2)
            Origin of each image.
        """
        positions = self._fillPositions(positions)
        parts = self._basisAt(positions) if self._isRectangular() else None
        if parts is None:
            return _stack(self._loop(self.computeImage, positions), len(positions))
        return self._recenter(positions, *parts)

    def _computeImageBatches(self, positions):
        """Compute the images at many positions, in groups of equal size.

        Parameters
        ----------
        positions : `numpy.ndarray`, (n, 2)
            Positions, pixels; see `_computeKernelImages`.

        Yields
        ------
        index : `numpy.ndarray` of `int`, (k,)
            Which of the positions are in this group. Positions where `computeImage` raises an LSST exception
            are in none.
        images, xy0 : `numpy.ndarray`, (k, height, width) and (k, 2)
            Images and their origins.
        """
        positions = self._fillPositions(positions)
        if self._isRectangular():
            images, xy0 = self._computeImages(positions)
            good = np.flatnonzero(np.isfinite(images[:, 0, 0]))
            if len(good) < len(images):
                images, xy0 = images[good], xy0[good]
            yield good, images, xy0
            return
        yield from _groups(self._loop(self.computeImage, positions), lambda image: image.array.shape)

    def _computeKernelImageBatches(self, positions):
        """Compute the kernel images at many positions, in groups of equal bounding box.

        Parameters are those of `_computeImageBatches`, and so is what is yielded.
        """
        positions = self._fillPositions(positions)
        loop = self._loop(lambda position: self.computeKernelImage(position, None, self.INTERNAL), positions)
        yield from _groups(loop, lambda image: (image.array.shape, *image.getXY0()))

    def _computeShapes(self, positions):
        """Compute Ixx, Iyy and Ixy at many positions.

        Parameters
        ----------
        positions : `numpy.ndarray`, (n, 2)
            Positions, pixels; see `_computeKernelImages`.

        Returns
        -------
        moments : `numpy.ndarray`, (n, 3)
            What `computeShape` returns at each position, pixels squared; NaN where that raises an LSST
            exception.
        """
        moments = np.full((len(positions), 3), np.nan)
        for index, shape in self._loop(self.computeShape, self._fillPositions(positions)):
            moments[index] = shape.getIxx(), shape.getIyy(), shape.getIxy()
        return moments

    def _computeApertureFluxes(self, radius, positions):
        """Compute the fraction of the flux in a circle at many positions.

        Parameters
        ----------
        radius : `float`
            Radius of the circle, pixels.
        positions : `numpy.ndarray`, (n, 2)
            Positions, pixels; see `_computeKernelImages`.

        Returns
        -------
        fluxes : `numpy.ndarray`, (n,)
            What `computeApertureFlux` returns at each position; NaN where that raises an LSST exception.
        """
        fluxes = np.full(len(positions), np.nan)
        positions = self._fillPositions(positions)
        for index, flux in self._loop(lambda position: self.computeApertureFlux(radius, position), positions):
            fluxes[index] = flux
        return fluxes

    def _isRectangular(self):
        """Tell whether all kernel images have one size and are shifted as the base class does."""
        return (type(self)._kernelImageBasis is not PsfBatch._kernelImageBasis
                and not self._overridesDoComputeImage())

    def _basisAt(self, positions):
        if self._isFixed:
            basis, coefficients, xy0 = self._kernelImageBasis(*np.array([list(self.getAveragePosition())]).T)
            return basis, np.repeat(coefficients, len(positions), axis=0), xy0
        return self._kernelImageBasis(*positions.T)

    @staticmethod
    def _recenter(positions, basis, coefficients, xy0):
        """Shift kernel images to their positions as `recenterKernelImage` does."""
        # Here, as what it imports takes long: see lsst._compiled.
        from lsst.afw.math._shiftStamps import Shifts, shiftCombinations, shiftImages

        bad = ~np.isfinite(positions).all(axis=1)
        positions = np.where(bad[:, np.newaxis], 0.0, positions)
        nearest = np.floor(positions + 0.5)
        shifts = Shifts.make(*(positions - nearest).T)
        if coefficients is None:
            images = shiftImages(basis, shifts)
        else:
            images = shiftCombinations(basis, coefficients, shifts)
        images[bad] = np.nan
        return images, nearest.astype(np.int32) + np.array(xy0, dtype=np.int32)

    def _fillPositions(self, positions):
        """Return a copy of the positions, the average position where both coordinates are NaN."""
        positions = np.array(positions, dtype=np.float64).reshape(-1, 2)
        null = np.isnan(positions).all(axis=1)
        if null.any():
            positions[null] = list(self.getAveragePosition())
        return positions

    def _loop(self, method, positions):
        """Yield the index and result of a method at positions where it raises no LSST exception."""
        for index, (x, y) in enumerate(positions.tolist()):
            try:
                result = method(Point2D(x, y))
            except LsstException:
                continue
            yield index, result


def _groups(images, key):
    """Yield indices, pixels and origins of the images that have the same key."""
    groups = {}
    for index, image in images:
        groups.setdefault(key(image), []).append((index, image.array, tuple(image.getXY0())))
    for members in groups.values():
        yield tuple(np.array(column) for column in zip(*members))


def _stack(parts, n):
    """Pad images to a common size; positions without image get NaN."""
    parts = list(parts)
    height, width = np.max([image.array.shape for _, image in parts], axis=0) if parts else (1, 1)
    images = np.full((n, height, width), np.nan)
    origins = np.zeros((n, 2), dtype=np.int32)
    for index, image in parts:
        images[index] = 0.0
        images[index, :image.getHeight(), :image.getWidth()] = image.array
        origins[index] = tuple(image.getXY0())
    return images, origins
