# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""The command line that the tasks of this package share."""

from __future__ import annotations

__all__ = ["DiaArgumentParser", "DiaDataIdContainer"]

import argparse
import os
import sqlite3
import sys
from collections.abc import Sequence
from typing import Any

from lsst.daf.persistence import ButlerDataRef

from ..printable import printable
from ..writablePath import writablePath
from .gen2Classes import ArgumentParser, ConfigDatasetType, DataIdContainer
from .nestedConfig import NestedConfigAction
from .outputReplacement import OutputReplacement
from .overlay import datasetExists, installOverlay
from .standardErrorLog import LongLogAction, sendLogToStandardError

#: What ``--show`` shows, without patterns.
SHOWN = ("config", "data", "history", "run", "tasks")

#: The most data IDs that a message names.
MAX_EXAMPLES = 3


class DiaDataIdContainer(DataIdContainer):
    """Data IDs whose data may be missing.

    Attributes
    ----------
    refList : `list` [`lsst.daf.persistence.ButlerDataRef`]
        References to the data that exist; each once, however often the
        command line names it.
    unmatched : `list` [`dict`]
        The data IDs of the command line for which there is no data at all.
    """

    def makeDataRefList(self, namespace: argparse.Namespace) -> None:
        """Look up the data, and warn of what is missing.

        Parameters
        ----------
        namespace : `argparse.Namespace`
            Parsed command line with ``butler`` and ``log``.
        """
        self.unmatched: list[dict[str, Any]] = []
        # The butler's references cannot be compared, their data IDs can.
        found: dict[tuple, ButlerDataRef] = {}
        missing: list[dict[str, Any]] = []
        # v23 has ordered dictionaries, which look odd in messages.
        for dataId in map(dict, self.idList):
            subset = list(namespace.butler.subset(self.datasetType, level=self.level, dataId=dataId))
            present = [ref for ref in subset
                       if datasetExists(namespace.butler, self.datasetType, **ref.dataId)]
            missing += [dict(ref.dataId) for ref in subset if ref not in present]
            found.update((tuple(sorted(ref.dataId.items())), ref) for ref in present)
            if not present:
                self.unmatched.append(dataId)
        self.refList = list(found.values())
        if missing:
            namespace.log.warning("No %s for %s; left out", self.datasetType, _describeDataIds(missing))
        if self.unmatched:
            namespace.log.error("No %s found for %s", self.datasetType, _describeDataIds(self.unmatched))


def _describeDataIds(dataIds: list[dict[str, Any]]) -> str:
    """Return data IDs for a message: their number and the first if there are many."""
    examples = ", ".join(str(dataId or "(any)") for dataId in dataIds[:MAX_EXAMPLES])
    if len(dataIds) <= MAX_EXAMPLES:
        return f"dataId={examples}"
    return f"{len(dataIds)} data IDs, such as {examples}"


