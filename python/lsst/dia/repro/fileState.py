# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Whether a file is still the one that was read."""

from __future__ import annotations

__all__ = ["FileState", "findState"]

import os
from typing import NamedTuple


class FileState(NamedTuple):
    """What changes when a file is written again."""

    inode: int
    mtime: int
    """Nanoseconds."""
    size: int
    """Bytes."""


def findState(path: str) -> FileState | None:
    """Return the state of a file; `None` if there is none.

    Parameters
    ----------
    path : `str`
        The file.

    Returns
    -------
    state : `FileState` or `None`
        Equal states are those of the same, unchanged file.
    """
    if not os.path.isfile(path):
        return None
    state = os.stat(path)
    return FileState(state.st_ino, state.st_mtime_ns, state.st_size)
