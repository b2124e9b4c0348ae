# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Detectors in archives: one record, and a catalog of amplifiers."""

import numpy as np

from lsst.afw.table import Box2IKey, Point2DKey, Schema
from lsst.afw.table.io import MalformedArchiveError, registerArchiveFormat
from lsst.geom import Extent2D

from .._amplifier import Amplifier
from .._detector import Detector, DetectorFields, DetectorType
from .._orientation import Orientation


def _write(detector, handle):
    fields, orientation = detector._fields, detector._fields.orientation
    catalog = handle.makeCatalog(_makeSchema())
    record = catalog.addNew()
    for name in ("name", "id", "serial", "physicalType"):
        record.set(name, getattr(fields, name))
    record.set("type", int(fields.type))
    record.set("crosstalk", fields.crosstalk.astype(np.float32).ravel())
    for prefix, pair in (
        ("bbox_min", fields.bbox.getMin()),
        ("bbox_max", fields.bbox.getMax()),
        ("pixelSize", fields.pixelSize),
        ("fpPosition", orientation.getFpPosition()),
        ("refPoint", orientation.getReferencePoint()),
    ):
        record.set(f"{prefix}_x", pair[0])
        record.set(f"{prefix}_y", pair[1])
    record.set("yaw", orientation.getYaw())
    record.set("pitch", orientation.getPitch())
    record.set("roll", orientation.getRoll())
    record.set("transformMap", handle.put(detector._transformMap))
    handle.saveCatalog(catalog)
    amplifiers = handle.makeCatalog(Amplifier.getRecordSchema())
    for amplifier in detector._amplifiers:
        amplifier.toRecord(amplifiers.addNew())
    handle.saveCatalog(amplifiers)


def _makeSchema():
    schema = Schema()
    schema.addField("name", type=str, size=0, doc="Name of the detector")
    schema.addField("id", type="I", doc="Integer ID for the detector")
    schema.addField("type", type="I", doc="Raw DetectorType enum value")
    schema.addField("serial", type=str, size=0, doc="Serial name of the detector")
    Box2IKey.addFields(schema, "bbox", "Detector bounding box", "pixel")
    Point2DKey.addFields(schema, "pixelSize", "Physical pixel size", "mm")
    Point2DKey.addFields(schema, "fpPosition", "Focal plane position of reference point", "mm")
    Point2DKey.addFields(schema, "refPoint", "Pixel position of reference point", "pixel")
    schema.addField("yaw", type="Angle", doc="Rotation about Z (X to Y), 1st rotation")
    schema.addField("pitch", type="Angle", doc="Rotation about Y' (Z'=Z to X'), 2nd rotation")
    schema.addField("roll", type="Angle", doc="Rotation about X'' (Y''=Y' to Z''), 3rd rotation")
    schema.addField("transformMap", type="I", doc="Archive ID of TransformMap")
    schema.addField("crosstalk", type="ArrayF", size=0, doc="Crosstalk matrix, flattened")
    schema.addField("physicalType", type=str, size=0, doc="Physical type of the detector")
    return schema


def _read(archive, catalogs):
    if len(catalogs) != 2 or len(catalogs[0]) != 1:
        raise MalformedArchiveError("Detector in archive is not one record and a catalog of amplifiers")
    record, schema = catalogs[0][0], catalogs[0].schema
    amplifiers = [Amplifier.Builder.fromRecord(row).finish() for row in catalogs[1]]
    crosstalk = np.array(record.get("crosstalk"), dtype=np.float32)
    fields = DetectorFields(
        record.get("name"),
        record.get("id"),
        DetectorType(record.get("type")),
        record.get("serial"),
        Box2IKey(schema["bbox"]).get(record),
        Orientation(
            Point2DKey(schema["fpPosition"]).get(record),
            Point2DKey(schema["refPoint"]).get(record),
            *(record.get(name) for name in ("yaw", "pitch", "roll")),
        ),
        Extent2D(Point2DKey(schema["pixelSize"]).get(record)),
        crosstalk.reshape(len(amplifiers), -1) if crosstalk.size else crosstalk,
        record.get("physicalType") if "physicalType" in schema.getNames() else "",
    )
    return Detector(fields, archive.get(record.get("transformMap")), amplifiers)


registerArchiveFormat(Detector, "Detector", "lsst.afw.cameraGeom", _read, _write)
