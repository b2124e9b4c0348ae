# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""The command that makes light curves at given positions from files of difference images."""

from __future__ import annotations

__all__ = ["ForcedLightCurvesConfig", "ForcedLightCurvesTask", "main"]

import argparse
import logging
import os
from collections.abc import Iterator, Sequence
from typing import Any

import lsst.pex.config as pexConfig
from lsst.pipe.base import Struct, TaskError

from ..completeFile import makeScratchDirectory, publish
from ..describeError import describeError
from ..endings import endUponClosedOutput, endUponTermination
from ..exposureHandle import sortExposures
from ..fileFingerprint import PARQUET, describeDifferences, readFileFingerprint
from ..forced.forcedDiaMeasurement import ForcedDiaMeasurementTask, ForcedDiaPhotConfig
from ..forced.refCatFile import RefCatError, readRefCatOf
from ..lightCurves.lightCurveAssembly import LightCurveAssemblyTask
from ..lightCurves.lightCurveFile import LightCurveFile, writeLightCurves
from ..lightCurves.productArguments import addProductArguments, findProducts
from ..movedNames import disableImplicitThreading
from ..plainText import escapeOutput
from ..printable import printable
from ..progress import trackProgress
from ..provenance import Fingerprint, InputFile, Inputs, Positions, digestConfig, findVersions
from ..runSummary import Status
from ..systemErrors import endUponSystemError, systemErrorsAsTaskErrors
from ..writablePath import writablePath
from .imageFile import ImageFile, findImageFiles
from .imageIdentity import readDataId
from .imageMeasurement import ImageMeasurement
from .imageStamps import ImageStamps
from .measuredImage import MeasuredImage
from .optionActions import SHORT, addTaskArguments, showConfig

#: Seconds that all images together may take: a month, as with the other commands.
TIMEOUT = 30*86400.0

#: Greatest exit status that there is.
MAX_EXIT_STATUS = 255


class OutputFiles:
    """The two files of an output.

    Parameters
    ----------
    lightCurves : `str`
        The file of the light curves; that of their summary has its name with
        ``Summary`` before the suffix.
    """

    def __init__(self, lightCurves: str) -> None:
        stem, suffix = os.path.splitext(lightCurves)
        self.lightCurves, self.summary = lightCurves, f"{stem}Summary{suffix}"
        self.directory = os.path.dirname(lightCurves) or os.curdir

    def __iter__(self) -> Iterator[str]:
        return iter((self.lightCurves, self.summary))


class ForcedLightCurvesConfig(ForcedDiaPhotConfig):
    """Options of `ForcedLightCurvesTask`: those of the measurement, and beneath them those of the curves."""

    lightCurves = pexConfig.ConfigurableField(
        target=LightCurveAssemblyTask, doc="Puts the measurements together.")


