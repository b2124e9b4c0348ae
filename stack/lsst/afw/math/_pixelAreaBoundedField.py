# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Bounded fields that give the area of pixels on the sky."""

import numpy as np

from lsst.geom import radians
from lsst.pex.exceptions import InvalidParameterError

from ._boundedField import BoundedField

__all__ = ["PixelAreaBoundedField"]


class PixelAreaBoundedField(BoundedField):
    """The area of the pixels of an image with a WCS.

    Parameters
    ----------
    bbox : `lsst.geom.Box2I`
        Domain.
    skyWcs : `lsst.afw.geom.SkyWcs`
        WCS.
    unit : `lsst.geom.AngleUnit`, optional
        The area is in this unit squared.
    scaling : `float`, optional
        Factor to multiply the area with.

    Raises
    ------
    lsst.pex.exceptions.InvalidParameterError
        Raised if the WCS is `None`.
    """

    def __init__(self, bbox, skyWcs, unit=radians, scaling=1.0):
        super().__init__(bbox)
        if skyWcs is None:
            raise InvalidParameterError("SkyWcs passed to PixelAreaBoundedField is null.")
        self._skyWcs = skyWcs
        self._scaling = scaling / (1.0 * unit).asRadians()**2

    def evaluate(self, x, y=None):
        """Evaluate at one position as the squared pixel scale, at arrays from three corners, as v23 does."""
        if y is None:
            return self._skyWcs.getPixelScale(x).asRadians()**2 * self._scaling
        return super().evaluate(x, y)

    def _evaluate(self, x, y):
        if x.shape != y.shape:
            raise InvalidParameterError(f"Inconsistent shapes in evaluate; {x.shape} != {y.shape}.")
        corners = [self._unitVectors(np.ravel(x) + dx, np.ravel(y) + dy)
                   for dx, dy in ((0, 0), (1, 0), (0, 1))]
        area = np.linalg.norm(np.cross(corners[1] - corners[0], corners[2] - corners[0]), axis=-1)
        return self._scaling * area.reshape(x.shape)

    def _unitVectors(self, x, y):
        ra, dec = self._skyWcs.pixelToSkyArray(x, y)
        return np.stack([np.cos(ra) * np.cos(dec), np.sin(ra) * np.cos(dec), np.sin(dec)], axis=-1)

    def _times(self, scale):
        return PixelAreaBoundedField(self.getBBox(), self._skyWcs, radians, self._scaling * scale)

    def __eq__(self, other):
        return (isinstance(other, PixelAreaBoundedField) and self.getBBox() == other.getBBox()
                and self._skyWcs == other._skyWcs and self._scaling == other._scaling)

    def __repr__(self):
        return f"PixelAreaBoundedField({self._skyWcs}, scaling={self._scaling:g})"
