# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Light curves of files of difference images, from the images to the tables and plots."""

from __future__ import annotations

__all__ = ["ForcedLightCurvesConfig", "ForcedLightCurvesTask", "OutputFiles"]

import os
from collections.abc import Iterator, Sequence
from typing import Any

import lsst.pex.config as pexConfig
from lsst.pipe.base import Struct

from ..completeFile import makeScratchDirectory, publish
from ..describeError import describeError
from ..digests import digestConfig
from ..exposureHandle import sortExposures
from ..forced.forcedDiaMeasurement import ForcedDiaMeasurementTask, ForcedDiaPhotConfig
from ..inputFiles import InputFile, Inputs
from ..lightCurves.lightCurveAssembly import LightCurveAssemblyTask
from ..lightCurves.lightCurveFile import LightCurveFile, writeLightCurves
from ..printable import printable
from ..progress import trackProgress
from ..provenance import Fingerprint, Positions, findVersions
from ..runSummary import Status
from ..systemErrors import systemErrorsAsTaskErrors
from .imageFile import ImageFile
from .imageIdentity import readDataId
from .imageMeasurement import ImageMeasurement
from .imageStamps import ImageStamps
from .measuredImage import MeasuredImage


class OutputFiles:
    """The two files of an output, and the folder of what is drawn and exported of them.

    Parameters
    ----------
    lightCurves : `str`
        The file of the light curves; that of their summary has its name with
        ``Summary`` before the suffix, and the folder with ``LightCurves`` for
        the suffix: the next output beside it may have the same ids.
    """

    def __init__(self, lightCurves: str) -> None:
        stem, suffix = os.path.splitext(lightCurves)
        self.lightCurves, self.summary = lightCurves, f"{stem}Summary{suffix}"
        self.directory = os.path.dirname(lightCurves) or os.curdir
        self.products = f"{stem}LightCurves"

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

    def runImages(self, images: Sequence[ImageFile], positions: Positions, output: OutputFiles,
                  numProcesses: int, timeout: float, report: str | None) -> int:
        """Measure, and write light curves.

        Parameters
        ----------
        images : sequence [`ImageFile`]
            The images.
        positions : `Positions`
            Where to measure.
        output : `OutputFiles`
            What to write.
        numProcesses : `int`
            Number of processes that measure.
        timeout : `float`
            Time for measuring, if there are several, seconds.
        report : `str` or `None`
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
        nPositions = fingerprint.positions.count if fingerprint.positions else 0
        if not written.nRows:
            self.log.warning("There are no light curves: none of the positions is on any of the images; they "
                             "have to be in degrees, or have their unit")
        elif written.nObjects < nPositions:
            self.log.info("%d of the %d positions are on none of the images, and have no light curve",
                          nPositions - written.nObjects, nPositions)

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
        self.lightCurves.checkBadFlags(curves.dtypes())
        return self.lightCurves.products.run(curves, summary, self._stamps, products,
                                             config.detectionThreshold, config.badFlags)