class ForcedLightCurvesTask(ForcedDiaMeasurementTask):
    """Measure files of difference images at given positions, and put light curves together."""

    ConfigClass = ForcedLightCurvesConfig
    _DefaultName = "forcedLightCurves"

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.makeSubtask("lightCurves")
        self.lightCurves.makeSubtask("products")
        self._stamps = ImageStamps()

    def makeFingerprint(self, images: Sequence[ImageFile], positions: Positions,
                        digests: dict[str, str] | None = None) -> Fingerprint:
        """Return the fingerprint of the light curves.

        Parameters
        ----------
        images : sequence [`ImageFile`]
            The images.
        positions : `Positions`
            Where to measure.
        digests : `dict` [`str`, `str`], optional
            See `Inputs.fromFiles`.

        Returns
        -------
        fingerprint : `Fingerprint`
            What is known before the run.
        """
        inputs = Inputs.fromFiles([InputFile({"image": image.name}, image.path) for image in images],
                                  trustDates=True, digests=digests)
        # The columns of the file do not matter, the positions do; nor do plots.
        config = " ".join([digestConfig(self.config, ("refCat", "lightCurves", "coaddName")),
                           digestConfig(self.config.lightCurves.value, ("products", "coaddName"))])
        return Fingerprint(self._DefaultName, inputs, config, findVersions(), positions)

    def whyRun(self, output: OutputFiles, now: Fingerprint) -> str:
        """Say why light curves have to be made.

        Parameters
        ----------
        output : `OutputFiles`
            Where they are to be.
        now : `Fingerprint`
            What `makeFingerprint` returned.

        Returns
        -------
        reason : `str`
            Empty if they are there, and what a run would write.
        """
        for path in output:
            if not os.path.exists(path):
                return f"there is no {path}"
            try:
                different = describeDifferences(readFileFingerprint(path, path), now)
            except LookupError as error:
                return str(error)
            if different:
                return f"{path}: {different}"
        return ""

    def runImages(self, images: Sequence[ImageFile], positions: Positions, output: OutputFiles,
                  numProcesses: int = 1, timeout: float = TIMEOUT, report: str | None = None) -> int:
        """Measure, and write light curves.

        Parameters
        ----------
        images : sequence [`ImageFile`]
            The images.
        positions : `Positions`
            Where to measure.
        output : `OutputFiles`
            What to write.
        numProcesses : `int`, optional
            Number of processes that measure.
        timeout : `float`, optional
            Time for measuring, if there are several, seconds.
        report : `str`, optional
            File, JSON, that is to tell what became of each image.

        Returns
        -------
        nFailed : `int`
            Number of images that could not be used; the light curves are of
            the others.

        Raises
        ------
        lsst.pipe.base.TaskError
            Raised if nothing can be written.
        """
        with systemErrorsAsTaskErrors(), makeScratchDirectory(output.directory, self._DefaultName) as scratch:
            digests: dict[str, str] = {}
            fingerprint = self.makeFingerprint(images, positions, digests)
            measurement = ImageMeasurement(self, images, positions, fingerprint.replace(
                inputs=Inputs(1, 0, "", "")), scratch)
            summary = measurement.summary
            try:
                measured = measurement.run(numProcesses, timeout)
                digests.update(measurement.digests)
                self._writeTables(measurement, measured, fingerprint, output, scratch)
            finally:
                # Upon Ctrl-C and the like, too.
                self.log.info("%s, %d images:\n%s", self._DefaultName, len(images), summary.describe())
                if report:
                    summary.write(report)
        return summary.count()[Status.FAILED]

    def _writeTables(self, measurement: ImageMeasurement, measured: Sequence[MeasuredImage],
                     fingerprint: Fingerprint, output: OutputFiles, scratch: str) -> None:
        """Put light curves and their summary together and write them, if there are measurements."""
        if not measured:
            self.log.error("None of the images can be used: there are no light curves")
            return
        exposures = sortExposures(measured, self.log)
        assembled = self.lightCurves.run(
            trackProgress(exposures, self.log, "Collecting measurements"), scratch)
        for exposure in exposures:
            if exposure.dataId in assembled.failed:
                measurement.fail(exposure.image, "its measurements cannot be used, as the log tells")
        used = {exposure.image for exposure in exposures if exposure.dataId not in assembled.failed}
        for exposure in exposures:
            self._stamps.add(exposure.dataId, exposure.image.path)
        unused = [{"image": image.name} for image in measurement.images if image not in used]
        written = writeLightCurves(assembled, scratch, fingerprint.replace(failed=tuple(unused)).toCards())
        publish(written.lightCurves, output.lightCurves)
        publish(written.summary, output.summary)
        self.log.info("Collected %d measurements of %d objects on %d images into %s", written.nRows,
                      written.nObjects, len(used), output.lightCurves)
        if not written.nRows:
            self.log.warning("There are no light curves: none of the positions is on any of the images; they "
                             "have to be in degrees, or have their unit")

    def findStamps(self, images: Sequence[ImageFile]) -> None:
        """Find out which images plots can be made with, where none was measured.

        Parameters
        ----------
        images : sequence [`ImageFile`]
            The images.
        """
        for image in trackProgress(images, self.log, "Looking up images"):
            try:
                self._stamps.add(readDataId(image.path), image.path)
            except Exception as error:
                # The light curves are worth drawing without it.
                self.log.warning("No stamps of %s: %s", printable(image.path), describeError(error))

    def makeProducts(self, output: OutputFiles, products: Struct) -> list[str]:
        """Export and draw light curves that are written.

        Parameters
        ----------
        output : `OutputFiles`
            The light curves.
        products : `lsst.pipe.base.Struct`
            What `findProducts` returned.

        Returns
        -------
        problems : `list` [`str`]
            What could not be done.

        Raises
        ------
        lsst.pipe.base.TaskError
            Raised if nothing can be written there, or would be too much.
        """
        curves, summary = map(LightCurveFile, output)
        config = self.config.lightCurves
        self.lightCurves.checkBadFlags(curves.emptyTable().colnames)
        return self.lightCurves.products.run(curves, summary, self._stamps, products,
                                             config.detectionThreshold, config.badFlags)


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
        self.add_argument("-j", "--processes", type=_count, default=1, help="number of processes to use")
        self.add_argument("-t", "--timeout", type=float, default=TIMEOUT, metavar="SECONDS",
                          help="time for all measuring together")
        self.add_argument("--skip-existing", action="store_true", dest="skipExisting",
                          help="leave light curves alone that are what this run would write")
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
        sky, nDropped = readRefCatOf(path, namespace.config.refCat)
        if nDropped:
            logging.getLogger(self.prog).warning(
                "%s: rows without a finite position are left out: %d", path, nDropped)
        if not len(sky):
            raise RefCatError(f"--refCat: {path} has no positions")
        return Positions.of(os.path.basename(path), sky)


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
    escapeOutput()
    logging.basicConfig(level=logging.INFO, format=SHORT)
    with endUponClosedOutput(), endUponTermination(), endUponSystemError():
        namespace = ForcedLightCurvesArgumentParser().parse(args)
        disableImplicitThreading()  # Several processes, or users, should not compete for cores.
        task = ForcedLightCurvesTask(config=namespace.config)
        nFailed = 0
        try:
            if _isNeeded(task, namespace):
                nFailed = task.runImages(namespace.images, namespace.positions, namespace.output,
                                         namespace.processes, namespace.timeout, namespace.report)
            elif namespace.products.nPlots or namespace.products.drawsObjects:
                task.findStamps(namespace.images)
            problems = _makeProducts(task, namespace)
        except TaskError as error:
            problems = [describeError(error)]
        for problem in problems:
            task.log.fatal("%s", problem)
    return min(nFailed + bool(problems), MAX_EXIT_STATUS)


def _isNeeded(task: ForcedLightCurvesTask, namespace: argparse.Namespace) -> bool:
    """Tell whether there is something to measure; say why."""
    if not namespace.skipExisting:
        return True
    reason = task.whyRun(namespace.output, task.makeFingerprint(namespace.images, namespace.positions))
    if reason:
        task.log.info("Measuring: %s", reason)
    else:
        task.log.info("%s is what this run would write; it is left alone", namespace.output.lightCurves)
    return bool(reason)


def _makeProducts(task: ForcedLightCurvesTask, namespace: argparse.Namespace) -> list[str]:
    """Export and draw, if that is asked for and there are light curves; return what could not be done."""
    products = namespace.products
    isWanted = products.objects or products.nPlots or products.format
    if not isWanted or not all(map(os.path.exists, namespace.output)):
        return []
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


def _count(text: str) -> int:
    """Return a number of processes."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{number} is less than 1")
    return number


# What argparse calls the type in its messages.
_count.__name__ = "number"
