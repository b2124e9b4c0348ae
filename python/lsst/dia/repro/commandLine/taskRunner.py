# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""How the tasks of this package are run and how their exit status comes about."""

from __future__ import annotations

__all__ = ["DiaTaskRunner"]

import argparse
import contextlib
import copy
import functools
import time
from collections.abc import Generator
from typing import Any

from lsst.daf.persistence import Butler
from lsst.pipe.base import Struct, Task, TaskError

from ..describeError import describeError
from ..movedNames import disableImplicitThreading
from ..progress import Progress
from ..runSummary import RunSummary, Status
from ..systemErrors import systemErrorsAsTaskErrors
from ..transferredBytes import countTransferredBytes
from ..workerPool import mapInWorkers
from .gen2Classes import TaskRunner, profile
from .overlay import datasetExists
from .runEstimate import RunEstimate
from .surveyRef import SurveyRef
from .targetSelection import findNeeded, listTargets

#: The result of a target that need not be run.
SKIPPED = Struct(exitStatus=0, skipped=True)


class DiaTaskRunner(TaskRunner):
    """Task runner that fails when nothing could be run.

    The exit status of a command is the number of failed targets. A data ID
    that matches nothing counts as one, and so does a run that does not start.

    With several processes, each keeps what it has for all its targets. One
    that the system kills takes only the target with it that it had in hand.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._reason: str | None = None
        self._nObjects: int | None = None
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
        elif parsedCmd.dryRun:
            task = self.makeTask(args=targets[0])
            listTargets(task, targets, parsedCmd.skipExisting)
            return [] if self._isRefused(task, parsedCmd) else [SKIPPED]*len(targets)
        elif self.precall(parsedCmd):
            with profile(getattr(parsedCmd, "profile", None), parsedCmd.log):
                return self._followTargets(parsedCmd, targets)
        return []

    def _isRefused(self, task: Any, parsedCmd: argparse.Namespace) -> bool:
        """Tell whether a run would be refused since the repository has other options."""
        dataset = task._getConfigName()
        if self.clobberConfig or not datasetExists(parsedCmd.butler, dataset, write=True):
            return False
        with systemErrorsAsTaskErrors():
            stored = parsedCmd.butler.get(dataset, immediate=True)
        isSame = self.config.compare(stored, shortcut=False, output=functools.partial(
            parsedCmd.log.error, "Comparing configuration: %s"))
        if not isSame:
            parsedCmd.log.error("A run would be refused, for the options of this repository are others: see "
                                "--clobber-config")
        return not isSame

    def _followTargets(self, parsedCmd: argparse.Namespace, targets: list[tuple]) -> list[Struct]:
        """Run all targets; tell how far they are, and in the end what became of them."""
        log, name = parsedCmd.log, self.TaskClass._DefaultName
        needed = (findNeeded(self.makeTask(args=targets[0]), targets) if parsedCmd.skipExisting
                  else dict(enumerate(targets)))
        places = list(needed)
        numWorkers = min(self.numProcesses, len(needed))
        summary = RunSummary(name, [_nameTarget(dataRef) for dataRef, _ in targets])
        summary.addUnmatched(parsedCmd.id.unmatched)
        estimate = RunEstimate(len(needed), numWorkers, parsedCmd.output or parsedCmd.input, log)
        results = {index: SKIPPED for index in range(len(targets)) if index not in needed}
        for index in results:
            summary.add(index, SKIPPED)
        try:
            with Progress(len(needed), log, name) as progress, \
                    contextlib.closing(self._mapTargets(list(needed.values()), numWorkers)) as done:
                for number, result in done:
                    results[places[number]] = result
                    progress.step(summary.add(places[number], result) is Status.FAILED)
                    estimate.add(result)
        finally:
            # Upon Ctrl-C and the like, too.
            if len(targets) > 1:
                log.info("%s, %d targets:\n%s", name, len(targets), summary.describe())
            if parsedCmd.report:
                summary.write(parsedCmd.report)
        return [results[index] for index in range(len(targets))]

    def _mapTargets(self, targets: list[tuple], numWorkers: int) -> Generator[tuple[int, Struct], None, None]:
        """Yield index and result of each target, in the order in which they are done."""
        if numWorkers <= 1:
            yield from enumerate(map(self, targets))
        else:
            yield from mapInWorkers(self._runInWorker, targets, numWorkers, self.timeout, self._giveUp)

    def _precallImpl(self, task: Task, parsedCmd: argparse.Namespace) -> None:
        """Write or compare versions, options and schemas."""
        with systemErrorsAsTaskErrors():
            super()._precallImpl(task, parsedCmd)

    def __call__(self, args: tuple) -> Struct:
        """Run the task on one target; see `lsst.pipe.base.TaskRunner`.

        Returns
        -------
        result : `lsst.pipe.base.Struct`
            Also with ``seconds``, ``reason`` (`None` if it did not fail),
            ``nObjects`` (`None` if nobody counted), and if the system counts
            them ``bytesRead`` and ``bytesWritten``.
        """
        self._reason, self._nObjects = None, None
        begin, before = time.monotonic(), countTransferredBytes()
        result = super().__call__(args)
        result.seconds = round(time.monotonic() - begin, 3)
        result.reason, result.nObjects = self._reason, self._nObjects
        after = countTransferredBytes()
        if before is not None and after is not None:
            result.bytesRead, result.bytesWritten = after.read - before.read, after.written - before.written
        return result

    def runTask(self, task: Task, dataRef: Any, kwargs: dict[str, Any]) -> Any:
        """Call the task, and note how it went; see `lsst.pipe.base.TaskRunner.runTask`."""
        try:
            with systemErrorsAsTaskErrors():
                result = super().runTask(task, dataRef, kwargs)
        except Exception as error:
            self._reason = describeError(error)
            if not isinstance(error, TaskError):
                self._reason = f"{type(error).__name__}: {self._reason}"
            raise
        self._nObjects = self.countObjects(result)
        return result

    @staticmethod
    def countObjects(result: Any) -> int | None:
        """Return the number of objects in what the task returned; `None` if there are none to count."""
        return None

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
        return Struct(exitStatus=1, reason=reason)


def _nameTarget(dataRef: Any) -> dict[str, Any] | str:
    """Return what the report calls a target: its data ID, or what a survey is called."""
    return dataRef.dataId if isinstance(dataRef.dataId, str) else dict(dataRef.dataId)
