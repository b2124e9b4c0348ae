# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""What tasks noted of their runs in their metadata."""

from __future__ import annotations

__all__ = ["explainNote", "readTaskNotes"]

import datetime
import re
from typing import Any

from lsst.daf.base import PropertySet

#: What `lsst.pipe.base.timeMethod` notes, which tells nothing of the survey.
_USAGE = re.compile(r"(Start|End)(Utc|\w*Time|MaxResidentSetSize|\w*PageFaults|Block\w+puts|"
                    r"\w*ContextSwitches)$|^__version__$|^nodeName$")

#: What the numbers are.
_MEANINGS = {
    "nDiaSources": "DIASources that were read",
    "nRejected": "DIASources in no DIAObject for their flags, signal-to-noise or position",
    "nDiaObjects": "DIAObjects",
    "nSingles": "DIAObjects of one DIASource",
    "nAmbiguous": "DIASources of DIAObjects that the associator found ambiguous",
    "nWithRival": "DIASources that have another DIAObject within the radius",
    "medianMembers": "DIASources of a DIAObject, median",
    "maxMembers": "DIASources of a DIAObject, most",
    "medianSeparation": "separation of a DIASource from its DIAObject, median (arcsec)",
    "maxSeparation": "the same, greatest (arcsec)",
    "shareBeyondRadius": "share of DIASources that may lie beyond the radius, by their errors",
    "radiusForErrors": "radius that would be enough for the errors (arcsec)",
    "logLikelihood": "logarithm of the likelihood of the association",
    "nRows": "forced measurements",
    "seconds": "time that the run took (s)",
}

#: How names begin of the numbers of DIASources that are rejected for a reason or flag.
_REJECTED = "nRejected_"


def explainNote(name: str) -> str:
    """Say what a number is that a task noted.

    Parameters
    ----------
    name : `str`
        Its name.

    Returns
    -------
    meaning : `str`
        A few words; empty if it is not known.
    """
    if name.startswith(_REJECTED):
        return f"DIASources rejected for {name[len(_REJECTED):]}"
    return _MEANINGS.get(name, "")


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
