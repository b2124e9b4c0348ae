# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Export and draw light curves."""

from __future__ import annotations

__all__ = ["DifferenceImages", "LightCurveProductsConfig", "LightCurveProductsTask"]

import os
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any

import lsst.geom as geom
import lsst.pex.config as pexConfig
import numpy as np
from astropy.table import Row, Table
from lsst.afw.geom import SkyWcs
from lsst.pipe.base import Struct, Task, TaskError

from ..completeFile import openComplete
from ..describeError import describeError
from ..progress import trackProgress
from .lightCurveExport import LightCurveExporter
from .lightCurveFigure import chooseEpochs, drawLightCurve
from .lightCurveFile import LightCurveFile
from .usableMeasurements import usableRows

#: How many objects a warning names.
MAX_NAMED = 10


class DifferenceImages(ABC):
    """Reads parts of difference images, wherever they are stored."""

    @abstractmethod
    def readBox(self, dataId: Mapping[str, Any]) -> geom.Box2I:
        """Return the bounding box of an image."""

    @abstractmethod
    def readWcs(self, dataId: Mapping[str, Any]) -> SkyWcs | None:
        """Return the WCS of an image, `None` if it has none."""

    @abstractmethod
    def readPixels(self, dataId: Mapping[str, Any], box: geom.Box2I) -> np.ndarray:
        """Return the pixels of an image within a box, which lies on it; counts."""

    def readCorners(self, dataId: Mapping[str, Any]) -> tuple[np.ndarray, np.ndarray]:
        """Read where on the sky an image lies.

        Parameters
        ----------
        dataId : `dict`
            Data ID of the image.

        Returns
        -------
        ra, dec : `numpy.ndarray`, (4,)
            Its corners in turn, degrees.

        Raises
        ------
        LookupError
            Raised if it has no WCS. What cannot be read raises whatever its
            reader raises.
        """
        wcs = self.readWcs(dataId)
        if wcs is None:
            raise LookupError("it has no WCS")
        corners = geom.Box2D(self.readBox(dataId)).getCorners()
        return wcs.pixelToSkyArray(np.array([corner.getX() for corner in corners]),
                                   np.array([corner.getY() for corner in corners]), degrees=True)

    def readStamp(self, dataId: Mapping[str, Any], x: float, y: float, size: int) -> np.ndarray:
        """Read the surroundings of a position.

        Parameters
        ----------
        dataId : `dict`
            Data ID of the image.
        x, y : `float`
            Position on the image, pixels.
        size : `int`
            Width and height of the stamp, pixels.

        Returns
        -------
        stamp : `numpy.ndarray`, (size, size)
            The pixels about the position, counts; NaN beyond the image.
        """
        stamp = np.full((size, size), np.nan)
        corner = geom.Point2I(*(int(round(value)) - size//2 for value in (x, y)))
        wanted = geom.Box2I(corner, geom.Extent2I(size, size))
        box = geom.Box2I(wanted)
        box.clip(self.readBox(dataId))
        if not box.isEmpty():
            rows, columns = (slice(low, high) for low, high in (
                (box.getBeginY() - wanted.getBeginY(), box.getEndY() - wanted.getBeginY()),
                (box.getBeginX() - wanted.getBeginX(), box.getEndX() - wanted.getBeginX())))
            stamp[rows, columns] = self.readPixels(dataId, box)
        return stamp


class LightCurveProductsConfig(pexConfig.Config):
    """Options of `LightCurveProductsTask`."""

    nStamps = pexConfig.RangeField(
        dtype=int, default=6, min=0, doc="Most difference-image stamps under a plot.",
    )
    stampSize = pexConfig.RangeField(
        dtype=int, default=41, min=3, doc="Width and height of a stamp, pixels.",
    )
    maxTextRows = pexConfig.RangeField(
        dtype=int, default=1_000_000, min=1,
        doc="Most rows to export as text, where no --objects are given.",
    )
    maxFiles = pexConfig.RangeField(
        dtype=int, default=10_000, min=1,
        doc="Most files to export, where no --objects are given.",
    )
    sncosmoBandPrefix = pexConfig.Field(
        dtype=str, default="lsst", doc="What sncosmo's names of the bands begin with.",
    )


class LightCurveProductsTask(Task):
    """Export and draw light curves."""

    ConfigClass = LightCurveProductsConfig
    _DefaultName = "lightCurveProducts"

    def run(self, curves: LightCurveFile, summary: LightCurveFile, images: DifferenceImages, wanted: Struct,
            threshold: float, badFlags: Sequence[str]) -> list[str]:
        """Make what is asked for.

        Parameters
        ----------
        curves, summary : `LightCurveFile`
            The light curves, and their summary.
        images : `DifferenceImages`
            Has the images of the stamps.
        wanted : `lsst.pipe.base.Struct`
            ``objects``, ids; ``format``, that to export them or all in, or
            `None`; ``drawsObjects``, whether to draw them; ``nPlots``, how
            many others to draw if not, or `None`; ``figureFormat`` and
            ``directory``, `None` for beside the light curves.
        threshold : `float`
            Least |flux|/error of a detection.
        badFlags : `list` [`str`]
            Columns that, where set, make a measurement unusable.

        Returns
        -------
        problems : `list` [`str`]
            What could not be done.

        Raises
        ------
        lsst.pipe.base.TaskError
            Raised if nothing can be written there, or would be too much.
        """
        directory = wanted.directory or os.path.join(os.path.dirname(curves.path), "lightCurves")
        objects = list(wanted.objects) if wanted.drawsObjects else []
        if wanted.nPlots and not wanted.objects:
            objects = self.mostSignificant(summary, wanted.nPlots)
        try:
            os.makedirs(directory, exist_ok=True)
            problems = []
            if wanted.format:
                problems += self._export(curves, summary.nRows, directory, wanted, badFlags)
            if objects:
                problems += self._draw(curves, images, objects, threshold, badFlags,
                                       os.path.join(directory, "diaObject-{}." + wanted.figureFormat))
        except OSError as error:
            raise TaskError(f"Cannot write to {directory}: {error}") from error
        return problems

    @staticmethod
    def mostSignificant(summary: LightCurveFile, number: int) -> list[int]:
        """Choose the objects whose flux is most significantly not zero.

        Parameters
        ----------
        summary : `LightCurveFile`
            The summary.
        number : `int`
            How many to choose.

        Returns
        -------
        objects : `list` [`int`]
            Their ids, the most significant first; fewer if the others have no
            usable measurements.
        """
        significance = summary.column("significance")
        order = np.argsort(-np.nan_to_num(significance, nan=-np.inf), kind="stable")
        order = order[np.isfinite(significance[order])]
        return summary.column("diaObjectId")[order[:number]].tolist()

    def _export(self, curves: LightCurveFile, nObjects: int, directory: str, wanted: Struct,
                badFlags: Sequence[str]) -> list[str]:
        """Export light curves; return what went wrong."""
        exporter = LightCurveExporter(curves, directory, wanted.format, badFlags,
                                      self.config.sncosmoBandPrefix)
        if not wanted.objects:
            self._checkSize(curves, nObjects, wanted.format)
            try:
                self.log.info("Exported all light curves to %s", exporter.exportAll())
            except ValueError as error:
                return [str(error)]
            self._warnOfEmpty(exporter.unusable)
            return []
        problems = []
        for objectId in wanted.objects:
            try:
                exporter.exportObject(objectId)
            except (LookupError, ValueError) as error:
                problems.append(str(error))
        self.log.info("Exported %d light curves to %s", len(wanted.objects) - len(problems), directory)
        self._warnOfEmpty(exporter.unusable)
        return problems

    def _warnOfEmpty(self, objects: Sequence[int]) -> None:
        """Warn of objects whose file has no rows."""
        if objects:
            some = ", ".join(map(str, objects[:MAX_NAMED])) + (", ..." if len(objects) > MAX_NAMED else "")
            self.log.warning("%d light curves have no usable measurement with a time and a band, so that "
                             "their files for sncosmo have no rows: those of DIAObjects %s",
                             len(objects), some)

    def _checkSize(self, curves: LightCurveFile, nObjects: int, format: str) -> None:
        """Refuse to flood the disk with text or files."""
        config = self.config
        if format != "sncosmo" and curves.nRows > config.maxTextRows:
            raise TaskError(f"{curves.path} has {curves.nRows} rows, too many for {format}: give --objects, "
                            f"or raise products.maxTextRows={config.maxTextRows}")
        if format == "sncosmo" and nObjects > config.maxFiles:
            raise TaskError(f"{curves.path} has {nObjects} DIAObjects, too many for a file each: give "
                            f"--objects, or raise products.maxFiles={config.maxFiles}")

    def _draw(self, curves: LightCurveFile, images: DifferenceImages, objects: Sequence[int],
              threshold: float, badFlags: Sequence[str], pattern: str) -> list[str]:
        """Draw light curves; return what went wrong."""
        problems = []
        for objectId in trackProgress(objects, self.log, "Drawing light curves"):
            table = curves.read(objectId)
            if not len(table):
                problems.append(f"there is no DIAObject {objectId} in {curves.path}")
                continue
            self._drawOne(table, curves.dataIdKeys, images, threshold, badFlags, pattern.format(objectId))
        self.log.info("Drew %d light curves into %s", len(objects) - len(problems), os.path.dirname(pattern))
        return problems

    def _drawOne(self, table: Table, dataIdKeys: Sequence[str], images: DifferenceImages, threshold: float,
                 badFlags: Sequence[str], path: str) -> None:
        """Draw one light curve, with its stamps."""
        usable = usableRows(table, badFlags)
        with np.errstate(invalid="ignore", divide="ignore"):
            snr = np.ma.getdata(table["psfDiffFlux"])/np.ma.getdata(table["psfDiffFluxErr"])
        snr = np.where(usable, snr, 0)
        rows = chooseEpochs(np.array(table["midpointMjdTai"]), snr, usable, threshold, self.config.nStamps)
        stamps = [(row, self._readStamp(images, dataIdKeys, table[row])) for row in rows]
        nDetections = int((np.abs(snr) >= threshold).sum())
        with openComplete(path) as stream:
            drawLightCurve(table, stream.name, usable, threshold, stamps, f"{nDetections} detections")

    def _readStamp(self, images: DifferenceImages, dataIdKeys: Sequence[str], row: Row) -> np.ndarray:
        """Return a stamp; one of NaN, after a warning, if it cannot be had."""
        dataId = {key: row[key].item() for key in dataIdKeys}
        try:
            return images.readStamp(dataId, row["x"], row["y"], self.config.stampSize)
        except Exception as error:
            # The light curve is worth drawing without it.
            self.log.warning("No stamp of dataId=%s: %s", dataId, describeError(error))
            return np.full((self.config.stampSize, self.config.stampSize), np.nan)
