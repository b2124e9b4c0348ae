# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""How Python subclasses of stack classes are stored in archives: as bytes that they make themselves."""

__all__ = ["StorableHelperFactory", "registerBytesFormat"]

import importlib

import numpy as np

from lsst.afw.table import Schema
from lsst.afw.table.io import ArchiveFormat, MalformedArchiveError, archiveFormats, registerFactory


class StorableHelperFactory:
    """Enters a Python subclass of a stack class into the register of what archives can hold.

    Parameters
    ----------
    module, name : `str`
        Module and name of the class. Its static method ``_read`` makes an object from the `bytes` that
        ``_write`` returned.
    """

    def __init__(self, module, name):
        def read(archive, catalogs):
            return getattr(importlib.import_module(module), name)._read(readBytes(name, catalogs))

        registerFactory(name, read)


class _BytesFormat(ArchiveFormat):
    """How the objects of a class that has ``_write`` are stored; they say what they are called."""

    def __init__(self):
        super().__init__("", "", None, lambda obj, handle: writeBytes(obj._write(), handle))

    def nameOf(self, obj):
        """Return the name that archives have for an object."""
        return obj._getPersistenceName()

    def moduleOf(self, obj):
        """Return the module that archives name for an object."""
        return obj._getPythonModule()


def registerBytesFormat(cls):
    """Let the objects of a class be stored as what its ``_write`` returns."""
    archiveFormats.register(_BytesFormat(), cls=cls)


def writeBytes(data, handle):
    """Save bytes as the one record of a catalog of an `lsst.afw.table.io.OutputArchiveHandle`."""
    schema = Schema()
    key = schema.addField("bytes", type="ArrayB", doc="an opaque bytestring representation of a Storable",
                          size=0)
    catalog = handle.makeCatalog(schema)
    catalog.addNew().set(key, np.frombuffer(data, dtype=np.uint8))
    handle.saveCatalog(catalog)


def readBytes(name, catalogs):
    """Return the bytes of an object of a name."""
    if len(catalogs) != 1 or len(catalogs[0]) != 1:
        raise MalformedArchiveError(f"the {name} is not one row of one table")
    return np.asarray(catalogs[0][0].get("bytes"), dtype=np.uint8).tobytes()
