# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Runs a command-line task on each of its targets, in one process or several."""

import multiprocessing
import signal
import sys
import traceback

from lsst.pipe.base.struct import Struct
from lsst.pipe.base.task import TaskError
from lsst.utils.threads import disable_implicit_threading

from lsst._threads import setThreads

from ._logging import getTaskLogger, setLabel
from ._profile import profile

__all__ = ["ButlerInitializedTaskRunner", "LegacyTaskRunner", "TaskRunner"]


class TaskRunner:
    """Runs a task whose ``runDataRef`` takes a data reference and, if any, keyword arguments.

    Instances are pickled for multiprocessing, so they must not keep ``parsedCmd``. Tasks with more
    arguments override `getTargetList`; those with others `__call__` as well.

    Parameters
    ----------
    TaskClass : `type`
        Class of the task.
    parsedCmd : `argparse.Namespace`
        The parsed command.
    doReturnResults : `bool`, optional
        Return what each run returned? Otherwise only the exit status of each is.
    """

    TIMEOUT = 3600 * 24 * 30
    """Default timeout of multiprocessing (seconds)."""

    def __init__(self, TaskClass, parsedCmd, doReturnResults=False):
        self.TaskClass = TaskClass
        self.doReturnResults = bool(doReturnResults)
        self.config = parsedCmd.config
        self.log = parsedCmd.log
        self.doRaise = bool(parsedCmd.doraise)
        self.clobberConfig = bool(parsedCmd.clobberConfig)
        self.doBackup = not bool(parsedCmd.noBackupConfig)
        self.numProcesses = int(getattr(parsedCmd, "processes", 1))
        timeout = getattr(parsedCmd, "timeout", None)
        self.timeout = timeout if timeout is not None and timeout > 0 else self.TIMEOUT
        if self.numProcesses > 1 and not TaskClass.canMultiprocess:
            self.log.warning("This task does not support multiprocessing; using one process")
            self.numProcesses = 1
        setThreads(getattr(parsedCmd, "threads", 1))

    def prepareForMultiProcessing(self):
        """Remove what cannot be pickled."""
        self.log = None

    def run(self, parsedCmd):
        """Run the task on all targets.

        Parameters
        ----------
        parsedCmd : `argparse.Namespace`
            The parsed command.

        Returns
        -------
        resultList : `list`
            What `__call__` returned for each target, in order; empty if `precall` failed or there
            was nothing to do.
        """
        disable_implicit_threading()  # Several processes, or users, should not compete for cores.
        if self.numProcesses > 1:
            self.prepareForMultiProcessing()
        if not self.precall(parsedCmd):
            return []
        targetList = self.getTargetList(parsedCmd)
        if len(targetList) == 0:
            parsedCmd.log.warning(
                "Not running the task because there is no data to process; "
                'you may preview data using "--show data"'
            )
            return []
        with profile(getattr(parsedCmd, "profile", None), parsedCmd.log):
            return self._mapTargets(targetList)

    def _mapTargets(self, targetList):
        if self.numProcesses <= 1:
            return [self(target) for target in targetList]
        # As v23 has it: a process a chunk, and all that remains is given up when the time is over. Forked,
        # as on Linux with every Python that ran v23, so that the log configuration is inherited. Ctrl-C is
        # left to this process, which ends the others.
        context = multiprocessing.get_context("fork")
        sys.stdout.flush()
        with context.Pool(self.numProcesses, signal.signal, (signal.SIGINT, signal.SIG_IGN), 1) as pool:
            return pool.map_async(self, targetList).get(self.timeout)

    @staticmethod
    def getTargetList(parsedCmd, **kwargs):
        """Make the list of arguments for `__call__`.

        Parameters
        ----------
        parsedCmd : `argparse.Namespace`
            The parsed command.
        **kwargs
            Keyword arguments that every ``runDataRef`` shall get; for overriding methods.

        Returns
        -------
        targetList : `list` of `tuple`
            Pairs of data reference and ``kwargs``.
        """
        return [(ref, kwargs) for ref in parsedCmd.id.refList]

    def makeTask(self, parsedCmd=None, args=None):
        """Make the task; overridden by runners whose tasks need more arguments.

        Parameters
        ----------
        parsedCmd : `argparse.Namespace`, optional
            The parsed command, if called by `precall`.
        args : `tuple`, optional
            The target, if called by `__call__`. The task must be the same either way.

        Returns
        -------
        task : `CmdLineTask`
            The task.
        """
        return self.TaskClass(config=self.config, log=self.log)

    def precall(self, parsedCmd):
        """Do once, before any target, what concerns them all: versions, config and schemas.

        Parameters
        ----------
        parsedCmd : `argparse.Namespace`
            The parsed command.

        Returns
        -------
        proceed : `bool`
            Shall the targets be run?
        """
        task = self.makeTask(parsedCmd=parsedCmd)
        if self.doRaise:
            self._precallImpl(task, parsedCmd)
            return True
        try:
            self._precallImpl(task, parsedCmd)
        except Exception as error:
            task.log.fatal("Failed in task initialization: %s", error)
            _printTraceback(error)
            return False
        return True

    def _precallImpl(self, task, parsedCmd):
        """Write versions, config and schemas, or compare them with those that are stored."""
        if not parsedCmd.noVersions:
            task.writePackageVersions(parsedCmd.butler, clobber=parsedCmd.clobberVersions)
        task.writeConfig(parsedCmd.butler, clobber=self.clobberConfig, doBackup=self.doBackup)
        task.writeSchemas(parsedCmd.butler, clobber=self.clobberConfig, doBackup=self.doBackup)

    def __call__(self, args):
        """Run the task on one target.

        Parameters
        ----------
        args : `tuple`
            Data reference and keyword arguments of ``runDataRef``.

        Returns
        -------
        struct : `Struct`
            With ``exitStatus`` (0, or 1 if the run failed) and, if ``doReturnResults``, ``dataRef``,
            ``metadata`` and ``result`` (`None` if the run failed).
        """
        dataRef, kwargs = args
        if self.log is None:
            self.log = getTaskLogger()
        setLabel(_describe(dataRef))
        task = self.makeTask(args=args)
        result, exitStatus = self._runSafely(task, dataRef, kwargs)
        sys.stdout.flush()
        sys.stderr.flush()
        task.writeMetadata(dataRef)
        setLabel("")
        if not self.doReturnResults:
            return Struct(exitStatus=exitStatus)
        return Struct(exitStatus=exitStatus, dataRef=dataRef, metadata=task.metadata, result=result)

    def _runSafely(self, task, dataRef, kwargs):
        if self.doRaise:
            return self.runTask(task, dataRef, kwargs), 0
        try:
            return self.runTask(task, dataRef, kwargs), 0
        except Exception as error:
            name = "dataIds" if isinstance(dataRef, (list, tuple)) else "dataId"
            task.log.fatal("Failed on %s=%s: %s: %s", name, _describe(dataRef), type(error).__name__, error)
            _printTraceback(error)
            return None, 1

    def runTask(self, task, dataRef, kwargs):
        """Call the task.

        Parameters
        ----------
        task : `CmdLineTask`
            The task.
        dataRef : `lsst.daf.persistence.ButlerDataRef`
            What to run it on.
        kwargs : `dict`
            More arguments, see `getTargetList`.

        Returns
        -------
        result : `Struct`
            What the task returned.
        """
        return task.runDataRef(dataRef, **kwargs)


