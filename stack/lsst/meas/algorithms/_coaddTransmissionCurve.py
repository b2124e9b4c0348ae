# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Transmission curves of coadds: weighted means of those of the exposures."""

__all__ = ["makeCoaddTransmissionCurve"]

import dataclasses

import numpy as np

from lsst.afw.geom import Polygon, SkyWcs
from lsst.afw.image import TransmissionCurve
from lsst.afw.math._archiveRecord import Field, singleRecord, writeRecord
from lsst.afw.table import Box2DKey, Schema
from lsst.afw.table.io import registerFactory
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

    def isPersistable(self):
        return all(item.transmission.isPersistable() for item in self._inputs)

    def _getPythonModule(self):
        return "lsst.meas.algorithms"

    def _write(self, handle):
        writeRecord(handle,
                    Field("coaddWcs", "I", lambda: handle.put(self._coaddWcs),
                          "archive ID for the coadd's WCS"),
                    Field("wavelengthMin", "D", self._wavelengthBounds[0], "getWavelengthBounds().min"),
                    Field("wavelengthMax", "D", self._wavelengthBounds[1], "getWavelengthBounds().max"),
                    Field("throughputAtMin", "D", self._throughputAtBounds[0], "throughputAtBounds().first"),
                    Field("throughputAtMax", "D", self._throughputAtBounds[1],
                          "throughputAtBounds().second"))
        schema = Schema()
        ids = [schema.addField(name, type="I", doc=f"archive ID for this sensor's {what}") for name, what in (
            ("transmission", "TransmissionCurve"), ("sensorWcs", "WCS"), ("validPolygon", "ValidPolygon"))]
        bbox = Box2DKey.addFields(schema, "bbox", "bounding box of the sensor", "pixel")
        weight = schema.addField("weight", type="D", doc="relative weight for this sensor in the average")
        catalog = handle.makeCatalog(schema)
        for item in self._inputs:
            record = catalog.addNew()
            for key, part in zip(ids, (item.transmission, item.wcs, item.validPolygon)):
                record.set(key, handle.put(part))
            bbox.set(record, item.bbox)
            record.set(weight, item.weight)
        handle.saveCatalog(catalog)


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


def _read(archive, catalogs):
    get = singleRecord(catalogs, 2).get
    bbox = Box2DKey(catalogs[1].schema["bbox"])
    inputs = [_Input(archive.get(row.get("transmission")), archive.get(row.get("sensorWcs")),
                     archive.get(row.get("validPolygon")), bbox.get(row), row.get("weight"))
              for row in catalogs[1]]
    return _CoaddTransmissionCurve(archive.get(get("coaddWcs")), (get("wavelengthMin"), get("wavelengthMax")),
                                   (get("throughputAtMin"), get("throughputAtMax")), inputs)


registerFactory("CoaddTransmissionCurve", _read)
