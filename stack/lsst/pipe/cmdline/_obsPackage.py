# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Where an ``obs_*`` package keeps its config overrides."""

import importlib.util
import os

import lsst.utils

__all__ = ["findConfigDir"]


def findConfigDir(obsPkg):
    """Find the directory of config overrides of an ``obs_*`` package.

    Parameters
    ----------
    obsPkg : `str`
        Name of the package, such as ``"obs_lsstSim"``.

    Returns
    -------
    directory : `str` or `None`
        ``config`` in the package's EUPS directory, else in the importable Python package; `None`
        if there is neither.
    """
    try:
        return os.path.join(lsst.utils.getPackageDir(obsPkg), "config")
    except LookupError:
        pass
    directory = os.path.join(_pythonPackageDir(obsPkg) or "", "config")
    return directory if os.path.isdir(directory) else None


def _pythonPackageDir(obsPkg):
    try:
        spec = importlib.util.find_spec("lsst." + obsPkg.replace("_", ".", 1))
    except ImportError:
        return None
    return os.path.dirname(spec.origin) if spec is not None and spec.origin else None
