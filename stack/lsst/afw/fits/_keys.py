# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Which header keys belong to the file format and are not the user's business."""

__all__ = ["isKeyIgnored"]

_IGNORED = frozenset((
    "SIMPLE", "BITPIX", "NAXIS", "EXTEND", "GCOUNT", "PCOUNT", "XTENSION", "TFIELDS", "BSCALE", "BZERO",
    "ZBITPIX", "ZIMAGE", "ZCMPTYPE", "ZSIMPLE", "ZEXTEND", "ZBLANK", "ZDATASUM", "ZHECKSUM", "ZQUANTIZ",
    "DATASUM", "CHECKSUM",
))
_IGNORED_STARTS = ("NAXIS", "TZERO", "TSCAL", "ZNAXIS", "ZTILE", "ZNAME", "ZVAL")
_IGNORED_STARTS_WRITE = _IGNORED_STARTS + ("TFORM", "TTYPE")


def isKeyIgnored(key, write=False):
    """Is this key left to the FITS layer on stripping (or, with ``write``, on writing)?"""
    return key in _IGNORED or key.startswith(_IGNORED_STARTS_WRITE if write else _IGNORED_STARTS)
