# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""The paths of a dataset, which are inside the repository.

Paths are made of templates and of values that registries hold, and neither may lead out of the repository.
What is read may lie behind a symbolic link, as ingested data do; what is written may not.
"""

__all__ = ["findPaths", "fillIn", "requireInside", "requireNotLinkedOut"]

import os

from .logicalLocation import LogicalLocation


def fillIn(path, location):
    """Return a path with the values of the data ID in place of the keys that it still has."""
    return LogicalLocation(path, location.getAdditionalData()).locString() if "%" in path else path


def findPaths(location):
    """Return the full paths of a `ButlerLocation`, keys filled in (`list` of `str`)."""
    storage = location.getStorage()
    return [storage.locationWithRoot(fillIn(path, location)) for path in location.getLocations()]


def requireInside(path, root):
    """Refuse a path that leads out of a directory.

    Parameters
    ----------
    path : `str`
        Path, relative to the directory, or absolute.
    root : `str`
        The directory.

    Returns
    -------
    path : `str`
        The same path.

    Raises
    ------
    RuntimeError
        It leaves the directory.
    """
    isElsewhere = path.startswith("/") and not (path + "/").startswith(root.rstrip("/") + "/")
    if isElsewhere or ".." in path and ".." in path.split("/") or "\0" in path:
        raise RuntimeError(f"Refused the path {path!r}: it leaves the repository {root}")
    return path


def requireNotLinkedOut(path, root):
    """Refuse to write where a symbolic link leads out of a directory.

    Parameters
    ----------
    path : `str`
        Full path of the file to be written. It may itself be a link, for writing replaces it.
    root : `str`
        The directory.

    Raises
    ------
    RuntimeError
        The file would be elsewhere.
    """
    folder = os.path.dirname(path)
    if not _hasLinks(folder, root):
        return
    realRoot, folder = os.path.realpath(root), os.path.realpath(folder)
    if os.path.commonpath([realRoot, folder]) != realRoot:
        raise RuntimeError(
            f"Refused to write {path!r}: a link leads to {folder!r}, out of the repository {root}"
        )


def _hasLinks(folder, root):
    """Tell whether there are links between a directory and a folder in it; mostly there are none."""
    root = root.rstrip("/")
    while len(folder) > len(root):
        if os.path.islink(folder):
            return True
        folder = os.path.dirname(folder)
    return False
