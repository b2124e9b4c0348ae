# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""The class of a dataset.

A policy names it, and a name that is imported runs code. So it must be a class of the stack, or of a module
that the program has already loaded, such as that of a user's task.
``lsst.daf.persistence.butler.logging.FileHandler`` begins as the former, and is not.
"""

__all__ = ["findDataClass"]

import re
import sys

from lsst.pex.exceptions._printable import printable

from .utils import doImport

_OF_STACK = re.compile(r"lsst(\.(?!__)\w+)+")


def findDataClass(pythonType, where):
    """Return the class that a dataset is of.

    Parameters
    ----------
    pythonType : `type` or `str`
        Class, or its full name.
    where : `str` or `ButlerLocation`
        Where the dataset is, for the error messages.

    Returns
    -------
    dataClass : `type`
        The class.

    Raises
    ------
    RuntimeError
        It is not the name of a class that may be used.
    ImportError
        It is the name of a module of the stack that is not here.
    AttributeError
        The module has no such member.
    """
    if not isinstance(pythonType, str):
        return pythonType
    name = pythonType.strip()
    if not isinstance(where, str):
        where = ", ".join(where.getLocationsWithRoot() if where.storage else where.getLocations())
    if _OF_STACK.fullmatch(name):
        try:
            found = doImport(name)
        except (ImportError, AttributeError) as error:
            raise type(error)(f"Cannot find {name}, the class of {printable(where)}: {error}") from error
        isRight = isinstance(found, type) and found.__module__.startswith("lsst.")
    else:
        moduleName, _, member = name.rpartition(".")
        found = getattr(sys.modules.get(moduleName), member, None)
        isRight = isinstance(found, type)
    if not isRight:
        raise RuntimeError(
            f"Refused {pythonType!r} as the class of {printable(where)}: not a class of the stack, "
            "nor one that this program has imported"
        )
    return found
