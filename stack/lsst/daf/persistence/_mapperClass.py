# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Finding mapper classes by names that come from files.

A repository names its mapper, and a name that is imported runs code. So a name from a file must be that of
a mapper of an ``lsst.obs`` package or of the stack itself, or of one that the program has already loaded.
"""

__all__ = ["findMapperClass"]

import importlib
import sys

from lsst.pex.exceptions._printable import printable

from .mapper import Mapper

_TRUSTED = ("lsst.obs.", "lsst.daf.persistence.")


def findMapperClass(name, source):
    """Find a mapper class.

    Parameters
    ----------
    name : `str`
        Full name of the class.
    source : `str`
        Where the name comes from, for the error messages.

    Returns
    -------
    mapperClass : `type`
        A subclass of `Mapper`.

    Raises
    ------
    RuntimeError
        It is not the name of a mapper that may be used, or it cannot be imported.
    """
    shown, source = printable(name), printable(source)
    moduleName, _, className = name.rpartition(".")
    if not moduleName:
        raise RuntimeError(f"Unqualified mapper name {shown} in {source}")
    if (name + ".").startswith(_TRUSTED):
        try:
            module = importlib.import_module(moduleName)
        except ImportError as error:
            reason = printable(str(error))
            raise RuntimeError(f"Cannot import mapper {shown} of {source}: {reason}") from error
    else:
        module = sys.modules.get(moduleName)
    mapperClass = getattr(module, className, None)
    if not (isinstance(mapperClass, type) and issubclass(mapperClass, Mapper)):
        raise RuntimeError(
            f"Refused the name {shown} in {source}: not a known mapper of an lsst.obs package, "
            "nor one that this program has imported"
        )
    return mapperClass
