# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""What tasks noted of their runs in their metadata."""

from __future__ import annotations

__all__ = ["readTaskNotes"]

import datetime
import re
from typing import Any

from lsst.daf.base import PropertySet

#: What `lsst.pipe.base.timeMethod` notes, which tells nothing of the survey.
_USAGE = re.compile(r"(Start|End)(Utc|\w*Time|MaxResidentSetSize|\w*PageFaults|Block\w+puts|"
                    r"\w*ContextSwitches)$|^__version__$|^nodeName$")


def readTaskNotes(metadata: PropertySet) -> dict[str, Any]:
    """Return what a task noted, without what each task notes of the computer.

    Parameters
    ----------
    metadata : `lsst.daf.base.PropertySet`
        The metadata of a task.

    Returns
    -------
    notes : `dict` [`str`, `object`]
        Values by their names, those of subtasks after that of the subtask;
        ``seconds`` is the time that the run took, if it is known.
    """
    notes = {}
    names = metadata.paramNames(False)
    for name in names:
        own = name.partition(".")[2]
        if not _USAGE.search(own):
            notes[own] = metadata.getScalar(name)
    times = {name.partition(".")[2]: metadata.getScalar(name) for name in names if name.endswith("Utc")}
    if {"runDataRefStartUtc", "runDataRefEndUtc"} <= times.keys():
        start, end = (datetime.datetime.fromisoformat(times[f"runDataRef{what}Utc"])
                      for what in ("Start", "End"))
        notes["seconds"] = round((end - start).total_seconds(), 1)
    return notes
