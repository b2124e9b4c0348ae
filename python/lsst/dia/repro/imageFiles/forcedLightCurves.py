# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""The command that makes light curves at given positions from files of difference images."""

from __future__ import annotations

__all__ = ["main"]

import argparse
import logging
import os
from collections.abc import Sequence

from lsst.pipe.base import TaskError

from ..describeError import describeError
from ..fileFingerprint import PARQUET, whyReplace
from ..forced.refCatFile import RefCatError, readRefCat
from ..lightCurves.productArguments import addProductArguments, atLeastOne, findProducts
from ..movedNames import disableImplicitThreading
from ..plainCommand import plainCommand
from ..printable import printable
from ..provenance import Positions
from ..writablePath import writablePath
from .imageFile import findImageFiles
from .imageLightCurves import ForcedLightCurvesConfig, ForcedLightCurvesTask, OutputFiles
from .optionActions import addTaskArguments, showConfig

#: Seconds that all images together may take: a month, as with the other commands.
TIMEOUT = 30*86400.0


class ForcedLightCurvesArgumentParser(argparse.ArgumentParser):
    """The command line."""

    def __init__(self) -> None:
        super().__init__(description="Measure difference images in files at given positions, and write light "
                                     "curves.", fromfile_prefix_chars="@")
        self.add_argument("images", nargs="*", metavar="IMAGE",
                          help="files of difference images, or directories of them")
        self.add_argument("--refCat", metavar="FILE",
                          help="the positions: FITS, Parquet, CSV or ECSV with columns id, ra, dec (degrees)")
        self.add_argument("--output", metavar="FILE.parq", type=_outputFiles,
                          help="the light curves; their summary goes beside them, to FILESummary.parq")
        self.add_argument("-j", "--processes", type=atLeastOne, default=1, help="number of processes to use")
        self.add_argument("-t", "--timeout", type=float, default=TIMEOUT, metavar="SECONDS",
                          help="time for all measuring together")
        self.add_argument("--skip-existing", action="store_true", dest="skipExisting",
                          help="leave light curves alone that are what this run would write")
        self.add_argument("--dry-run", action="store_true", dest="dryRun",
                          help="say whether the light curves would be made, and why; write nothing")
        self.add_argument("--clobber-output", action="store_true", dest="clobberOutput",
                          help="replace light curves that are there")
        self.add_argument("--report", metavar="FILE.json", type=writablePath,
                          help="write what became of each image into this file")
        addTaskArguments(self)
        addProductArguments(self)

    def convert_arg_line_to_args(self, line: str) -> list[str]:
        """Return the one argument on a line of a file that ``@FILE`` names; such lists are long."""
        return [line.strip()] if line.strip() else []

    def error(self, message: object) -> None:  # type: ignore[override]
        """End with a message; the names in it may come from files."""
        super().error("\n".join(map(printable, str(message).split("\n"))))

    def parse(self, args: Sequence[str] | None = None) -> argparse.Namespace:
        """Parse and check a command line.

        Parameters
        ----------
        args : sequence [`str`], optional
            Arguments; those of the process if `None`.

        Returns
        -------
        namespace : `argparse.Namespace`
            With ``config``, ``images`` (`list` [`ImageFile`]), ``positions``
            (`Positions`), ``output`` (`OutputFiles`) and ``products``.
        """
        namespace = self.parse_args(args, argparse.Namespace(config=ForcedLightCurvesConfig()))
        try:
            showConfig(namespace.config, namespace.show)
            if namespace.show and "run" not in namespace.show:
                self.exit()
            namespace.config.validate()
        except ValueError as error:
            self.error(describeError(error))
        for name, value in (("IMAGE", namespace.images), ("--refCat", namespace.refCat),
                            ("--output", namespace.output)):
            if not value:
                self.error(f"{name} is missing")
        namespace.products = findProducts(self, namespace)
        namespace.products.directory = namespace.directory or namespace.output.products
        self._checkOutput(namespace)
        try:
            namespace.images = findImageFiles(namespace.images)
            namespace.positions = self._readPositions(namespace)
        except (LookupError, RefCatError) as error:
            self.error(error.args[0])
        return namespace

    def _checkOutput(self, namespace: argparse.Namespace) -> None:
        """End the command if it would replace something without being told to."""
        there = [path for path in namespace.output if os.path.lexists(path)]
        if there and not (namespace.skipExisting or namespace.clobberOutput):
            self.error(f"{there[0]} is there: --clobber-output replaces it, --skip-existing leaves it alone "
                       "if it is what this run would write")

    def _readPositions(self, namespace: argparse.Namespace) -> Positions:
        """Read the positions; end the command if there are none."""
        path = namespace.refCat
        sky, nDropped = readRefCat(path, namespace.config.refCat)
        if nDropped:
            logging.getLogger(self.prog).warning(
                "%s: rows without a finite position are left out: %d", path, nDropped)
        if not len(sky):
            raise RefCatError(f"--refCat: {path} has no positions")
        return Positions.of(os.path.basename(path), sky)


@plainCommand("forcedLightCurves")
def main(args: Sequence[str] | None = None) -> int:
    """Make light curves as the command line says.

    Parameters
    ----------
    args : sequence [`str`], optional
        Arguments; those of the process if `None`.

    Returns
    -------
    status : `int`
        Exit status: the number of images that could not be used, and one more
        if a plot or an export could not be made.
    """
    namespace = ForcedLightCurvesArgumentParser().parse(args)
    disableImplicitThreading()  # Several processes, or users, should not compete for cores.
    task = ForcedLightCurvesTask(config=namespace.config)
    nFailed = 0
    try:
        isNeeded = _isNeeded(task, namespace)
        if isNeeded:
            nFailed = task.runImages(namespace.images, namespace.positions, namespace.output,
                                     namespace.processes, namespace.timeout, namespace.report)
        problems = [] if namespace.dryRun else _makeProducts(task, namespace, isNeeded)
    except TaskError as error:
        problems = [describeError(error)]
    for problem in problems:
        task.log.fatal("%s", problem)
    return nFailed + bool(problems)


def _isNeeded(task: ForcedLightCurvesTask, namespace: argparse.Namespace) -> bool:
    """Tell whether there is something to measure; say why."""
    if not (namespace.skipExisting or namespace.dryRun):
        return True
    now = task.makeFingerprint(namespace.images, namespace.positions)
    reason = next(filter(None, (whyReplace(path, path, now) for path in namespace.output)), "")
    isNeeded = bool(reason) or not namespace.skipExisting
    say = print if namespace.dryRun else task.log.info
    say(f"{'make' if isNeeded else 'skip'} {namespace.output.lightCurves}: "
        f"{printable(reason) or 'it is there, and what this run would write'}")
    return isNeeded and not namespace.dryRun


def _makeProducts(task: ForcedLightCurvesTask, namespace: argparse.Namespace, isNew: bool) -> list[str]:
    """Export and draw, if that is asked for and there are light curves; return what could not be done."""
    products = namespace.products
    isWanted = products.objects or products.nPlots or products.format
    if not isWanted or not all(map(os.path.exists, namespace.output)):
        return []
    if not isNew and (products.nPlots or products.drawsObjects):
        task.findStamps(namespace.images)
    return task.makeProducts(namespace.output, products)


def _outputFiles(text: str) -> OutputFiles:
    """Return the files of an output that can be written."""
    if not text.endswith(PARQUET):
        raise argparse.ArgumentTypeError(f"{text}: light curves are Parquet, so that it must end in one of "
                                         f"{', '.join(PARQUET)}; --format has others besides")
    output = OutputFiles(text)
    for path in output:
        writablePath(path)
    return output
