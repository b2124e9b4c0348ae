# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Make and open Gen3 repositories."""

from __future__ import annotations

__all__ = ["openRepository"]

import os

from lsst.daf.butler import Butler
from lsst.pipe.base import TaskError

from ..completeFile import makeScratchDirectory
from ..describeError import describeError


def openRepository(root: str) -> Butler:
    """Open a Gen3 repository to write to it; make it if there is none.

    Parameters
    ----------
    root : `str`
        Its directory.

    Returns
    -------
    butler : `lsst.daf.butler.Butler`
        A butler that writes to it.

    Raises
    ------
    lsst.pipe.base.TaskError
        Raised if there is something else, or it cannot be opened.
    """
    if not os.path.isdir(root) or not os.listdir(root):
        directory, name = os.path.split(os.path.abspath(root))
        os.makedirs(directory, exist_ok=True)
        # Under its own name when it is complete.
        with makeScratchDirectory(directory, name) as scratch:
            new = os.path.join(scratch, name)
            Butler.makeRepo(new)
            os.rename(new, root)
    try:
        return Butler.from_config(root, writeable=True)
    except FileNotFoundError:
        raise TaskError(f"{root} is there and is no Gen3 repository") from None
    except Exception as error:
        # Of a damaged configuration or database the butler has no one way to tell.
        raise TaskError(f"Cannot open the Gen3 repository {root}: {describeError(error)}") from error
