# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""A file that the butler only has to name."""

from __future__ import annotations

__all__ = ["FinishedFile"]

from ..completeFile import publish


class FinishedFile:
    """A file that is complete and only has to get its final name.

    It stands in for `lsst.pipe.tasks.parquetTable.ParquetTable` in
    ``butler.put``: a table that does not fit into memory is written first, and
    the butler then names it. What fails does so before there is anything under
    the final name.

    Parameters
    ----------
    path : `str`
        The file, on the file system of the repository.
    """

    def __init__(self, path: str) -> None:
        self.path = path

    def write(self, filename: str) -> None:
        """Move the file to where the butler wants it."""
        publish(self.path, filename)
