# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""A butler of a repository that a user names."""

from __future__ import annotations

__all__ = ["openGen2Butler"]

import os

from lsst.daf.persistence import Butler
from lsst.pipe.base import TaskError

from ..describeError import describeError


def openGen2Butler(root: str) -> Butler:
    """Return a butler of a Gen2 repository.

    Parameters
    ----------
    root : `str`
        The repository.

    Returns
    -------
    butler : `lsst.daf.persistence.Butler`
        Its butler.

    Raises
    ------
    lsst.pipe.base.TaskError
        Raised if there is no repository that can be read.
    """
    # The butler of v23 makes the directory that it is asked about.
    if not os.path.isdir(root):
        raise TaskError(f"there is no repository {root}")
    try:
        return Butler(root)
    except Exception as error:
        raise TaskError(f"{root} cannot be read as a Gen2 repository, which has _mapper or "
                        f"repositoryCfg.yaml: {describeError(error)}") from error
