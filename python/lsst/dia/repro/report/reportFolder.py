# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""The folder of a report, which appears when it is complete."""

from __future__ import annotations

__all__ = ["replaceReport"]

import contextlib
import os
from collections.abc import Iterator

from ..completeFile import makeScratchDirectory, naming

#: A file that tells that a folder is a report of ours, and how it begins; others have files of that name too.
_MARK = os.path.join("static", "report.js")
_MARK_TEXT = b"// Part of dia_repro."


@contextlib.contextmanager
def replaceReport(path: str) -> Iterator[str]:
    """Make a folder for a report, which gets its name in the end.

    Parameters
    ----------
    path : `str`
        The final name. A report that is there is replaced; if a run is killed
        as it does so, the next one finds the old report beside it.

    Yields
    ------
    directory : `str`
        An empty folder to write to.

    Raises
    ------
    ValueError
        Raised if something else is there, which stays as it is.
    OSError
        Raised if the folder cannot be made.
    """
    # A link stays, and what it leads to is replaced.
    path = os.path.realpath(path)
    parent, name = os.path.split(path)
    old = os.path.join(parent, f".{name}-old")
    if not os.path.lexists(path) and _isReport(old):
        # A run was killed between the names of old and new.
        os.rename(old, path)
    _requireReport(path)
    os.makedirs(parent, exist_ok=True)
    with naming(path), makeScratchDirectory(parent, name) as scratch:
        new = os.path.join(scratch, "new")
        # The scratch folder itself is for its owner alone.
        os.mkdir(new)
        yield new
        # What came in the meantime is not ours to remove.
        _requireReport(path)
        _discard(old, os.path.join(scratch, "older"))
        if os.path.lexists(path):
            os.rename(path, old)
        os.rename(new, path)
        _discard(old, os.path.join(scratch, "old"))


def _discard(old: str, trash: str) -> None:
    """Move a report that was replaced to where it is removed."""
    if os.path.isdir(old) and (not os.listdir(old) or _isReport(old)):
        os.rename(old, trash)


def _requireReport(path: str) -> None:
    """Fail if there is anything but a report."""
    if not os.path.lexists(path):
        return
    if not os.path.isdir(path) or (os.listdir(path) and not _isReport(path)):
        raise ValueError(f"{path} is there and not a report: give another --output, or remove it")


def _isReport(path: str) -> bool:
    """Tell whether a folder is a report."""
    try:
        with open(os.path.join(path, _MARK), "rb") as stream:
            return stream.read(len(_MARK_TEXT)) == _MARK_TEXT
    except (FileNotFoundError, NotADirectoryError):
        return False
