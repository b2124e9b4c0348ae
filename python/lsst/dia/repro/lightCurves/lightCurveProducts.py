# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Export and draw the light curves of a repository."""

__all__ = ["LightCurveProductsConfig", "LightCurveProductsTask"]

import os

import lsst.pex.config as pexConfig
import numpy as np
from lsst.pipe.base import Task, TaskError

from ..progress import trackProgress
from ..replacingFile import replacing
from . import LightCurveExporter, LightCurveFile, StampReader, chooseEpochs, drawLightCurve, usableRows


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
    """Export and draw the light curves of a repository."""

    ConfigClass = LightCurveProductsConfig
    _DefaultName = "lightCurveProducts"

    def run(self, butler, wanted, imageDataset, threshold, badFlags):
        """Make what is asked for.

        Parameters
        ----------
        butler : `lsst.daf.persistence.Butler`
            Has ``diaLightCurves``, ``diaLightCurveSummary`` and the images.
        wanted : `lsst.pipe.base.Struct`
            ``objects``, ids; ``format``, that to export them or all in, or
            `None`; ``drawsObjects``, whether to draw them; ``nPlots``, how
            many others to draw if not, or `None`; ``figureFormat`` and
            ``directory``, `None` for beside the data.
        imageDataset : `str`
            Name of the difference image dataset.
        threshold : `float`
            Least |flux|/error of a detection.
        badFlags : `list` [`str`]
            Columns that, where set, make a measurement unusable.

        Returns
        -------
        problems : `list` [`str`]
            What could not be done.
        """
        if not (wanted.objects or wanted.nPlots or wanted.format):
            return []
        path = _path(butler, "diaLightCurves")
        curves = LightCurveFile(path)
        directory = wanted.directory or os.path.join(os.path.dirname(path), "lightCurves")
        summary = LightCurveFile(_path(butler, "diaLightCurveSummary"))
        objects = list(wanted.objects) if wanted.drawsObjects else []
        if wanted.nPlots and not wanted.objects:
            objects = self.mostSignificant(summary, wanted.nPlots)
        try:
            os.makedirs(directory, exist_ok=True)
            problems = []
            if wanted.format:
                problems += self._export(curves, summary.nRows, directory, wanted, badFlags)
            if objects:
                reader = StampReader(butler, imageDataset, self.config.stampSize)
                problems += self._draw(curves, reader, objects, threshold, badFlags,
                                       os.path.join(directory, "diaObject-{}." + wanted.figureFormat))
        except OSError as error:
            raise TaskError(f"Cannot write to {directory}: {error}") from error
        return problems

    @staticmethod
    def mostSignificant(summary, number):
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

    def _export(self, curves, nObjects, directory, wanted, badFlags):
        """Export light curves; return what went wrong."""
        exporter = LightCurveExporter(curves, directory, wanted.format, badFlags,
                                      self.config.sncosmoBandPrefix)
        if not wanted.objects:
            self._checkSize(curves, nObjects, wanted.format)
            self.log.info("Exported all light curves to %s", exporter.exportAll())
            return []
        problems = []
        for objectId in wanted.objects:
            try:
                exporter.exportObject(objectId)
            except LookupError as error:
                problems.append(str(error))
        self.log.info("Exported %d light curves to %s", len(wanted.objects) - len(problems), directory)
        return problems

    def _checkSize(self, curves, nObjects, format):
        """Refuse to flood the disk with text or files."""
        config = self.config
        if format != "sncosmo" and curves.nRows > config.maxTextRows:
            raise TaskError(f"{curves.path} has {curves.nRows} rows, too many for {format}: give --objects, "
                            f"or raise products.maxTextRows={config.maxTextRows}")
        if format == "sncosmo" and nObjects > config.maxFiles:
            raise TaskError(f"{curves.path} has {nObjects} DIAObjects, too many for a file each: give "
                            f"--objects, or raise products.maxFiles={config.maxFiles}")

    def _draw(self, curves, reader, objects, threshold, badFlags, pattern):
        """Draw light curves; return what went wrong."""
        problems = []
        for objectId in trackProgress(objects, self.log, "Drawing light curves"):
            table = curves.read(objectId)
            if not len(table):
                problems.append(f"there is no DIAObject {objectId} in {curves.path}")
                continue
            self._drawOne(table, curves.dataIdKeys, reader, threshold, badFlags, pattern.format(objectId))
        self.log.info("Drew %d light curves into %s", len(objects) - len(problems), os.path.dirname(pattern))
        return problems

    def _drawOne(self, table, dataIdKeys, reader, threshold, badFlags, path):
        """Draw one light curve, with its stamps."""
        usable = usableRows(table, badFlags)
        with np.errstate(invalid="ignore", divide="ignore"):
            snr = np.ma.getdata(table["psfDiffFlux"])/np.ma.getdata(table["psfDiffFluxErr"])
        snr = np.where(usable, snr, 0)
        rows = chooseEpochs(np.array(table["midpointMjdTai"]), snr, usable, threshold, self.config.nStamps)
        stamps = [(row, self._readStamp(reader, dataIdKeys, table[row])) for row in rows]
        nDetections = int((np.abs(snr) >= threshold).sum())
        with replacing(path) as stream:
            drawLightCurve(table, stream.name, usable, threshold, stamps, f"{nDetections} detections")

    def _readStamp(self, reader, dataIdKeys, row):
        """Return a stamp; one of NaN, after a warning, if it cannot be had."""
        dataId = {key: row[key].item() for key in dataIdKeys}
        try:
            return reader.read(dataId, row["x"], row["y"])
        except Exception as error:
            self.log.warning("No stamp of dataId=%s: %s", dataId, " ".join(str(error).split()))
            return np.full((self.config.stampSize, self.config.stampSize), np.nan)


def _path(butler, dataset):
    """Return where a dataset is."""
    return butler.get(dataset + "_filename", immediate=True)[0]
