# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Photometric calibrations in archives and headers, those of the time before `PhotoCalib` included."""

import numpy as np

from lsst.afw.table import Schema
from lsst.afw.table.io import MalformedArchiveError, registerFactory
from lsst.pex.exceptions import RuntimeError as LsstRuntimeError

from ._photoCalib import REFERENCE_FLUX, PhotoCalib

__all__ = ["makePhotoCalibFromCalibZeroPoint", "makePhotoCalibFromMetadata", "writePhotoCalib"]

_VERSION = 1


def makePhotoCalibFromCalibZeroPoint(instFluxMag0, instFluxMag0Err=0.0):
    """Make a constant calibration of the instrumental flux of magnitude 0.

    Parameters
    ----------
    instFluxMag0, instFluxMag0Err : `float`
        Flux of magnitude 0 in counts, and its error.

    Returns
    -------
    photoCalib : `PhotoCalib`
        The calibration.
    """
    fluxMag0 = np.float64(instFluxMag0)
    with np.errstate(divide="ignore", invalid="ignore"):
        return PhotoCalib(REFERENCE_FLUX / fluxMag0, REFERENCE_FLUX * instFluxMag0Err / fluxMag0**2)


def makePhotoCalibFromMetadata(metadata, strip=False):
    """Make a constant calibration of the FLUXMAG0 and FLUXMAG0ERR of a header.

    Parameters
    ----------
    metadata : `lsst.daf.base.PropertySet`
        Header.
    strip : `bool`, optional
        Remove the items?

    Returns
    -------
    photoCalib : `PhotoCalib` or `None`
        The calibration; `None` if the header has none.
    """
    if not metadata.exists("FLUXMAG0"):
        return None
    keys = [key for key in ("FLUXMAG0", "FLUXMAG0ERR") if metadata.exists(key)]
    values = [metadata.getAsDouble(key) for key in keys]
    if strip:
        for key in keys:
            metadata.remove(key)
    return makePhotoCalibFromCalibZeroPoint(*values)


def writePhotoCalib(photoCalib, handle):
    """Save a `PhotoCalib` in an archive."""
    schema = Schema()
    mean = schema.addField("calibrationMean", type="D", units="count",
                           doc="mean calibration on this PhotoCalib's domain")
    error = schema.addField("calibrationErr", type="D", units="count",
                            doc="1-sigma error on calibrationMean")
    isConstant = schema.addField("isConstant", type="Flag", doc="Is this spatially-constant?")
    field = schema.addField("field", type="I", doc="archive ID of the BoundedField object")
    version = schema.addField("version", type="I", doc="version of this PhotoCalib")
    catalog = handle.makeCatalog(schema)
    record = catalog.addNew()
    record.set(mean, photoCalib.getCalibrationMean())
    record.set(error, photoCalib.getCalibrationErr())
    record.set(isConstant, photoCalib._isConstant)
    record.set(field, handle.put(photoCalib._field))
    record.set(version, _VERSION)
    handle.saveCatalog(catalog)


def _readPhotoCalib(archive, catalogs):
    from lsst.afw.math import BoundedField  # which needs images

    record = catalogs[0][0]
    version = record.get("version") if "version" in record.getSchema() else 0
    if version < 1:
        raise LsstRuntimeError(f"Unsupported version (version 0 was defined in maggies): {version}")
    field, isConstant = archive.get(record.get("field"), BoundedField), record.get("isConstant")
    if field is None and not isConstant:
        raise MalformedArchiveError("A PhotoCalib that varies has no field")
    return PhotoCalib(record.get("calibrationMean"), record.get("calibrationErr"), field, isConstant)


def _readCalib(archive, catalogs):
    """Read a ``Calib``, which PhotoCalib replaced in 2019; its times are those of the VisitInfo."""
    record = catalogs[0][0]
    names = record.getSchema().getNames()
    error = "fluxmag0.err" if "fluxmag0.err" in names else "fluxmag0_err"
    return makePhotoCalibFromCalibZeroPoint(record.get("fluxmag0"), record.get(error))


registerFactory("PhotoCalib", _readPhotoCalib)
registerFactory("Calib", _readCalib)
