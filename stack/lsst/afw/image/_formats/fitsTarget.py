# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Where and how ``writeFits`` of images, masks, masked images and exposures writes."""

from lsst.afw.fits import Fits

__all__ = ["openForWriting", "splitWriteArguments"]


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
