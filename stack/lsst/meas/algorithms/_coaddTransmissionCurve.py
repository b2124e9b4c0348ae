# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Transmission curves of coadds: weighted means of those of the exposures."""

__all__ = ["makeCoaddTransmissionCurve"]

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


def makeCoaddTransmissionCurve(coaddWcs, inputSensors):
    """Make the transmission curve of a coadd.

    Parameters
    ----------
    coaddWcs : `lsst.afw.geom.SkyWcs`
        WCS of the coadd.
    inputSensors : `lsst.afw.table.ExposureCatalog`
        The exposures with their transmission curve, WCS, box and polygon, and a field ``weight``.

    Returns
    -------
    curve : `lsst.afw.image.TransmissionCurve`
        At each position the weighted mean of the curves of the exposures there.

    Raises
    ------
    lsst.pex.exceptions.InvalidParameterError
        Raised if an exposure has no transmission curve or no WCS.
    """
    inputs = []
    for record in inputSensors:
        for what, part in (("TransmissionCurve", record.getTransmissionCurve()), ("Wcs", record.getWcs())):
            if part is None:
                raise InvalidParameterError(f"No {what} for input with ID {record.getId()}")
        inputs.append(_Input(record.getTransmissionCurve(), record.getWcs(), record.getValidPolygon(),
                             Box2D(record.getBBox()), record.get("weight")))
    bounds = np.array([item.transmission.getWavelengthBounds() for item in inputs]).reshape(-1, 2)
    ends = np.array([item.transmission.getThroughputAtBounds() for item in inputs]).reshape(-1, 2)
    weights = np.array([item.weight for item in inputs])
    with np.errstate(invalid="ignore", divide="ignore"):
        throughput = (weights @ ends)/weights.sum()
    return _CoaddTransmissionCurve(
        coaddWcs, (float(bounds[:, 0].min(initial=np.inf)), float(bounds[:, 1].max(initial=-np.inf))),
        throughput.tolist(), inputs)
