# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Measure image files, each into a catalog of its own, in this process or in several."""

from __future__ import annotations

__all__ = ["ImageMeasurement"]

import contextlib
import os
import time
import traceback
from collections import defaultdict
from collections.abc import Generator, Sequence
from typing import Any

from lsst.afw.table import SOURCE_IO_NO_FOOTPRINTS
from lsst.pipe.base import Struct, TaskError

from ..describeError import describeError
from ..digests import digestFile
from ..forced.forcedDiaMeasurement import ForcedDiaMeasurementTask
from ..forced.missingFluxReasons import Reason
from ..printable import printable
from ..progress import Progress
from ..provenance import Fingerprint, Positions, storeFingerprint
from ..runSummary import RunSummary, Status
from ..systemErrors import systemErrorsAsTaskErrors
from ..transferredBytes import countTransferredBytes
from ..workerPool import mapInWorkers
from .imageFile import ImageFile, readImage
from .imageIdentity import ImageIdentity, identify, makeIdFactory
from .measuredImage import MeasuredImage


class ImageMeasurement:
    """Measures image files, each into a catalog of its own.

    Parameters
    ----------
    task : `ForcedDiaMeasurementTask`
        Measures an image.
    images : sequence [`ImageFile`]
        The images.
    positions : `Positions`
        Where to measure, with the positions themselves.
    fingerprint : `Fingerprint`
        What to store in the catalogs.
    scratch : `str`
        Directory of the catalogs.

    Attributes
    ----------
    images : sequence [`ImageFile`]
        The images.
    summary : `RunSummary`
        What became of the images.
    digests : `dict` [`str`, `str`]
        Digest of the contents of each file that was read, by its path.
    """

    def __init__(self, task: ForcedDiaMeasurementTask, images: Sequence[ImageFile], positions: Positions,
                 fingerprint: Fingerprint, scratch: str) -> None:
        self._task, self.images, self._positions = task, images, positions
        self._fingerprint, self._scratch = fingerprint, scratch
        self.summary = RunSummary(task.getName(), [image.path for image in images])
        self.digests: dict[str, str] = {}

    def run(self, numProcesses: int, timeout: float) -> list[MeasuredImage]:
        """Measure all images.

        Parameters
        ----------
        numProcesses : `int`
            Number of processes.
        timeout : `float`
            Time for all images together, seconds; one process does not look
            at it.

        Returns
        -------
        measured : `list` [`MeasuredImage`]
            Those that could be used. What is wrong with others is in the log
            and in the summary.
        """
        identities: dict[int, ImageIdentity] = {}
        numWorkers = min(numProcesses, len(self.images))
        with Progress(len(self.images), self._task.log, "Measuring images") as progress, \
                contextlib.closing(self._mapImages(numWorkers, timeout)) as done:
            for index, result in done:
                progress.step(self.summary.add(index, result) is Status.FAILED)
                if not result.exitStatus:
                    identities[index] = result.identity
                    self.digests[self.images[index].path] = result.digest
        self._refuseDuplicates(identities)
        return [MeasuredImage(self.images[index], identity, self._catalogOf(index))
                for index, identity in sorted(identities.items())]

    def fail(self, image: ImageFile, reason: str) -> None:
        """Note that an image, though measured, cannot be used."""
        self.summary.add(self.images.index(image), Struct(exitStatus=1, reason=reason))

    def _mapImages(self, numWorkers: int, timeout: float) -> Generator[tuple[int, Struct], None, None]:
        """Yield index and result of each image, in the order in which they are done."""
        indices = range(len(self.images))
        if numWorkers <= 1:
            yield from enumerate(map(self._try, indices))
        else:
            yield from mapInWorkers(self._try, indices, numWorkers, timeout, self._giveUp)

    def _giveUp(self, index: int, exitCode: int | None) -> Struct:
        """Report an image that was not done in time, or whose process died."""
        return self._reject(index, "it was not done in time" if exitCode is None
                            else f"its process ended with exit code {exitCode}")

    def _reject(self, index: int, reason: str) -> Struct:
        """Report an image that cannot be used."""
        self._task.log.error("Cannot use %s: %s", printable(self.images[index].path), reason)
        return Struct(exitStatus=1, reason=reason)

    def _try(self, index: int) -> Struct:
        """Measure an image; return what became of it."""
        begin, before = time.monotonic(), countTransferredBytes()
        try:
            with systemErrorsAsTaskErrors():
                result = self._measure(index)
        except TaskError as error:
            return self._reject(index, describeError(error))
        except Exception as error:
            self._task.log.debug("%s", traceback.format_exc())
            return self._reject(index, f"{type(error).__name__}: {describeError(error)}")
        after = countTransferredBytes()
        nBytes = after.read - before.read if before is not None and after is not None else 0
        return Struct(exitStatus=0, seconds=round(time.monotonic() - begin, 3), bytesRead=nBytes,
                      **result.getDict())

    def _measure(self, index: int) -> Struct:
        """Measure an image and store the result."""
        image = self.images[index]
        exposure = readImage(image.path)
        # While the system still has it in memory.
        digest = digestFile(image.path)
        identity = identify(exposure)
        forced = self._task.run(exposure, self._positions.sky, makeIdFactory(identity.exposureId),
                                identity.exposureId).forcedSources
        storeFingerprint(forced, self._fingerprint)
        forced.writeFits(self._catalogOf(index), flags=SOURCE_IO_NO_FOOTPRINTS)
        if exposure.getPsf() is None:
            self._task.log.warning("%s has no PSF, and gives no fluxes", printable(image.path))
        self._task.log.info("Measured %d objects of %d on %s",
                            int((forced["reason"] == Reason.MEASURED).sum()), len(forced),
                            printable(image.path))
        return Struct(identity=identity, digest=digest, nObjects=len(forced))

    def _catalogOf(self, index: int) -> str:
        """Return the file of the measurements of an image."""
        return os.path.join(self._scratch, f"image{index}.fits")

    def _refuseDuplicates(self, identities: dict[int, ImageIdentity]) -> None:
        """Remove images of which there are two, since nobody can tell which is right."""
        groups: dict[Any, list[int]] = defaultdict(list)
        for index, identity in identities.items():
            groups[tuple(sorted(identity.dataId.items()))].append(index)
        for indices in groups.values():
            paths = {index: printable(self.images[index].path) for index in sorted(indices)}
            for index in paths if len(paths) > 1 else ():
                others = ", ".join(path for other, path in paths.items() if other != index)
                result = self._reject(index, f"it has the data ID of {others}, {identities[index].dataId}")
                self.summary.add(index, result)
                del identities[index]
