# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""The base of what can be stored with an exposure."""

__all__ = ["Storable"]

from lsst.afw.table.io import Persistable

from ._storableFormat import registerBytesFormat


class Storable(Persistable):
    """Base of the objects that can be stored with an exposure.

    A Python subclass of a stack class is stored through four methods: ``isPersistable()``,
    ``_getPersistenceName()``, ``_getPythonModule()`` and ``_write()``, which returns `bytes`; it is read by
    its static method ``_read(bytes)`` if it made a `StorableHelperFactory`.
    """

    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(**kwargs)
        if "_write" in cls.__dict__:
            registerBytesFormat(cls)

    def cloneStorable(self):
        """Return a deep copy."""
        return self.clone()

    def _getPersistenceName(self):
        return ""

    def _getPythonModule(self):
        return ""
