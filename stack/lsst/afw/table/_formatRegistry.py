# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Where models and formats meet: models do not know how they are stored, they ask here.

Formats know their models, and register when their package is imported: see ``io`` here and ``_formats``
elsewhere. What is read is looked up by the name that the file has for it, what is written by its class.
"""

__all__ = ["ArchiveFormat", "FileFormat", "archiveFormats", "fileFormats", "registerArchiveFormat",
           "registerFactory", "registerFileFormat", "tableFormats"]

import dataclasses
import importlib
import re
from collections.abc import Callable

import lsst.pex.exceptions as pexExceptions

# Modules that archives may name, and those that are looked into whatever they name. There are no others.
_ALLOWED = re.compile(r"lsst\.(afw|geom|meas|obs|ip|coadd|shapelet|jointcal)(\.[A-Za-z_]\w*)*")
_STANDARD = ("lsst.afw.geom", "lsst.afw.image", "lsst.afw.math", "lsst.afw.detection", "lsst.meas.algorithms")


class FormatRegistry:
    """The formats of one kind, by the names that files have for them and by the classes that they store."""

    def __init__(self):
        self._byName = {}
        self._byClass = {}

    def register(self, format, name=None, cls=None):
        """Add a format.

        Parameters
        ----------
        format : `object`
            What reads and writes.
        name : `str`, optional
            Name in files.
        cls : `type`, optional
            Class of the objects that it writes; subclasses without a format are written the same way.
        """
        if name is not None:
            self._byName[name] = format
        if cls is not None:
            self._byClass[cls] = format

    def named(self, name):
        """Return the format of a name, or `None`."""
        return self._byName.get(name)

    def of(self, cls):
        """Return the format of a class, or `None`."""
        return next((self._byClass[base] for base in cls.__mro__ if base in self._byClass), None)


class ArchiveFormatRegistry(FormatRegistry):
    """Formats of the objects that archives hold, with the modules that have them."""

    def find(self, name, module):
        """Return the format of a name, after the import of the module that has it, if need be.

        Parameters
        ----------
        name : `str`
            Name that the object was stored with.
        module : `str`
            Module that the file says to import; it is, if it can be one that has formats.

        Raises
        ------
        lsst.pex.exceptions.NotFoundError
            Raised if no module that can be imported knows the name.
        """
        for candidate in (None, module, *_STANDARD):
            if candidate is not None:
                _import(candidate)
            format = self.named(name)
            if format is not None:
                return format
        raise pexExceptions.NotFoundError(f"PersistableFactory with name '{name}' not found (the file says "
                                          f"that it is in module '{module}')")


class FileFormatRegistry(FormatRegistry):
    """Formats of the objects that have files of their own."""

    def of(self, cls):
        """Return the format of a class, which may be in a package above that of the class."""
        for candidate in (None, *_STANDARD):
            if candidate is not None:
                _import(candidate)
            format = super().of(cls)
            if format is not None:
                return format
        raise pexExceptions.LogicError(f"No file can hold a {cls.__name__}")


def _import(module):
    """Import a module that may hold formats; others are left alone, and so are those that are not there."""
    if _ALLOWED.fullmatch(module):
        try:
            importlib.import_module(module)
        except ImportError:
            pass


class ArchiveFormat:
    """How the objects of a class are stored in archives.

    Parameters
    ----------
    name : `str`
        Name that archives have for it.
    module : `str`
        Module that archives name as the one that can read it.
    read : callable
        ``read(archive, catalogs)`` gets the `lsst.afw.table.io.InputArchive` and a list of
        `lsst.afw.table.BaseCatalog`, and returns the object.
    write : callable
        ``write(obj, handle)`` stores an object with an `lsst.afw.table.io.OutputArchiveHandle`.
    isPersistable : callable, optional
        ``isPersistable(obj)`` tells whether this object can be stored: whether what it holds can.
    """

    def __init__(self, name, module, read, write, isPersistable=None):
        self._name, self._module = name, module
        self.read = read
        self.write = write
        self.isPersistable = isPersistable or (lambda obj: True)

    def nameOf(self, obj):
        """Return the name that archives have for an object."""
        return self._name

    def moduleOf(self, obj):
        """Return the module that archives name for an object."""
        return self._module


@dataclasses.dataclass(frozen=True)
class FileFormat:
    """How the objects of a class are stored in files of their own."""

    read: Callable
    """``read(cls, fileName, ...)`` returns an object of the class, or of a subclass that is given to it."""

    write: Callable
    """``write(obj, fileName, ...)`` stores an object."""


archiveFormats = ArchiveFormatRegistry()
"""What reads and writes the objects in archives (`ArchiveFormat`), by name and class."""

fileFormats = FileFormatRegistry()
"""What reads and writes files (`FileFormat`), by the class of what they hold."""

tableFormats = FormatRegistry()
"""How tables are stored (`lsst.afw.table.io.TableFormat`), by AFW_TYPE and by the class of the table."""


def registerArchiveFormat(cls, name, module, read, write, isPersistable=None):
    """Register how the objects of a class are stored in archives; see `ArchiveFormat` for the parameters."""
    archiveFormats.register(ArchiveFormat(name, module, read, write, isPersistable), name, cls)


def registerFactory(name, read):
    """Register the function that restores objects of a name that nothing writes; see `ArchiveFormat`."""
    archiveFormats.register(ArchiveFormat(name, "", read, None), name)


def registerFileFormat(cls, read, write):
    """Register how the objects of a class are stored in files; see `FileFormat` for the parameters."""
    fileFormats.register(FileFormat(read, write), cls=cls)
