# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""What went into a coadd: a catalog of visits and one of CCDs."""

from lsst.afw.table import ExposureCatalog, ExposureTable, Schema
from lsst.afw.table.io import Persistable

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


def _asCatalog(value):
    if value is None:
        value = ExposureTable.makeMinimalSchema()
    return ExposureCatalog(value) if isinstance(value, Schema) else value
