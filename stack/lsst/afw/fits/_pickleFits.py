# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Pickling of objects through the FITS form that they can be written in."""

__all__ = ["reduceToFits", "unreduceFromFits"]

from ._memory import MemFileManager


def reduceToFits(obj):
    """Return what ``__reduce__`` needs for an object that has ``writeFits`` and ``readFits``."""
    manager = MemFileManager()
    obj.writeFits(manager)
    return unreduceFromFits, (type(obj), manager.getData(), manager.getLength())


def unreduceFromFits(cls, data, size):
    """Restore an object from the bytes of its FITS form.

    Parameters
    ----------
    cls : `type`
        Class with a ``readFits`` that takes a `MemFileManager`.
    data : `bytes`
        The FITS file.
    size : `int`
        Its length.
    """
    manager = MemFileManager(size)
    manager.setData(data, size)
    return cls.readFits(manager)
