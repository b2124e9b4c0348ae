# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Dataset types that are parts of others: ``calexp_wcs``, ``src_schema`` and so on.

Each is a function that takes what a bypass function takes: dataset type, class, location and data ID.
"""

__all__ = ["addDerivedTypes"]

import functools
import weakref

from lsst.afw.fits import readMetadata
from lsst.afw.geom import makeSkyWcs
from lsst.afw.image import ExposureFitsReader, bboxFromMetadata
from lsst.afw.table import Schema
from lsst.daf.persistence import ButlerLocation, NoResults


def addDerivedTypes(mapper, mapping, kind, hasSchemaType):
    """Give a mapper the methods for the types that are derived from one type.

    Parameters
    ----------
    mapper : `CameraMapper`
        The mapper. Methods that it has are kept.
    mapping : `Mapping`
        The type they are derived from.
    kind : `str`
        Section of the policy that the type is in.
    hasSchemaType : `bool`
        Is there a dataset type of its own for the schema of a catalog?
    """
    add = functools.partial(_addType, mapper, mapping)
    add("filename", bypass=_getFilename)
    if mapping.storage == "FitsCatalogStorage":
        add("md", bypass=_getCatalogMetadata)
        add("len", bypass=_getLength)
        if not hasSchemaType:
            add("schema", bypass=_getSchema)
    if mapping.storage != "FitsStorage":
        return
    add("md", bypass=_getMetadata)
    _setDefault(mapper, "add_" + mapping.datasetType, _CompressionSettings(mapper))
    if kind == "exposures":
        for suffix, function in _EXPOSURE_PARTS.items():
            add(suffix, bypass=function)
        proxy = weakref.proxy(mapper)
        add("detector", map=functools.partial(_mapDetector, proxy),
            bypass=functools.partial(_getDetector, proxy))
    if kind == "images":
        add("bbox", bypass=_getImageBBox)
    add("sub", map=functools.partial(_mapSub, weakref.proxy(mapper), mapping),
        query=functools.partial(_querySub, mapping))


def _setDefault(mapper, name, value):
    if not hasattr(mapper, name):
        setattr(mapper, name, value)


def _addType(mapper, mapping, suffix, map=None, bypass=None, query=None):
    base = mapping.datasetType
    derived = f"{base}_{suffix}"
    _setDefault(mapper, "map_" + derived, map or getattr(mapper, "map_" + base))
    bypass = bypass or getattr(mapper, "bypass_" + base, None)
    if bypass is not None:
        _setDefault(mapper, "bypass_" + derived, bypass)
    _setDefault(mapper, "query_" + derived, query or getattr(mapper, "query_" + base))


class _CompressionSettings:
    """Calls `CameraMapper.getImageCompressionSettings` of a mapper that it does not keep alive."""

    def __init__(self, mapper):
        self._mapper = weakref.ref(mapper)

    def __call__(self, datasetType, dataId):
        return self._mapper().getImageCompressionSettings(datasetType, dataId)


def _path(location):
    return location.getLocationsWithRoot()[0]


def _getFilename(datasetType, pythonType, location, dataId):
    return location.getLocationsWithRoot()


def _getMetadata(datasetType, pythonType, location, dataId):
    return readMetadata(_path(location))


def _getCatalogMetadata(datasetType, pythonType, location, dataId):
    return readMetadata(_path(location), hdu=1)


def _getLength(datasetType, pythonType, location, dataId):
    return _getCatalogMetadata(datasetType, pythonType, location, dataId).getScalar("NAXIS2")


def _getSchema(datasetType, pythonType, location, dataId):
    return Schema.readFits(_path(location))


def _getImageBBox(datasetType, pythonType, location, dataId):
    return bboxFromMetadata(_getMetadata(datasetType, pythonType, location, dataId))


def _getExposureBBox(datasetType, pythonType, location, dataId):
    return bboxFromMetadata(_getCatalogMetadata(datasetType, pythonType, location, dataId))


def _getHeaderWcs(datasetType, pythonType, location, dataId):
    if not datasetType.startswith("raw"):
        raise NoResults("Can only get header WCS for raw exposures.", datasetType, dataId)
    return makeSkyWcs(_getMetadata(datasetType, pythonType, location, dataId))


def _exposurePart(method):
    """Make the function that reads one part of an exposure without its pixels."""

    def get(datasetType, pythonType, location, dataId):
        return getattr(ExposureFitsReader(_path(location)), method)()

    return get


_EXPOSURE_PARTS = {
    "wcs": _exposurePart("readWcs"),
    "header_wcs": _getHeaderWcs,
    "photoCalib": _exposurePart("readPhotoCalib"),
    "visitInfo": _exposurePart("readVisitInfo"),
    "filter": _exposurePart("readFilter"),
    "bbox": _getExposureBBox,
    "filterLabel": _exposurePart("readFilterLabel"),
}


def _mapDetector(mapper, dataId, write=False):
    mapper._requireCamera()
    return ButlerLocation(
        pythonType="lsst.afw.cameraGeom.CameraConfig",
        cppType="Config",
        storageName="Internal",
        locationList="ignored",
        dataId=dataId,
        mapper=mapper,
        storage=None,
    )


def _getDetector(mapper, datasetType, pythonType, location, dataId):
    return mapper.camera[mapper._extractDetectorName(dataId)]


def _mapSub(mapper, mapping, dataId, write=False):
    """Find the file, and say which part of the image is to be read."""
    subId = _withoutBBox(mapping, dataId)
    location = mapping.map(mapper, subId, write)
    bbox = dataId["bbox"]
    part = {"llcX": bbox.getMinX(), "llcY": bbox.getMinY()}
    part.update(width=bbox.getWidth(), height=bbox.getHeight())
    if "imageOrigin" in dataId:
        part["imageOrigin"] = dataId["imageOrigin"]
    for key, value in part.items():
        location.additionalData.set(key, value)
    return location


def _querySub(mapping, format, dataId):
    return mapping.lookup(format, _withoutBBox(mapping, dataId))


def _withoutBBox(mapping, dataId):
    if "bbox" not in dataId:
        raise NoResults("The data ID of a part of an image needs bbox.", mapping.datasetType + "_sub", dataId)
    subId = dataId.copy()
    del subId["bbox"]
    return subId
