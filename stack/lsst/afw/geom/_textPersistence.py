# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Objects saved in archives as text: one record with one array of bytes."""

__all__ = ["registerTextFactory", "writeText"]

import numpy as np

from lsst.afw.table.io import MalformedArchiveError, registerFactory


def writeText(handle, field, doc, text):
    """Save text as the one record of a catalog.

    Parameters
    ----------
    handle : `lsst.afw.table.io.OutputArchiveHandle`
    field, doc : `str`
        Name and documentation of the field.
    text : `str`
    """
    from lsst.afw.table import Schema  # which needs this package's shapes

    schema = Schema()
    key = schema.addField(field, type="ArrayB", size=0, doc=doc)
    catalog = handle.makeCatalog(schema)
    catalog.addNew().set(key, np.frombuffer(text.encode(), dtype=np.uint8))
    handle.saveCatalog(catalog)


def registerTextFactory(name, field, make):
    """Register a reader of what `writeText` saves.

    Parameters
    ----------
    name : `str`
        Name of the class in archives.
    field : `str`
        Name of the field.
    make : callable
        Makes the object from the text.
    """

    def read(archive, catalogs):
        if len(catalogs) != 1 or len(catalogs[0]) != 1 or field not in catalogs[0].schema.getNames():
            raise MalformedArchiveError(f"{name} in archive is not one record with the field '{field}'")
        return make(bytes(np.asarray(catalogs[0][0].get(field), dtype=np.uint8)).decode())

    registerFactory(name, read)