class DiaArgumentParser(ArgumentParser):
    """Argument parser of the tasks of this package.

    It lets a command write to its input repository, and makes the repository
    written to know our dataset types before the butler is made.

    Parameters
    ----------
    name : `str`
        Name of the task.
    **kwargs
        More arguments for `lsst.pipe.base.ArgumentParser`.
    """

    requireOutput = False

    #: The type of dataset that the data IDs are of.
    dataset: str | ConfigDatasetType

    def __init__(self, name: str, **kwargs: Any) -> None:
        # So that two of the stack's options can be replaced.
        super().__init__(name, conflict_handler="resolve", **kwargs)
        sendLogToStandardError()
        self.add_argument("--longlog", action=LongLogAction,
                          help="log time, data ID and source line as well")
        self.add_argument("-c", "--config", nargs="*", action=NestedConfigAction, metavar="NAME=VALUE",
                          help="options, e.g. -c foo=newfoo bar.baz=3 \"choice['name'].baz=4\"")
        self.add_id_argument("--id", self.dataset, ContainerClass=DiaDataIdContainer,
                             help="data IDs, e.g. --id visit=1..5^9 raft=2,2; all data if empty")
        self.add_argument("--report", metavar="FILE.json", type=writablePath,
                          help="write what became of each target into this file")
        self.add_argument("--skip-existing", action="store_true", dest="skipExisting",
                          help="leave outputs alone that are what this run would write")
        self.add_argument("--dry-run", action="store_true", dest="dryRun",
                          help="list what would be made, and why; write nothing")
        self.addArguments()

    def error(self, message: object) -> None:
        """End with a message; the names in it may come from files."""
        super().error("\n".join(map(printable, str(message).split("\n"))))

    def addArguments(self) -> None:
        """Add the arguments that only this command has."""

    def parse_args(self, config: Any, args: Sequence[str] | None = None,
                   **kwargs: Any) -> argparse.Namespace:
        """Parse the command line; see `lsst.pipe.base.ArgumentParser`.

        Help is given whatever else is wrong, such as the repository.
        """
        if {"-h", "--help"}.intersection(sys.argv[1:] if args is None else args):
            self.print_help()
            self.exit()
        with OutputReplacement() as self._replacement:
            try:
                namespace = super().parse_args(config, args=args, **kwargs)
            except ImportError as error:
                # v23 lets it pass that the mapper of a repository is of a package that is not set up.
                self.error(f"what the command line or a repository names cannot be imported: {error}")
            if namespace.id.unmatched and not namespace.id.refList:
                # Nothing will be written.
                self._replacement.putBack()
            return namespace

    def _needsDataIds(self, namespace: argparse.Namespace) -> bool:
        """Tell whether the command makes no sense without ``--id``."""
        return True

    def _checkArguments(self, namespace: argparse.Namespace) -> None:
        """End a command whose own arguments let it not run, before anything is made."""

    def _processDataIds(self, namespace: argparse.Namespace) -> None:
        """Look up the data IDs; v23 lets the registry fail on keys that it does not know."""
        try:
            super()._processDataIds(namespace)
        except sqlite3.Error as error:
            self.error(f"cannot look up data for --id: {error}")

    def _parseDirectories(self, namespace: argparse.Namespace) -> None:
        """Find the repositories and store our dataset types in the output."""
        self._checkShow(namespace.show)
        super()._parseDirectories(namespace)
        onlyShows = bool(namespace.show) and "run" not in namespace.show
        # To show something changes no repository and makes none.
        if onlyShows:
            self._onlyLook(namespace)
            return
        # Now, so that a command that will not run leaves the output alone.
        if namespace.output and os.path.exists(namespace.output) and not os.path.isdir(namespace.output):
            self.error(f"output {namespace.output} is not a directory")
        if self._needsDataIds(namespace) and not namespace.id.idList:
            self.error("no data IDs; give --id KEY=VALUE..., or --id alone for all data")
        self._checkArguments(namespace)
        if namespace.dryRun:
            self._onlyLook(namespace)
            return
        try:
            self._clobber(namespace)
            installOverlay(namespace.input, namespace.output)
        except (RuntimeError, OSError) as error:
            self.error(f"cannot write to {namespace.output or namespace.input}: {error}")

    def _checkShow(self, shown: Sequence[str]) -> None:
        """End the command if there is something that cannot be shown."""
        for text in shown:
            if text.partition("=")[0] not in SHOWN:
                self.error(f"--show {text}: choose from {', '.join(SHOWN)}")

    @staticmethod
    def _onlyLook(namespace: argparse.Namespace) -> None:
        """Leave out a repository that is not there, or would be removed first: nothing is to be made."""
        if namespace.output and (namespace.clobberOutput or not os.path.isdir(namespace.output)):
            namespace.output = None
        namespace.clobberOutput = False

    def _clobber(self, namespace: argparse.Namespace) -> None:
        """Obey ``--clobber-output`` here: done later it would remove the overlay."""
        if not namespace.clobberOutput or namespace.output is None:
            return
        readFrom = [root for root in (namespace.input, namespace.calib) if root]
        self._replacement.setAside(namespace.output, readFrom)
        namespace.log.info("Replacing output repository %s for --clobber-output", namespace.output)
        # The parser of the stack would remove what is made from here on.
        namespace.clobberOutput = False
