# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""What became of the targets of a run, as a table and as a file for programs."""

from __future__ import annotations

__all__ = ["Status", "RunSummary"]

import collections
import datetime
import enum
import json
import re
import time
from typing import Any

from lsst.pipe.base import Struct

from .completeFile import openComplete

#: What differs between failures of one kind: files, data IDs, numbers.
DETAILS = [(re.compile(r"[^\s()\[\];'\"]*/(?:[^\s()\[\];'\":,]|,(?=\S))*"), "FILE"),
           (re.compile(r"\{.*?\}"), "..."),
           (re.compile(r"\b\d[\d.]*\b"), "N")]


class Status(str, enum.Enum):
    """What became of a target."""

    DONE = "done"
    SKIPPED = "skipped"
    FAILED = "failed"
    NOT_RUN = "not run"


class RunSummary:
    """What became of the targets of a run.

    Parameters
    ----------
    command : `str`
        Name of the task.
    dataIds : `list` [`dict` or `str`]
        The targets, as the report names them.
    """

    def __init__(self, command: str, dataIds: list[dict[str, Any] | str]) -> None:
        self._command = command
        self._begin = time.monotonic()
        self._started = datetime.datetime.now(datetime.timezone.utc)
        self._targets: list[dict[str, Any]] = [
            {"dataId": dataId, "status": Status.NOT_RUN, "reason": None, "seconds": None, "objects": None}
            for dataId in dataIds]
        self._bytesRead = 0

    def add(self, index: int, result: Struct) -> Status:
        """Note what became of a target.

        Parameters
        ----------
        index : `int`
            Which target.
        result : `lsst.pipe.base.Struct`
            What the run of it came to: ``exitStatus``; and where
            they are known ``skipped``, ``reason`` of a failure, ``seconds``,
            ``nObjects`` and ``bytesRead``.

        Returns
        -------
        status : `Status`
            What became of it.
        """
        status = (Status.FAILED if result.exitStatus
                  else Status.SKIPPED if getattr(result, "skipped", False) else Status.DONE)
        self._targets[index].update(
            status=status, reason=getattr(result, "reason", None),
            seconds=getattr(result, "seconds", None), objects=getattr(result, "nObjects", None))
        self._bytesRead += getattr(result, "bytesRead", 0)
        return status

    def addUnmatched(self, dataIds: list[dict[str, Any]]) -> None:
        """Note data IDs of the command line that match nothing."""
        self._targets += [
            {"dataId": dataId, "status": Status.FAILED, "reason": "no data for this data ID",
             "seconds": None, "objects": None} for dataId in dataIds]

    def count(self) -> collections.Counter:
        """Return how many targets there are of each status."""
        return collections.Counter(target["status"] for target in self._targets)

    def countFailures(self) -> collections.Counter:
        """Return how many targets failed for each kind of reason."""
        return collections.Counter(_generalize(target["reason"] or "not said") for target in self._targets
                                   if target["status"] is Status.FAILED)

    def describe(self) -> str:
        """Return a table of how many there are of what."""
        counts = self.count()
        rows = [(status.value, str(counts[status]))
                for status in (Status.DONE, Status.SKIPPED, Status.NOT_RUN) if counts[status]]
        rows += [(f"failed: {reason}", str(number)) for reason, number in self.countFailures().most_common()]
        objects = [target["objects"] for target in self._targets if target["objects"] is not None]
        if objects:
            rows.append(("objects", str(sum(objects))))
        rows.append(("seconds", f"{time.monotonic() - self._begin:.1f}"))
        if self._bytesRead:
            rows.append(("MB read", f"{self._bytesRead/1e6:.1f}"))
        width = max(len(name) for name, _ in rows)
        return "\n".join(f"  {name:<{width}}  {value:>8}" for name, value in rows)

    def write(self, path: str) -> None:
        """Write the report.

        Parameters
        ----------
        path : `str`
            File, JSON.
        """
        counts = self.count()
        report = {
            "command": self._command,
            "started": self._started.isoformat(timespec="seconds"),
            "seconds": round(time.monotonic() - self._begin, 3),
            "counts": {status.value: counts[status] for status in Status},
            "failures": dict(self.countFailures()),
            "bytesRead": self._bytesRead,
            "targets": self._targets,
        }
        with openComplete(path) as stream:
            json.dump(report, stream, indent=1, default=str)
            stream.write("\n")


def _generalize(reason: str) -> str:
    """Return a reason without what is different for each target."""
    for pattern, word in DETAILS:
        reason = pattern.sub(word, reason)
    return reason
