# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Which targets of a run have to be run, and why."""

from __future__ import annotations

__all__ = ["findNeeded", "listTargets"]

from collections.abc import Iterator, Sequence
from typing import Any

from lsst.pipe.base import TaskError

from ..progress import trackProgress


def findNeeded(task: Any, targets: Sequence[tuple]) -> dict[int, tuple]:
    """Find the targets that have to be run.

    Parameters
    ----------
    task : `DiaCmdLineTask`
        The task.
    targets : sequence [`tuple`]
        Reference and keyword arguments of ``runDataRef`` of each.

    Returns
    -------
    needed : `dict` [`int`, `tuple`]
        By their index, those with outputs that are not what a run would
        write; and those, with the argument ``isDone``, of which something is
        to be made beside the outputs.
    """
    needed = {}
    reasons = list(_findReasons(task, targets))
    for index, (reason, (ref, kwargs)) in enumerate(zip(reasons, targets)):
        if reason:
            needed[index] = ref, kwargs
        elif task.hasExtras(**kwargs):
            needed[index] = ref, dict(kwargs, isDone=True)
    if "" in reasons:
        task.log.info("%d of %d %s; they are left alone", reasons.count(""), len(targets), task.areUnchanged)
    return needed


def listTargets(task: Any, targets: Sequence[tuple], skipExisting: bool) -> None:
    """Print what a run would do with each target, and why.

    Parameters
    ----------
    task : `DiaCmdLineTask`
        The task.
    targets : sequence [`tuple`]
        Reference and keyword arguments of ``runDataRef`` of each.
    skipExisting : `bool`
        Would the run leave alone what it would write again?
    """
    nNeeded = 0
    for (ref, _), reason in zip(targets, _findReasons(task, targets)):
        isNeeded = bool(reason) or not skipExisting
        nNeeded += isNeeded
        unchanged = task.isUnchanged
        text = reason or (f"{unchanged}; --skip-existing would leave it alone" if isNeeded else unchanged)
        print(f"{'make' if isNeeded else 'skip'} {ref.dataId}: {text}")
    print(f"{nNeeded} of {len(targets)} would be made")


def _findReasons(task: Any, targets: Sequence[tuple]) -> Iterator[str]:
    """Yield for each target why it has to be run; empty if it has not."""
    for ref, kwargs in trackProgress(targets, task.log, "Comparing with what is there"):
        try:
            yield task.whyRun(ref, **kwargs)
        except TaskError as error:
            # The run will fail for it, and say so.
            yield str(error)
