# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Inputs of coadds in archives: the catalogs of visits and CCDs."""

from lsst.afw.table import ExposureCatalog
from lsst.afw.table.io import registerArchiveFormat

from .._coaddInputs import CoaddInputs


def _write(coaddInputs, handle):
    # Psfs and Wcss that cannot be saved are left out, as v23 does.
    coaddInputs.visits.writeToArchive(handle, True)
    coaddInputs.ccds.writeToArchive(handle, True)


def _read(archive, catalogs):
    return CoaddInputs(*(ExposureCatalog.readFromArchive(archive, catalog) for catalog in catalogs[:2]))


registerArchiveFormat(CoaddInputs, "CoaddInputs", "lsst.afw.image", _read, _write)
