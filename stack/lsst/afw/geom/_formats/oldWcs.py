# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Reading of the WCSs of archives older than SkyWcs (lsst.afw.image.Wcs and TanWcs)."""

import math

import numpy as np

from lsst.afw.table.io import MalformedArchiveError, registerFactory
from lsst.daf.base import PropertyList

from ..skyWcs import SkyWcs
from ..wcsUtils import makeSipMatrixMetadata


def _readWcs(archive, catalogs):
    return SkyWcs(_linearMetadata(_onlyRecord(catalogs, 0)))


def _readTanWcs(archive, catalogs):
    metadata = _linearMetadata(_onlyRecord(catalogs, 0))
    if len(catalogs) > 1:
        _addSip(metadata, _onlyRecord(catalogs, 1))
    return SkyWcs(metadata)


def _onlyRecord(catalogs, index):
    if not index < len(catalogs) <= 2 or len(catalogs[index]) != 1:
        raise MalformedArchiveError("An old WCS in an archive is not one record, and maybe one of SIP terms")
    return catalogs[index][0]


def _linearMetadata(record):
    """Return the FITS keywords; the record has CRVAL in degrees and CRPIX counted from 0."""
    metadata = PropertyList()
    metadata.set("CRVAL1", record.get("crval_x"))
    metadata.set("CRVAL2", record.get("crval_y"))
    metadata.set("CRPIX1", record.get("crpix_x") + 1)
    metadata.set("CRPIX2", record.get("crpix_y") + 1)
    for name, value in zip(("CD1_1", "CD2_1", "CD1_2", "CD2_2"), record.get("cd"), strict=True):
        metadata.set(name, float(value))
    for name in ("ctype1", "ctype2", "equinox", "radesys", "cunit1", "cunit2"):
        metadata.set(name.upper(), record.get(name))
    return metadata


def _addSip(metadata, record):
    for name in ("CTYPE1", "CTYPE2"):
        ctype = metadata.getAsString(name)
        if not ctype.endswith("-SIP"):
            metadata.set(name, ctype + "-SIP")
    names = record.schema.getNames()
    for field in ("A", "B", "Ap", "Bp"):
        if field not in names:
            raise MalformedArchiveError("Incorrect schema for TanWcs distortion terms")
        values = np.asarray(record.get(field), dtype=float)
        size = math.isqrt(values.size)
        if size * size != values.size:
            raise MalformedArchiveError(f"SIP matrix {field} is not square.")
        # Stored column by column
        metadata.combine(makeSipMatrixMetadata(values.reshape(size, size).T, field.upper()))


registerFactory("Wcs", _readWcs)
registerFactory("TanWcs", _readTanWcs)
