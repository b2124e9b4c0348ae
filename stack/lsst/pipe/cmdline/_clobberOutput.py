# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""What ``--clobber-output`` may remove."""

import os

from lsst.daf.persistence import RepositoryCfg, Storage

__all__ = ["findReasonToKeep"]

_MARKS = ("repositoryCfg.yaml", "_mapper")


def findReasonToKeep(output, readFrom):
    """Find out why a directory may not be removed.

    Parameters
    ----------
    output : `str`
        Path of the directory.
    readFrom : `str`
        Root of the repository from which data are read.

    Returns
    -------
    reason : `str`
        The reason; empty if there is none.
    """
    if os.path.islink(output):
        return "it is a link"
    if not os.path.isdir(output):
        return "it is not a directory"
    real = os.path.realpath(output)
    for root in _findRoots(readFrom):
        if os.path.commonpath([real, root]) == real:
            return f"data are read from {root}"
    if os.listdir(output) and not any(os.path.isfile(os.path.join(output, name)) for name in _MARKS):
        return "it is not a repository"
    return ""


def _findRoots(root):
    """Return the real paths of a repository and of its parents (`set`)."""
    found, pending = set(), [root]
    while pending:
        item = pending.pop()
        cfg = item if isinstance(item, RepositoryCfg) else Storage().getRepositoryCfg(item)
        places = (item, getattr(cfg, "root", None))
        roots = {os.path.realpath(place) for place in places if isinstance(place, str)}
        if roots <= found:
            continue
        found |= roots
        if cfg is not None:
            pending += cfg.parents
        elif os.path.exists(os.path.join(item, "_parent")):
            pending.append(os.path.realpath(os.path.join(item, "_parent")))
    return found
