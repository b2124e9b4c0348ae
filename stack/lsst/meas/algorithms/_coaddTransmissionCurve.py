# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Transmission curves of coadds: weighted means of those of the exposures."""

import dataclasses

import numpy as np

from lsst.afw.geom import Polygon, SkyWcs
from lsst.afw.image import TransmissionCurve
from lsst.geom import Box2D
from lsst.pex.exceptions import InvalidParameterError


@dataclasses.dataclass
class _Input:
    """What is kept of an exposure."""

    transmission: TransmissionCurve
    wcs: SkyWcs
    validPolygon: Polygon | None
    bbox: Box2D
    weight: float

    def covers(self, point):
        return self.bbox.contains(point) and (self.validPolygon is None or self.validPolygon.contains(point))


class _CoaddTransmissionCurve(TransmissionCurve):
    """The weighted mean of the curves of the exposures that cover a position of the coadd."""

    def __init__(self, coaddWcs, wavelengthBounds, throughputAtBounds, inputs):
        self._coaddWcs = coaddWcs
        self._wavelengthBounds = tuple(wavelengthBounds)
        self._throughputAtBounds = tuple(throughputAtBounds)
        self._inputs = inputs

    def getWavelengthBounds(self):
        return self._wavelengthBounds

    def getThroughputAtBounds(self):
        return self._throughputAtBounds

    def _sample(self, position, wavelengths):
        coord = self._coaddWcs.pixelToSky(position)
        total, weight = np.zeros(len(wavelengths)), 0.0
        for item in self._inputs:
            point = item.wcs.skyToPixel(coord)
            if item.covers(point):
                total += item.weight*item.transmission._sample(point, wavelengths)
                weight += item.weight
        if weight == 0.0:
            raise InvalidParameterError(f"No input TransmissionCurves at point ({position.getX()}, "
                                        f"{position.getY()})")
        return total/weight
