# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""What reading and writing of images, masks, masked images and exposures have in common."""

import logging

from lsst.afw.fits import Fits, ImageWriteOptions, MemFileManager
from lsst.geom import Box2I, Extent2I, Point2I

from ._imageOrigin import LOCAL, PARENT

__all__ = ["isFitsSource", "openForWriting", "splitWriteArguments", "ReadWithOptionsMixin"]

_LOG = logging.getLogger("lsst.afw.image")


def isFitsSource(value):
    """Can images be read from ``value``: is it a path, a memory file or an open `lsst.afw.fits.Fits`?"""
    return isinstance(value, (str, MemFileManager, Fits)) or hasattr(value, "__fspath__")


class openForWriting:
    """Context manager that yields an open `lsst.afw.fits.Fits` for whatever ``writeFits`` was given.

    Parameters
    ----------
    target : `str`, `lsst.afw.fits.MemFileManager` or `lsst.afw.fits.Fits`
        Where to write; an open file is left open.
    mode : `str`, optional
        "w" or "a", for a path or memory file.
    """

    def __init__(self, target, mode="w"):
        self._owned = None if isinstance(target, Fits) else Fits(target, mode)
        self._fits = target if self._owned is None else self._owned

    def __enter__(self):
        if self._owned is not None:
            self._owned.__enter__()
        return self._fits

    def __exit__(self, *args):
        if self._owned is not None:
            return self._owned.__exit__(*args)
        return None


def splitWriteArguments(names, args, kwargs):
    """Bind the arguments that follow the target of a ``writeFits``.

    Parameters
    ----------
    names : `tuple` [`str`]
        Names of the parameters in order.
    args, kwargs : `tuple`, `dict`
        What was given.

    Returns
    -------
    values : `dict` [`str`, `object`]
        A value for each name, `None` where nothing was given.

    Raises
    ------
    TypeError
        Raised if there are too many or unknown arguments.
    """
    if len(args) > len(names):
        raise TypeError(f"writeFits takes at most {len(names)} arguments after its target")
    values = dict.fromkeys(names)
    values.update(zip(names, args))
    for name, value in kwargs.items():
        if name not in values or name in names[:len(args)]:
            raise TypeError(f"writeFits got an unexpected argument {name!r}")
        values[name] = value
    return values


def parseBoxOptions(options):
    """Return the (bbox, origin) that read options name: an empty box means the whole image.

    Parameters
    ----------
    options : `lsst.daf.base.PropertySet` or `dict`
        Either ``bbox`` (an `lsst.geom.Box2I`), or ``llcX``, ``llcY``, ``width``, ``height`` and optionally
        ``imageOrigin`` ("LOCAL" or "PARENT").

    Raises
    ------
    RuntimeError
        Raised if ``imageOrigin`` is neither.
    lsst.pex.exceptions.NotFoundError
        Raised if only a part of the box is given.
    """
    if "bbox" in options:
        return options["bbox"], PARENT
    if "llcX" not in options:
        return Box2I(), PARENT
    bbox = Box2I(Point2I(int(options["llcX"]), int(options["llcY"])),
                 Extent2I(int(options["width"]), int(options["height"])))
    name = str(options["imageOrigin"]) if "imageOrigin" in options else "PARENT"
    if name not in ("LOCAL", "PARENT"):
        raise RuntimeError(f"Unknown ImageOrigin type {name}")
    return bbox, LOCAL if name == "LOCAL" else PARENT


def parseWriteOptions(options, items):
    """Return the `lsst.afw.fits.ImageWriteOptions` of some items of a recipe, or `None` after a warning.

    Parameters
    ----------
    options : `lsst.daf.base.PropertySet` or `None`
        A recipe: one property set an item.
    items : `list` [`str`]
        Items to look up.
    """
    if options is None:
        return None
    try:
        return [ImageWriteOptions(options.getPropertySet(item)) for item in items]
    except Exception as err:
        _LOG.warning("Could not parse items %s from options; writing with defaults: %s", items, err)
        return None


class ReadWithOptionsMixin:
    """``readFitsWithOptions``, the way the Gen2 butler reads."""

    @classmethod
    def readFitsWithOptions(cls, source, options):
        """Read from a FITS file, with options.

        Parameters
        ----------
        source : `str`
            Path of the file.
        options : `lsst.daf.base.PropertySet` or `dict`
            The part to read; see `parseBoxOptions`.

        Raises
        ------
        RuntimeError
            Raised if ``imageOrigin`` is unknown.
        lsst.pex.exceptions.NotFoundError
            Raised if only a part of the box is given.
        """
        bbox, origin = parseBoxOptions(options)
        return cls(source, bbox=bbox, origin=origin)
