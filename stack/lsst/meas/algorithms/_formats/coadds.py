# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""What coadds are made with, in archives: PSFs, fields and transmission curves of their exposures."""

from lsst.afw.table import Box2DKey, ExposureCatalog, Schema
from lsst.afw.table.io import registerArchiveFormat
from lsst.afw.table.io._archiveRecord import (
    Field,
    PointField,
    readBounded,
    readPoint,
    singleRecord,
    writeRecord,
)
from lsst.geom import Box2I, Point2D, Point2I

from .._coaddBoundedField import CoaddBoundedField, CoaddBoundedFieldElement
from .._coaddPsf import CoaddPsf, computeAveragePosition
from .._coaddTransmissionCurve import _CoaddTransmissionCurve, _Input


def _writePsf(psf, handle):
    writeRecord(
        handle,
        Field("coaddwcs", "I", lambda: handle.put(psf.getCoaddWcs()), "archive ID of the coadd's WCS"),
        Field("cachesize", "I", psf._control.getCacheSize(), "size of the warping cache"),
        PointField("avgpos", "D", psf.getAveragePosition(), "PSF accessors default position", "pixel"),
        Field("warpingkernelname", "String", psf._warpingKernelName, "warping kernel name", size=32))
    psf._catalog.writeToArchive(handle, False)


def _readPsf(archive, catalogs):
    if len(catalogs) == 1:
        return _readPsfVersion0(archive, catalogs[0])
    record = singleRecord(catalogs, 2)
    return CoaddPsf(ExposureCatalog.readFromArchive(archive, catalogs[1]),
                    archive.get(record.get("coaddwcs")), Point2D(*readPoint(record, "avgpos")),
                    record.get("warpingkernelname"), readBounded(record, "cachesize", 0, 10**6))


def _readPsfVersion0(archive, catalog):
    """Read what stacks before July 2013 wrote: the last record holds the WCS of the coadd."""
    catalog = ExposureCatalog.readFromArchive(archive, catalog)
    coaddWcs = catalog[len(catalog) - 1].getWcs()
    catalog = catalog[:len(catalog) - 1]
    return CoaddPsf(catalog, coaddWcs, computeAveragePosition(catalog, coaddWcs))


def _isFieldPersistable(field):
    return all(element.field.isPersistable() for element in field._elements)


def _writeField(field, handle):
    bbox = field.getBBox()
    # v23 has the field throwOnMissing, but never sets it.
    writeRecord(handle,
                PointField("bbox_min", "I", bbox.getMin(), "lower-left corner of bounding box", "pixel"),
                PointField("bbox_max", "I", bbox.getMax(), "upper-right corner of bounding box", "pixel"),
                Field("coaddWcs", "I", lambda: handle.put(field.getCoaddWcs()),
                      "archive ID of the coadd's WCS"),
                Field("throwOnMissing", "Flag", False, "whether to throw an exception on missing data"),
                Field("default", "D", field.getDefault(),
                      "default value to use when throwOnMissing is False"))
    schema = Schema()
    keys = [schema.addField(name, type=type, doc=doc) for name, type, doc in (
        ("field", "I", "archive ID of the BoundedField to be coadded"),
        ("wcs", "I", "archive ID of the Wcs associated with this element"),
        ("validPolygon", "I", "archive ID of the Polygon associated with this element"),
        ("weight", "D", "weight value for this element"))]
    catalog = handle.makeCatalog(schema)
    for element in field._elements:
        record = catalog.addNew()
        for key, part in zip(keys, (element.field, element.wcs, element.validPolygon)):
            record.set(key, handle.put(part))
        record.set(keys[3], element.weight)
    handle.saveCatalog(catalog)


def _readField(archive, catalogs):
    record = singleRecord(catalogs, 2)
    elements = [CoaddBoundedFieldElement(archive.get(row.get("field")), archive.get(row.get("wcs")),
                                         archive.get(row.get("validPolygon")), row.get("weight"))
                for row in catalogs[1]]
    bbox = Box2I(Point2I(*readPoint(record, "bbox_min")), Point2I(*readPoint(record, "bbox_max")))
    return CoaddBoundedField(bbox, archive.get(record.get("coaddWcs")), elements, record.get("default"))


def _isCurvePersistable(curve):
    return all(item.transmission.isPersistable() for item in curve._inputs)


def _writeCurve(curve, handle):
    writeRecord(handle,
                Field("coaddWcs", "I", lambda: handle.put(curve._coaddWcs),
                      "archive ID for the coadd's WCS"),
                Field("wavelengthMin", "D", curve._wavelengthBounds[0], "getWavelengthBounds().min"),
                Field("wavelengthMax", "D", curve._wavelengthBounds[1], "getWavelengthBounds().max"),
                Field("throughputAtMin", "D", curve._throughputAtBounds[0], "throughputAtBounds().first"),
                Field("throughputAtMax", "D", curve._throughputAtBounds[1],
                      "throughputAtBounds().second"))
    schema = Schema()
    ids = [schema.addField(name, type="I", doc=f"archive ID for this sensor's {what}") for name, what in (
        ("transmission", "TransmissionCurve"), ("sensorWcs", "WCS"), ("validPolygon", "ValidPolygon"))]
    bbox = Box2DKey.addFields(schema, "bbox", "bounding box of the sensor", "pixel")
    weight = schema.addField("weight", type="D", doc="relative weight for this sensor in the average")
    catalog = handle.makeCatalog(schema)
    for item in curve._inputs:
        record = catalog.addNew()
        for key, part in zip(ids, (item.transmission, item.wcs, item.validPolygon)):
            record.set(key, handle.put(part))
        bbox.set(record, item.bbox)
        record.set(weight, item.weight)
    handle.saveCatalog(catalog)


def _readCurve(archive, catalogs):
    get = singleRecord(catalogs, 2).get
    bbox = Box2DKey(catalogs[1].schema["bbox"])
    inputs = [_Input(archive.get(row.get("transmission")), archive.get(row.get("sensorWcs")),
                     archive.get(row.get("validPolygon")), bbox.get(row), row.get("weight"))
              for row in catalogs[1]]
    return _CoaddTransmissionCurve(archive.get(get("coaddWcs")), (get("wavelengthMin"), get("wavelengthMax")),
                                   (get("throughputAtMin"), get("throughputAtMax")), inputs)


registerArchiveFormat(CoaddPsf, "CoaddPsf", "lsst.meas.algorithms", _readPsf, _writePsf)
registerArchiveFormat(CoaddBoundedField, "CoaddBoundedField", "lsst.meas.algorithms", _readField, _writeField,
                      _isFieldPersistable)
registerArchiveFormat(_CoaddTransmissionCurve, "CoaddTransmissionCurve", "lsst.meas.algorithms", _readCurve,
                      _writeCurve, _isCurvePersistable)
