# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Photometric calibrations in archives and headers, those of the time before `PhotoCalib` included."""

from lsst.afw.math import BoundedField
from lsst.afw.table.io import MalformedArchiveError, registerArchiveFormat, registerFactory
from lsst.afw.table.io._archiveRecord import Field, writeRecord
from lsst.pex.exceptions import RuntimeError as LsstRuntimeError

from .._photoCalib import PhotoCalib, makePhotoCalibFromCalibZeroPoint

__all__ = ["makePhotoCalibFromMetadata"]

_VERSION = 1


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


def _write(photoCalib, handle):
    writeRecord(
        handle,
        Field("calibrationMean", "D", photoCalib.getCalibrationMean(),
              "mean calibration on this PhotoCalib's domain", "count"),
        Field("calibrationErr", "D", photoCalib.getCalibrationErr(),
              "1-sigma error on calibrationMean", "count"),
        Field("isConstant", "Flag", photoCalib._isConstant, "Is this spatially-constant?"),
        Field("field", "I", lambda: handle.put(photoCalib._field), "archive ID of the BoundedField object"),
        Field("version", "I", _VERSION, "version of this PhotoCalib"))


def _read(archive, catalogs):
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


registerArchiveFormat(PhotoCalib, "PhotoCalib", "", _read, _write)
registerFactory("Calib", _readCalib)
