# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""The base of what can be stored with an exposure, and how Python subclasses of it are stored."""

__all__ = ["Storable", "StorableHelperFactory"]

import functools
import importlib
import inspect

import numpy as np

from lsst.afw.table import Schema
from lsst.afw.table.io import MalformedArchiveError, Persistable, registerFactory


class Storable(Persistable):
    """Base of the objects that can be stored with an exposure.

    A Python subclass of a stack class is stored through four methods: ``isPersistable()``,
    ``_getPersistenceName()``, ``_getPythonModule()`` and ``_write()``, which returns `bytes`; it is read by
    its static method ``_read(bytes)`` if it made a `StorableHelperFactory`.
    """

    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(**kwargs)
        write = cls.__dict__.get("_write")
        if write is not None and len(inspect.signature(write).parameters) == 1:
            cls._write = _storeBytes(write)

    def cloneStorable(self):
        """Return a deep copy."""
        return self.clone()

    def _persistenceName(self):
        return self._getPersistenceName()

    def _pythonModule(self):
        return self._getPythonModule()

    def _getPersistenceName(self):
        return ""

    def _getPythonModule(self):
        return ""


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
            if len(catalogs) != 1 or len(catalogs[0]) != 1:
                raise MalformedArchiveError(f"the {name} is not one row of one table")
            data = np.asarray(catalogs[0][0].get("bytes"), dtype=np.uint8).tobytes()
            return getattr(importlib.import_module(module), name)._read(data)

        registerFactory(name, read)


def _storeBytes(write):
    """Make a method that stores the bytes that another returns."""
    @functools.wraps(write)
    def store(self, handle=None):
        data = write(self)
        if handle is None:
            return data
        schema = Schema()
        key = schema.addField("bytes", type="ArrayB", doc="an opaque bytestring representation of a Storable",
                              size=0)
        catalog = handle.makeCatalog(schema)
        catalog.addNew().set(key, np.frombuffer(data, dtype=np.uint8))
        handle.saveCatalog(catalog)

    return store