class LegacyTaskRunner(TaskRunner):
    """Runs tasks whose ``run`` takes the data reference."""

    def runTask(self, task, dataRef, kwargs):
        """Call ``run`` instead of ``runDataRef``."""
        return task.run(dataRef, **kwargs)


class ButlerInitializedTaskRunner(TaskRunner):
    """Runs tasks whose constructor takes the butler as keyword argument ``butler``."""

    def makeTask(self, parsedCmd=None, args=None):
        """Make the task with the butler of the command, or else of the target.

        Raises
        ------
        RuntimeError
            Neither is given.
        """
        if parsedCmd is not None:
            butler = parsedCmd.butler
        elif args is not None:
            dataRef, _ = args
            butler = dataRef.butlerSubset.butler
        else:
            raise RuntimeError("parsedCmd or args must be specified")
        return self.TaskClass(config=self.config, log=self.log, butler=butler)


def _describe(dataRef):
    """Text of the data ID or data IDs of a target."""
    if hasattr(dataRef, "dataId"):
        return str(dataRef.dataId)
    if isinstance(dataRef, (list, tuple)):
        return "[" + ", ".join(str(ref.dataId) for ref in dataRef if hasattr(ref, "dataId")) + "]"
    return str(dataRef)


def _printTraceback(error):
    """Print the traceback of an error that is not the user's."""
    if not isinstance(error, TaskError):
        traceback.print_exc(file=sys.stderr)
