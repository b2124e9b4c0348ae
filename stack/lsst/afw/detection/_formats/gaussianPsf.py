# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Gaussian point spread functions in archives."""

from lsst.afw.table.io import registerArchiveFormat
from lsst.afw.table.io._archiveRecord import Field, PointField, readDimensions, singleRecord, writeRecord

from .._gaussianPsf import GaussianPsf


def _write(psf, handle):
    writeRecord(handle, PointField("dimensions", "I", psf.getDimensions(),
                                   "width/height of realization of Psf", "pixel"),
                Field("sigma", "D", psf.getSigma(), "radius of Gaussian", "pixel"))


def _read(archive, catalogs):
    record = singleRecord(catalogs)
    return GaussianPsf(*readDimensions(record), record.get("sigma"))


registerArchiveFormat(GaussianPsf, "GaussianPsf", "lsst.afw.detection", _read, _write)
