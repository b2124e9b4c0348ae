# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""What went into a coadd: a catalog of visits and one of CCDs."""

from lsst.afw.table.io import Persistable, registerFactory

__all__ = ["CoaddInputs"]


class CoaddInputs(Persistable):
    """The inputs of a coadd.

    Parameters
    ----------
    visits, ccds : `lsst.afw.table.ExposureCatalog` or `lsst.afw.table.Schema`, optional
        One record a visit, and one a CCD; a schema makes an empty catalog.
    """

    def __init__(self, visits=None, ccds=None, *, visitSchema=None, ccdSchema=None):
        self.visits = _asCatalog(visits if visitSchema is None else visitSchema)
        self.ccds = _asCatalog(ccds if ccdSchema is None else ccdSchema)

    def isPersistable(self):
        """Can this be saved? Always."""
        return True

    def _persistenceName(self):
        return "CoaddInputs"

    def _pythonModule(self):
        return "lsst.afw.image"

    def _write(self, handle):
        # Psfs and Wcss that cannot be saved are left out, as v23 does.
        self.visits.writeToArchive(handle, True)
        self.ccds.writeToArchive(handle, True)


def _asCatalog(value):
    from lsst.afw.table import ExposureCatalog, ExposureTable, Schema

    if value is None:
        value = ExposureTable.makeMinimalSchema()
    return ExposureCatalog(value) if isinstance(value, Schema) else value


def _read(archive, catalogs):
    from lsst.afw.table import ExposureCatalog

    return CoaddInputs(*(ExposureCatalog.readFromArchive(archive, catalog) for catalog in catalogs[:2]))


registerFactory("CoaddInputs", _read)
