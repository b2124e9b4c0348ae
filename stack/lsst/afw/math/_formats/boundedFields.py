# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Bounded fields in archives."""

import numpy as np

from lsst.afw.geom import TransformPoint2ToGeneric
from lsst.afw.table import Box2IKey, Schema
from lsst.afw.table.io import registerArchiveFormat
from lsst.geom import radians

from .._chebyshevBoundedField import ChebyshevBoundedField
from .._pixelAreaBoundedField import PixelAreaBoundedField
from .._productBoundedField import ProductBoundedField
from .._transformBoundedField import TransformBoundedField


def _readBBox(record):
    return record.get(Box2IKey(record.getSchema()["bbox"]))


def _writeChebyshev(field, handle):
    coefficients = field.getCoefficients()
    schema = Schema()
    orderX = schema.addField("order_x", type="I", doc="maximum Chebyshev function order in x")
    bbox = Box2IKey.addFields(schema, "bbox", "bounding box", "pixel")
    key = schema.addField("coefficients", type="ArrayD", size=coefficients.size,
                          doc="Chebyshev function coefficients, ordered by y then x")
    catalog = handle.makeCatalog(schema)
    record = catalog.addNew()
    record.set(orderX, coefficients.shape[1] - 1)
    record.set(bbox, field.getBBox())
    record.set(key, coefficients.ravel())
    handle.saveCatalog(catalog)


def _readChebyshev(archive, catalogs):
    record = catalogs[0][0]
    coefficients = np.asarray(record.get("coefficients"), dtype=float)
    return ChebyshevBoundedField(_readBBox(record), coefficients.reshape(-1, record.get("order_x") + 1))


def _writeProduct(field, handle):
    schema = Schema()
    key = schema.addField("id", type="I", doc="Archive ID of a BoundedField factor.")
    catalog = handle.makeCatalog(schema)
    for factor in field._factors:
        catalog.addNew().set(key, handle.put(factor))
    handle.saveCatalog(catalog)


def _readProduct(archive, catalogs):
    return ProductBoundedField([archive.get(record.get("id")) for record in catalogs[0]])


def _isProductPersistable(field):
    return all(factor.isPersistable() for factor in field._factors)


def _writeTransform(field, handle):
    schema = Schema()
    bbox = Box2IKey.addFields(schema, "bbox", "bounding box", "pixel")
    frameSet = schema.addField("frameSet", type="ArrayB", size=0, doc="FrameSet contained in the Transform")
    catalog = handle.makeCatalog(schema)
    record = catalog.addNew()
    record.set(bbox, field.getBBox())
    record.set(frameSet, np.frombuffer(field.getTransform().writeString().encode(), dtype=np.uint8))
    handle.saveCatalog(catalog)


def _readTransform(archive, catalogs):
    record = catalogs[0][0]
    text = np.asarray(record.get("frameSet"), dtype=np.uint8).tobytes().decode()
    return TransformBoundedField(_readBBox(record), TransformPoint2ToGeneric.readString(text))


def _writePixelArea(field, handle):
    schema = Schema()
    bbox = Box2IKey.addFields(schema, "bbox", "Bounding box for field.", "pixel")
    wcs = schema.addField("wcs", type="I", doc="Archive ID for SkyWcs instance.")
    scaling = schema.addField("scaling", type="D",
                              doc="Scaling factor (including any transformation from rad^2.")
    catalog = handle.makeCatalog(schema)
    record = catalog.addNew()
    record.set(bbox, field.getBBox())
    record.set(wcs, handle.put(field._skyWcs))
    record.set(scaling, field._scaling)
    handle.saveCatalog(catalog)


def _readPixelArea(archive, catalogs):
    record = catalogs[0][0]
    return PixelAreaBoundedField(_readBBox(record), archive.get(record.get("wcs")), radians,
                                 record.get("scaling"))


def _isPixelAreaPersistable(field):
    return field._skyWcs.isPersistable()


for _cls, *_functions in (
        (ChebyshevBoundedField, _readChebyshev, _writeChebyshev),
        (ProductBoundedField, _readProduct, _writeProduct, _isProductPersistable),
        (TransformBoundedField, _readTransform, _writeTransform),
        (PixelAreaBoundedField, _readPixelArea, _writePixelArea, _isPixelAreaPersistable)):
    registerArchiveFormat(_cls, _cls.__name__, "lsst.afw.math", *_functions)
