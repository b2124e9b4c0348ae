# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""What users and the butler ask of reading and writing pixels, whatever the format."""

import logging

from lsst.afw.fits import Fits, ImageWriteOptions, MemFileManager
from lsst.geom import Box2I, Extent2I, Point2I

from ._imageOrigin import LOCAL, PARENT

__all__ = ["ReadWithOptionsMixin", "isFitsSource", "parseWriteOptions"]

_LOG = logging.getLogger("lsst.afw.image")


def isFitsSource(value):
    """Can images be read from ``value``: is it a path, a memory file or an open `lsst.afw.fits.Fits`?"""
    return isinstance(value, (str, MemFileManager, Fits)) or hasattr(value, "__fspath__")


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
