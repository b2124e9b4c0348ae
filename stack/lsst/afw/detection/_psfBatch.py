# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Evaluation of a Psf at many positions at once."""

__all__ = ["PsfBatch"]

import numpy as np

from lsst.geom import Point2D
from lsst.pex.exceptions import Exception as LsstException

_CHUNK = 1024  # positions whose kernel images of different sizes are in memory at a time


class PsfBatch:
    """The methods of `Psf` for many positions; a mixin that loops over those for one where it must.

    A Psf whose kernel images have one size implements `_kernelImageBasis` to be fast.
    """

    _memory = None
    """A `PsfMemory`, if kernel images take long to compute."""

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
            Images of different sizes are padded with zeros at the right and top. They are to be read only,
            as one that is the same everywhere is in memory once.
        xy0 : `numpy.ndarray` of `int32`, (n, 2)
            Origin of each image.
        """
        positions = self._fillPositions(positions)
        if self._isFixed:
            positions = np.broadcast_to(list(self.getAveragePosition()), positions.shape)
        if not self._isRectangular():
            return _stack(self._iterateKernelImages(positions), len(positions))
        basis, coefficients, xy0 = self._basisAt(positions[:1] if self._isFixed else positions)
        images = basis if coefficients is None else np.tensordot(coefficients, basis, axes=1)
        if self._isFixed:
            images = np.broadcast_to(images[:1], (len(positions), *images.shape[1:]))
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
        if self._isRectangular():
            return self._recenter(positions, *self._basisAt(positions))
        batches = self._computeImageBatches(positions)
        return _stack((image for batch in batches for image in zip(*batch)), len(positions))

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
        elif self._overridesDoComputeImage():
            yield from _groups(self._loopImages(self.computeImage, positions), _getShape)
        else:
            yield from self._recenterEach(positions)

    def _computeImageParts(self, positions):
        """Compute what the images at many positions are made of, where they are combinations of a few.

        Parameters
        ----------
        positions : `numpy.ndarray`, (n, 2)
            Positions, pixels, finite.

        Returns
        -------
        basis, coefficients, shifts
            Arguments of `lsst.afw.math._shiftStamps.shiftCombinations`, which gives the images; coefficients
            are NaN where `computeImage` raises an LSST exception.
        xy0 : `numpy.ndarray` of `int`, (n, 2)
            Origins of the images.

        There is only `None` if the images are not such combinations.
        """
        if not self._isRectangular() or self._overridesComputeImages():
            return None
        basis, coefficients, xy0 = self._basisAt(positions)
        if coefficients is None:
            return None
        # Here, as what it imports takes long: see lsst._compiled.
        from lsst.afw.math._shiftStamps import Shifts

        nearest = np.floor(positions + 0.5)
        return basis, coefficients, Shifts.make(*(positions - nearest).T), nearest.astype(np.int64) + xy0

    def _computeKernelImageBatches(self, positions):
        """Compute the kernel images at many positions, in groups of equal bounding box.

        Parameters are those of `_computeImageBatches`, and so is what is yielded.
        """
        positions = self._fillPositions(positions)
        if self._isRectangular():
            images, xy0 = self._computeKernelImages(positions)
            good = np.flatnonzero(np.isfinite(images[:, 0, 0]))
            if len(good) < len(images):
                images, xy0 = images[good], xy0[good]
            if len(good) > 0:
                yield good, images, xy0
        else:
            yield from self._groupKernelImages(positions, _getShapeAndOrigin)

    def _iterateKernelImages(self, positions):
        """Yield the kernel images at many positions one by one, in any order.

        A Psf whose kernel images have different sizes implements it to be fast.

        Parameters
        ----------
        positions : `numpy.ndarray`, (n, 2)
            Positions, pixels.

        Yields
        ------
        index : `int`
            Which position this is. Those where `computeKernelImage` raises an LSST exception are left out.
        image : `numpy.ndarray`, (height, width)
            Kernel image, to be read only.
        xy0 : sequence of `int`
            Its origin.
        """
        return self._loopImages(lambda position: self.computeKernelImage(position, None, self.INTERNAL),
                                positions)

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

    def _overridesComputeImages(self):
        return type(self)._computeImages is not PsfBatch._computeImages

    def _basisAt(self, positions):
        if not self._isFixed:
            return self._kernelImageBasis(*positions.T)
        try:
            basis, coefficients, xy0 = self._kernelImageBasis(*np.array([list(self.getAveragePosition())]).T)
        except LsstException:
            return np.zeros((1, 1, 1)), np.full((len(positions), 1), np.nan), (0, 0)
        return basis, np.repeat(coefficients, len(positions), axis=0), xy0

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

    def _groupKernelImages(self, positions, key):
        for start in range(0, len(positions), _CHUNK):
            images = self._recallKernelImages(positions[start:start + _CHUNK])
            for index, *group in _groups(images, key):
                yield start + index, *group

    def _recallKernelImages(self, positions):
        """Yield what `_iterateKernelImages` does, from memory where it is there."""
        memory = self._memory
        if memory is None:
            yield from self._iterateKernelImages(positions)
            return
        keys = [tuple(position) for position in positions.tolist()]
        missing = np.array([key not in memory for key in keys], dtype=bool)
        for index in np.flatnonzero(~missing).tolist():
            yield index, *memory[keys[index]]
        missing = np.flatnonzero(missing)
        for index, image, xy0 in self._iterateKernelImages(positions[missing]):
            memory.add(keys[missing[index]], image, xy0)
            yield missing[index], image, xy0

    def _recenterEach(self, positions):
        """Yield the shifted kernel images, in groups of equal size."""
        finite = np.flatnonzero(np.isfinite(positions).all(axis=1))
        for index, images, xy0 in self._groupKernelImages(positions[finite], _getShape):
            index = finite[index]
            shifted, corners = self._recenter(positions[index], images, None, (0, 0))
            yield index, shifted, corners + xy0.astype(np.int32)

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

    def _loopImages(self, method, positions):
        """Yield index, pixels and origin of the images that a method gives."""
        for index, image in self._loop(method, positions):
            yield index, image.array, tuple(image.getXY0())


def _groups(images, key):
    """Yield indices, pixels and origins of the images that have the same key."""
    groups = {}
    for index, image, xy0 in images:
        groups.setdefault(key(image, xy0), []).append((index, image, xy0))
    for members in groups.values():
        yield tuple(np.array(column) for column in zip(*members))


def _getShape(image, xy0):
    return image.shape


def _getShapeAndOrigin(image, xy0):
    return image.shape, *xy0


def _stack(parts, n):
    """Pad images to a common size; positions without image get NaN."""
    parts = list(parts)
    height, width = np.max([image.shape for _, image, _ in parts], axis=0) if parts else (1, 1)
    images = np.full((n, height, width), np.nan)
    origins = np.zeros((n, 2), dtype=np.int32)
    for index, image, xy0 in parts:
        images[index] = 0.0
        images[index, :image.shape[0], :image.shape[1]] = image
        origins[index] = xy0
    return images, origins
