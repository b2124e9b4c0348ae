# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""How the tasks of this package are run and how their exit status comes about."""

from __future__ import annotations

__all__ = ["DiaTaskRunner"]

import argparse
import copy
from collections.abc import Iterator
from typing import Any

from lsst.daf.persistence import Butler
from lsst.pipe.base import Struct

from .gen2Classes import TaskRunner, disableImplicitThreading, profile
from .surveyRef import SurveyRef
from .workerPool import mapInWorkers


class DiaTaskRunner(TaskRunner):
    """Task runner that fails when nothing could be run.

    The exit status of a command is the number of failed targets. A data ID
    that matches nothing counts as one, and so does a run that does not start.

    With several processes, each keeps what it has for all its targets. One
    that the system kills takes only the target with it that it had in hand.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        #: Butlers of the parent, and what stands for each in this process.
        self._ownButlers: dict[int, tuple[Butler, Butler]] = {}

    def run(self, parsedCmd: argparse.Namespace) -> list[Struct]:
        """Run the task on all targets; see `lsst.pipe.base.TaskRunner.run`.

        Without data nothing is written, not even the config.

        Returns
        -------
        results : `list` [`lsst.pipe.base.Struct`]
            What `__call__` returned for each target, in order, then a failure
            for each data ID that matches nothing, or for a run that could not
            start.
        """
        disableImplicitThreading()  # Several processes, or users, should not compete for cores.
        results = self._runTargets(parsedCmd)
        failures = max(len(parsedCmd.id.unmatched), 0 if results else 1)
        return results + [Struct(exitStatus=1) for _ in range(failures)]

    def _runTargets(self, parsedCmd: argparse.Namespace) -> list[Struct]:
        """Return the results of all targets, none if the task cannot start."""
        targets = self.getTargetList(parsedCmd)
        if not targets:
            parsedCmd.log.error("There is no data to process; \"--show data\" lists what --id selects")
            return []
        if not self.precall(parsedCmd):
            return []
        with profile(getattr(parsedCmd, "profile", None), parsedCmd.log):
            results = dict(self._mapTargets(targets))
        return [results[index] for index in range(len(targets))]

    def _mapTargets(self, targets: list[tuple]) -> Iterator[tuple[int, Struct]]:
        """Yield index and result of each target, in the order in which they are done."""
        numWorkers = min(self.numProcesses, len(targets))
        if numWorkers <= 1:
            return enumerate(map(self, targets))
        return mapInWorkers(self._runInWorker, targets, numWorkers, self.timeout, self._giveUp)

    def _runInWorker(self, target: tuple) -> Struct:
        """Run the task on one target, in a forked process."""
        self._takeOwnButlers(target[0])
        return self(target)

    def _takeOwnButlers(self, dataRef: Any) -> None:
        """Let a target use a butler of this process.

        The parent's is connected to a registry, and SQLite forbids that
        processes share a connection.
        """
        isSurvey = isinstance(dataRef, SurveyRef)
        holders = [ref.butlerSubset for ref in (dataRef.dataRefs if isSurvey else [dataRef])]
        for holder in [*holders, dataRef] if isSurvey else holders:
            _, own = self._ownButlers.get(id(holder.butler), (None, None))
            if own is None:
                own = copy.copy(holder.butler)
                # Both are kept, for an id says nothing once its object is gone.
                self._ownButlers[id(holder.butler)] = holder.butler, own
                self._ownButlers[id(own)] = own, own
            holder.butler = own

    def _giveUp(self, target: tuple, exitCode: int | None) -> Struct:
        """Report a target that was not done in time, or whose process died."""
        reason = (f"not done within the timeout of {self.timeout:g} s" if exitCode is None
                  else f"its process ended with exit code {exitCode}")
        self.log.fatal("Failed on dataId=%s: %s", target[0].dataId, reason)
        return Struct(exitStatus=1)
