# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Which function reads which kind of archived object."""

__all__ = ["registerFactory", "lookupFactory"]

import importlib
import re

import lsst.pex.exceptions as pexExceptions

_registry = {}

_ALLOWED = re.compile(r"lsst\.(afw|geom|meas|obs|ip|coadd|shapelet|jointcal)(\.[A-Za-z_]\w*)*")
_STANDARD = ("lsst.afw.geom", "lsst.afw.image", "lsst.afw.math", "lsst.afw.detection", "lsst.meas.algorithms")


def registerFactory(name, reader):
    """Register the function that restores objects of a name.

    Parameters
    ----------
    name : `str`
        Name that the objects are stored with.
    reader : callable
        ``reader(archive, catalogs)`` gets the `InputArchive` and a list of `lsst.afw.table.BaseCatalog`, and
        returns the object.
    """
    _registry[name] = reader


def _import(module):
    """Import a module that a file names, if it is one that may hold factories; tell whether it worked."""
    if not _ALLOWED.fullmatch(module):
        return False
    try:
        importlib.import_module(module)
    except ImportError:
        return False
    return True


def lookupFactory(name, module):
    """Return the function that restores objects of a name.

    Parameters
    ----------
    name : `str`
        Name that the object was stored with.
    module : `str`
        Module whose import shall register the factory.

    Raises
    ------
    lsst.pex.exceptions.NotFoundError
        Raised if no module that can be imported knows the name.
    """
    for candidate in (None, module, *_STANDARD):
        if candidate is not None:
            _import(candidate)
        reader = _registry.get(name)
        if reader is not None:
            return reader
    raise pexExceptions.NotFoundError(
        f"PersistableFactory with name '{name}' not found (the file says that it is in module '{module}')")
