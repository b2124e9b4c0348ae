# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Fields of coadds: weighted means of the fields of the exposures, such as their aperture corrections."""

__all__ = ["CoaddBoundedField", "CoaddBoundedFieldElement"]

import dataclasses

import numpy as np

from lsst.afw.geom import Polygon, SkyWcs
from lsst.afw.math import BoundedField
from lsst.geom import Box2D
from lsst.pex.exceptions import DomainError, NotFoundError


@dataclasses.dataclass
class CoaddBoundedFieldElement:
    """The field of one exposure of a coadd."""

    field: BoundedField
    """The field, in pixels of the exposure."""

    wcs: SkyWcs
    """WCS of the exposure."""

    validPolygon: Polygon | None
    """Part of the exposure that counts, all of the field's box if `None`."""

    weight: float = 1.0
    """Weight in the mean."""

    __hash__ = None

    def _covers(self, x, y):
        """Tell which positions (arrays) in pixels of the exposure count."""
        box = Box2D(self.field.getBBox())
        inside = (x >= box.getMinX()) & (x < box.getMaxX()) & (y >= box.getMinY()) & (y < box.getMaxY())
        if self.validPolygon is not None:
            inside[inside] = self.validPolygon._contains(x[inside], y[inside])
        return inside


class CoaddBoundedField(BoundedField):
    """The weighted mean of the fields of the exposures that cover a position of a coadd.

    Parameters
    ----------
    bbox : `lsst.geom.Box2I`
        Box of the coadd.
    coaddWcs : `lsst.afw.geom.SkyWcs`
        WCS of the coadd.
    elements : `list` [`CoaddBoundedFieldElement`]
        The fields of the exposures.
    default : `float`, optional
        Value where there is no exposure; without it to evaluate the field there is an error.
    """

    Element = CoaddBoundedFieldElement

    def __init__(self, bbox, coaddWcs, elements, default=None):
        super().__init__(bbox)
        self._coaddWcs = coaddWcs
        self._elements = [dataclasses.replace(element) for element in elements]
        self._throwOnMissing = default is None
        self._default = 0.0 if default is None else float(default)

    def getCoaddWcs(self):
        """Return the WCS of the coadd."""
        return self._coaddWcs

    def getElements(self):
        """Return the fields of the exposures (`list` [`CoaddBoundedFieldElement`])."""
        return list(self._elements)

    def getDefault(self):
        """Return the value where there is no exposure."""
        return self._default

    def _evaluate(self, x, y):
        """Evaluate at arrays of positions.

        Raises
        ------
        lsst.pex.exceptions.DomainError
            Raised if no exposure covers a position and there is no default.
        """
        x, y = np.broadcast_arrays(x, y)
        shape, x, y = x.shape, x.ravel(), y.ravel()
        ra, dec = self._coaddWcs.pixelToSkyArray(x, y)
        total, weight = np.zeros(x.size), np.zeros(x.size)
        for element in self._elements:
            elementX, elementY = element.wcs.skyToPixelArray(ra, dec)
            inside = element._covers(elementX, elementY)
            if inside.any():
                total[inside] += element.weight*element.field._evaluate(elementX[inside], elementY[inside])
                weight[inside] += element.weight
        missing = weight == 0
        if missing.any() and self._throwOnMissing:
            first = np.argmax(missing)
            raise DomainError(f"No constituent fields to evaluate at point {x[first]:f}, {y[first]:f}")
        return np.where(missing, self._default, total/np.where(missing, 1.0, weight)).reshape(shape)

    def _times(self, scale):
        raise NotFoundError("Scaling of CoaddBoundedField is not implemented")

    def __eq__(self, other):
        return (isinstance(other, CoaddBoundedField) and self.getBBox() == other.getBBox()
                and self._default == other._default and self._coaddWcs == other._coaddWcs
                and self._elements == other._elements)
