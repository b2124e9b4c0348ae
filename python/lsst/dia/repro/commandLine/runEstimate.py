# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""How long a large run will take, and how much disk."""

from __future__ import annotations

__all__ = ["RunEstimate"]

import logging
import os
import shutil
import time

from lsst.pipe.base import Struct

from ..progress import formatDuration

#: A run of more targets is large.
LARGE = 100

#: Number of targets a process that an estimate is made from.
SAMPLE = 5


class RunEstimate:
    """Estimate of a large run from its first targets.

    Parameters
    ----------
    total : `int`
        Number of targets.
    numWorkers : `int`
        Number of processes.
    root : `str`
        Repository that is written to.
    log : `logging.Logger`
        Told of the estimate.
    """

    def __init__(self, total: int, numWorkers: int, root: str, log: logging.Logger) -> None:
        self._total, self._root, self._log = total, root, log
        self._wanted = SAMPLE*max(numWorkers, 1) if total > LARGE else 0
        self._begin = time.monotonic()
        self._written: list[int] = []
        self._nDone = 0

    def add(self, result: Struct) -> None:
        """Take a target into account, and tell the estimate when there are enough.

        Parameters
        ----------
        result : `lsst.pipe.base.Struct`
            What `DiaTaskRunner` returned for it.
        """
        if not self._wanted or result.exitStatus or getattr(result, "skipped", False):
            return
        self._nDone += 1
        if getattr(result, "bytesWritten", 0):
            self._written.append(result.bytesWritten)
        if self._nDone == self._wanted:
            self._tell()
            self._wanted = 0

    def _tell(self) -> None:
        """Log the estimate, and warn if the disk is too small."""
        seconds = (time.monotonic() - self._begin)/self._nDone*self._total
        needed = sum(self._written)/max(len(self._written), 1)*self._total
        free = shutil.disk_usage(_findExisting(self._root)).free
        disk = f" and {needed/1e6:.0f} MB of disk, of which {free/1e6:.0f} MB are free" if needed else ""
        self._log.info("By the first %d of %d, all will take about %s%s", self._nDone, self._total,
                       formatDuration(seconds), disk)
        if needed > free:
            self._log.warning("The disk of %s will not hold the results", self._root)


def _findExisting(path: str) -> str:
    """Return a directory that is there: the path, or one above it."""
    path = os.path.abspath(path)
    while not os.path.exists(path):
        path = os.path.dirname(path)
    return path
