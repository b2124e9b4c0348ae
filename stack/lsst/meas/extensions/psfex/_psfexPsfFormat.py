# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""How the point spread functions of PSFEx are stored in archives: a row of sizes, then one of arrays."""

import numpy as np

from lsst.afw.table.io import MalformedArchiveError, registerArchiveFormat
from lsst.afw.table.io._archiveRecord import Field, PointField, readPoint, singleRecord, writeRecord
from lsst.geom import Point2D

from ._psfexPsf import PsfexPsf

_ARRAYS = {"group": ("ArrayI", "Groups (of coefficients?)"), "degree": ("ArrayI", "Degree in each group"),
           "basis": ("ArrayD", "Values of the basis functions"),
           "coeff": ("ArrayD", "Polynomial coefficients"), "_size": ("ArrayI", "PSF dimensions"),
           "_comp": ("ArrayF", "Complete pixel data"),
           "_context_first": ("ArrayD", "Offset to apply to context data"),
           "_context_second": ("ArrayD", "Scale to apply to context data")}


def _write(psf, handle):
    arrays = psf._arrays
    writeRecord(handle, Field("ndim", "I", len(arrays["group"]), "Number of elements in group"),
                Field("ngroup", "I", len(arrays["degree"]), "Number of elements in degree"),
                Field("ncoeff", "I", len(arrays["coeff"]), "Number of coefficients"),
                Field("_size_size", "I", len(arrays["_size"]), "Size of _size array"),
                Field("_comp_size", "I", len(arrays["_comp"]), "Size of _comp array"),
                Field("_context_size", "I", len(arrays["_context_first"]), "Size of _context array"),
                PointField("averagePosition", "D", psf.getAveragePosition(),
                           "average position of stars used to make the PSF", "pixel"),
                Field("_pixstep", "F", float(psf._pixstep), "oversampling", "pixel"))
    writeRecord(handle, *(Field(name, type, arrays[name], doc, size=len(arrays[name]))
                          for name, (type, doc) in _ARRAYS.items()))


def _read(archive, catalogs):
    record = singleRecord(catalogs, 2)
    if len(catalogs[1]) != 1:
        raise MalformedArchiveError(f"{len(catalogs[1])} rows of arrays of a PsfexPsf instead of 1")
    arrays = {name: np.array(catalogs[1][0].get(name)) for name in _ARRAYS}
    return PsfexPsf(Point2D(*readPoint(record, "averagePosition")), record.get("_pixstep"), arrays)


registerArchiveFormat(PsfexPsf, "PsfexPsf", "lsst.meas.extensions.psfex", _read, _write)
