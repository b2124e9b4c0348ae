# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Base class of tasks that are run from the command line on Gen2 repositories."""

import logging
import sys

from lsst.pipe.base.struct import Struct
from lsst.pipe.base.task import Task, TaskError
from lsst.utils.introspection import get_caller_name
from lsst.utils.packages import Packages

from lsst.daf.base import PropertyList, PropertySet

from ._argumentParser import ArgumentParser
from ._endings import endQuietly
from ._logging import getTaskLogger
from ._metadata import toPropertyList
from ._taskRunner import TaskRunner

__all__ = ["CmdLineTask"]

_MAX_EXIT_STATUS = 255  # A larger one would wrap around, and 256 failures would read as success.


class CmdLineTask(Task):
    """A task that can be run from the command line.

    Subclasses must have the class attributes ``ConfigClass`` and ``_DefaultName``, and a method
    ``runDataRef`` that takes a butler data reference, reads its inputs, writes its outputs and
    returns a `Struct`. Where ``runDataRef`` needs other arguments, name a ``RunnerClass``.

    Parameters
    ----------
    config : `lsst.pex.config.Config`, optional
        Configuration, an instance of ``ConfigClass``.
    name : `str`, optional
        Name of the task; by default ``_DefaultName``.
    parentTask : `Task`, optional
        The task that this one is a subtask of.
    log : `logging.Logger`, optional
        Log whose child the task's log becomes.

    Attributes
    ----------
    RunnerClass : `type`
        The `TaskRunner` that runs the task on the data IDs.
    canMultiprocess : `bool`
        May ``-j`` run the task in several processes?
    metadata : `lsst.daf.base.PropertyList`
        What the task wants to be stored about its run.
    """

    RunnerClass = TaskRunner
    canMultiprocess = True
    _add_module_logger_prefix = False

    def __init__(self, config=None, name=None, parentTask=None, log=None):
        super().__init__(config=config, name=name, parentTask=parentTask, log=log)
        self.metadata = PropertyList()

    @classmethod
    def applyOverrides(cls, config):
        """Change the config after the obs package's overrides, before the command line's; a hook.

        Parameters
        ----------
        config : `lsst.pex.config.Config`
            Config of the task, changed in place.
        """

    @classmethod
    def parseAndRun(cls, args=None, config=None, log=None, doReturnResults=False):
        """Parse a command line and run the task on its data IDs.

        Parameters
        ----------
        args : `list` of `str`, optional
            Arguments; by default those of the process.
        config : `lsst.pex.config.Config`, optional
            Config to start from; by default ``ConfigClass()``.
        log : `logging.Logger`, optional
            Parent of the task's log; by default the root log.
        doReturnResults : `bool`, optional
            Keep what each run returned? For tests: it may take much memory.

        Returns
        -------
        struct : `Struct`
            With ``argumentParser``, ``parsedCmd``, ``taskRunner``, and ``resultList``: what the runner
            returned for each target, each with an ``exitStatus``.

        Raises
        ------
        SystemExit
            Data IDs failed, and ``--noExit`` was not given; the status is their number, 255 at
            most. Also, where ``args`` is not given, the output was closed or Ctrl-C pressed.
        """
        if args is None:
            with endQuietly():
                return cls._parseAndRun(sys.argv[1:], " ".join(sys.argv), config, log, doReturnResults)
        command = f"{get_caller_name(stacklevel=2)}{tuple(args)}"
        return cls._parseAndRun(args, command, config, log, doReturnResults)

    @classmethod
    def _parseAndRun(cls, args, command, config, log, doReturnResults):
        argumentParser = cls._makeArgumentParser()
        config = cls.ConfigClass() if config is None else config
        parsedCmd = argumentParser.parse_args(config=config, args=args, log=log, override=cls.applyOverrides)
        parsedCmd.log.info("Running: %s", command)
        taskRunner = cls.RunnerClass(TaskClass=cls, parsedCmd=parsedCmd, doReturnResults=doReturnResults)
        resultList = taskRunner.run(parsedCmd)
        _exitIfFailed(resultList, parsedCmd)
        return Struct(
            argumentParser=argumentParser, parsedCmd=parsedCmd, taskRunner=taskRunner, resultList=resultList
        )

    @classmethod
    def _makeArgumentParser(cls):
        """Make the argument parser; override for a dataset type other than ``raw``.

        Returns
        -------
        parser : `ArgumentParser`
            Parser with one data ID argument, ``--id``.
        """
        parser = ArgumentParser(name=cls._DefaultName)
        parser.add_id_argument(
            name="--id", datasetType="raw", help="data IDs, e.g. --id visit=12345 ccd=1,2^0,3"
        )
        return parser

    def emptyMetadata(self):
        """Empty the metadata of this task and its subtasks."""
        super().emptyMetadata()
        self.metadata = toPropertyList(self.metadata)

    def getFullMetadata(self):
        """Collect the metadata of this task and its subtasks.

        Returns
        -------
        metadata : `lsst.daf.base.PropertySet`
            A ``PropertyList`` for each task, under its full name with ``:`` for each ``.``.
        """
        fullMetadata = PropertySet()
        for fullName, task in self.getTaskDict().items():
            fullMetadata.set(fullName.replace(".", ":"), toPropertyList(task().metadata))
        return fullMetadata

    def getSchemaCatalogs(self):
        """Return the schemas of the catalogs that this task writes; a hook.

        Returns
        -------
        schemaCatalogs : `dict`
            Butler dataset type to an empty catalog.
        """
        return {}

    def getAllSchemaCatalogs(self):
        """Return the schemas of the catalogs that this task and its subtasks write.

        Returns
        -------
        schemaCatalogs : `dict`
            Butler dataset type to an empty catalog.
        """
        schemaCatalogs = self.getSchemaCatalogs()
        for task in self.getTaskDict().values():
            # Plain tasks lost this method after v23.
            schemaCatalogs.update(getattr(task(), "getSchemaCatalogs", dict)())
        return schemaCatalogs

    def writeConfig(self, butler, clobber=False, doBackup=True):
        """Write the config, or compare it with the one that is stored already.

        Parameters
        ----------
        butler : `lsst.daf.persistence.Butler`
            Butler to write with, as dataset type `_getConfigName`.
        clobber : `bool`, optional
            Overwrite a stored config, instead of comparing?
        doBackup : `bool`, optional
            Keep the overwritten config as ``file~N``?

        Raises
        ------
        TaskError
            The stored config differs, and ``clobber`` is false.
        """
        configName = self._getConfigName()
        if configName is None:
            return
        if clobber:
            butler.put(self.config, configName, doBackup=doBackup)
        elif butler.datasetExists(configName, write=True):
            oldConfig = _getStored(butler, configName, "config file", "--clobber-config")
            self._compareConfig(oldConfig, configName)
        else:
            butler.put(self.config, configName)

    def _compareConfig(self, oldConfig, configName):
        def logMismatch(message):
            self.log.fatal("Comparing configuration: %s", message)

        if not self.config.compare(oldConfig, shortcut=False, output=logMismatch):
            raise TaskError(
                f"Config does not match existing task config {configName!r} on disk; task configurations "
                "must be consistent within the same output repo (override with --clobber-config)"
            )

    def writeSchemas(self, butler, clobber=False, doBackup=True):
        """Write the schemas of `getAllSchemaCatalogs`, or compare them with those that are stored.

        Parameters
        ----------
        butler : `lsst.daf.persistence.Butler`
            Butler to write with.
        clobber : `bool`, optional
            Overwrite stored schemas, instead of comparing?
        doBackup : `bool`, optional
            Keep overwritten schemas as ``file~N``?

        Raises
        ------
        TaskError
            A stored schema differs, and ``clobber`` is false. Other schemas may have been written.
        """
        for dataset, catalog in self.getAllSchemaCatalogs().items():
            schemaName = dataset + "_schema"
            if clobber:
                butler.put(catalog, schemaName, doBackup=doBackup)
            elif butler.datasetExists(schemaName, write=True):
                old = _getStored(butler, schemaName, "schema", "--clobber-config").getSchema()
                if not old.compare(catalog.getSchema(), old.IDENTICAL):
                    raise TaskError(
                        f"New schema does not match schema {dataset!r} on disk; schemas must be "
                        "consistent within the same output repo (override with --clobber-config)"
                    )
            else:
                butler.put(catalog, schemaName)

    def writeMetadata(self, dataRef):
        """Write the metadata of this task and its subtasks; a failure is only logged.

        Parameters
        ----------
        dataRef : `lsst.daf.persistence.ButlerDataRef`
            Data reference to write with, as dataset type `_getMetadataName`.
        """
        metadataName = self._getMetadataName()
        if metadataName is None:
            return
        try:
            dataRef.put(self.getFullMetadata(), metadataName)
        except Exception as error:
            dataId = getattr(dataRef, "dataId", dataRef)
            self.log.warning("Could not persist metadata for dataId=%s: %s", dataId, error)

    def writePackageVersions(self, butler, clobber=False, doBackup=True, dataset="packages"):
        """Write the versions of the imported packages, or compare them with those that are stored.

        Packages that are not in the stored list are added to it.

        Parameters
        ----------
        butler : `lsst.daf.persistence.Butler`
            Butler to write with.
        clobber : `bool`, optional
            Overwrite stored versions, instead of comparing?
        doBackup : `bool`, optional
            Keep overwritten versions as ``file~N``?
        dataset : `str`, optional
            Dataset type.

        Raises
        ------
        TaskError
            A package has another version than stored, and ``clobber`` is false.
        """
        packages = _findPackages()
        if clobber:
            butler.put(packages, dataset, doBackup=doBackup)
            return
        if not butler.datasetExists(dataset, write=True):
            butler.put(packages, dataset)
            return
        old = _getStored(butler, dataset, "versions", "--clobber-versions or --no-versions")
        changed = packages.difference(old)
        if changed:
            versions = "; ".join(f"{name}: {was} vs {now}" for name, (now, was) in changed.items())
            raise TaskError(
                f"Version mismatch ({versions}); consider using --clobber-versions or --no-versions"
            )
        if packages.extra(old):
            old.update(packages)
            butler.put(old, dataset, doBackup=doBackup)

    def _getConfigName(self):
        """Return the dataset type of the config, or `None` if it is not to be stored."""
        return self._DefaultName + "_config"

    def _getMetadataName(self):
        """Return the dataset type of the metadata, or `None` if it is not to be stored."""
        return self._DefaultName + "_metadata"


def _findPackages():
    # It warns at every command that there is no EUPS, which is nobody's mistake.
    with getTaskLogger("lsst.utils.packages").temporary_log_level(logging.ERROR):
        return Packages.fromSystem()


def _getStored(butler, dataset, what, options):
    try:
        return butler.get(dataset, immediate=True)
    except Exception as error:
        raise TaskError(
            f"Unable to read stored {what} {dataset} ({error}); consider using {options}"
        ) from error


def _exitIfFailed(resultList, parsedCmd):
    try:
        nFailed = sum(result.exitStatus != 0 for result in resultList)
    except (TypeError, AttributeError) as error:
        parsedCmd.log.warning("Unable to retrieve exit status (%s); assuming success", error)
        return
    if nFailed == 0:
        return
    if parsedCmd.noExit:
        parsedCmd.log.error("%d dataRefs failed; not exiting as --noExit was set", nFailed)
        return
    sys.exit(min(nFailed, _MAX_EXIT_STATUS))
