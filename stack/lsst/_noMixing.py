# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Refuses to go on where an LSST stack is on the path too.

Every package of the slice imports this module first. The namespace `lsst` would otherwise make one stack of
both: some modules from here and some from there.
"""

__all__ = []

import os
import sys

import lsst

_HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

# A stack has these where the slice and Rubin's packages from PyPI have none.
_ONLY_IN_STACKS = ("lsst/afw/__init__.py", "lsst/base/__init__.py", "lsst/pipe/base/cmdLineTask.py")


def _listPackages(folder):
    """List the packages below a folder of the slice (`list` [`str`]), without packages inside of packages."""
    path = os.path.join(_HERE, folder)
    if os.path.isfile(os.path.join(path, "__init__.py")):
        return [folder]
    return [package for name in sorted(os.listdir(path)) if os.path.isdir(os.path.join(path, name))
            for package in _listPackages(os.path.join(folder, name))]


def _findStack(path):
    """Find a part of a stack.

    Parameters
    ----------
    path : iterable of `str`
        Folders where Python looks for modules.

    Returns
    -------
    file : `str` or `None`
        The part, a file.
    """
    files = [*_ONLY_IN_STACKS, *(f"{name}/__init__.py" for name in ("astshim", *_listPackages("lsst")))]
    for entry in dict.fromkeys(map(os.path.realpath, path)):
        isSlice = os.path.isfile(os.path.join(entry, "lsst", os.path.basename(__file__)))
        for file in _ONLY_IN_STACKS if isSlice else files:
            if os.path.isfile(os.path.join(entry, file)):
                return os.path.join(entry, file)
    return None


_stack = _findStack([*sys.path, *map(os.path.dirname, lsst.__path__)])
if _stack is not None:
    raise ImportError(f"An LSST stack ({_stack}) and the slice of one ({_HERE}) must not mix: "
                      "set up no stack, or uninstall the distribution gen2-slice")
