# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Collect the forced photometry of all images into light curves."""

__all__ = ["DiaLightCurvesConfig", "DiaLightCurvesTask"]

import os
import tempfile

import lsst.afw.table as afwTable
import lsst.pex.config as pexConfig
import numpy as np
from lsst.pipe.base import Struct, TaskError

from ..commandLine.exposures import findExposures
from ..commandLine.gen2Classes import CmdLineTask, timeMethod
from ..commandLine.readError import describeReadError
from ..commandLine.surveyRef import SurveyRef
from ..commandLine.taskRunner import DiaTaskRunner
from ..localCalibration import localCalibration
from ..nameListField import NameListField
from ..progress import trackProgress
from . import FinishedFile, LightCurveCollection, LightCurveSummary, ParquetTableWriter, SummaryWriter
from .diaLightCurvesParser import makeArgumentParser
from .lightCurveProducts import LightCurveProductsTask


class DiaLightCurvesConfig(pexConfig.Config):
    """Options of `DiaLightCurvesTask`."""

    coaddName = pexConfig.Field(
        dtype=str, default="deep",
        doc="Name of the coadd that the images were differenced with; they are "
            "<coaddName>Diff_differenceExp.",
    )
    fluxField = pexConfig.Field(
        dtype=str, default="base_PsfFlux",
        doc="Flux that makes the light curves: <fluxField>_flux and _fluxErr, or _instFlux and _instFluxErr "
            "and the image's PhotoCalib where there are none in nJy.",
    )
    centroidField = pexConfig.Field(
        dtype=str, default="slot_Centroid", doc="Pixel position: <centroidField>_x and _y.",
    )
    copyColumns = NameListField(
        default=["reason", "psfUsedFraction", "control_*", "joint_PsfFlux_flux", "joint_PsfFlux_fluxErr",
                 "joint_PsfFlux_flag", "joint_nSources"],
        doc="More columns of forcedDIASource for the light curves, as shell patterns; they keep their names. "
            "Flags of the flux and of the pixels, limit, magnitude and aperture-corrected flux always go in.",
    )
    rowGroupRows = pexConfig.RangeField(
        dtype=int, default=100_000, min=1,
        doc="About how many rows a row group of the table has. One is in memory at a time.",
    )
    detectionThreshold = pexConfig.RangeField(
        dtype=float, default=5.0, min=0.0, doc="Least |flux|/error of a detection.",
    )
    badFlags = NameListField(
        default=["psfDiffFlux_flag", "pixelFlags_crCenter", "pixelFlags_interpolatedCenter",
                 "pixelFlags_saturatedCenter", "pixelFlags_suspectCenter"],
        doc="Flags of diaLightCurves that keep a measurement from the summary, the plots and sncosmo. "
            "All measurements are in the table.",
    )
    products = pexConfig.ConfigurableField(
        target=LightCurveProductsTask, doc="Exports and draws light curves.",
    )

    @property
    def imageDataset(self):
        """Name of the difference image dataset (`str`)."""
        return self.coaddName + "Diff_differenceExp"


class DiaLightCurvesRunner(DiaTaskRunner):
    """Runs `DiaLightCurvesTask` once, on all data."""

    @staticmethod
    def getTargetList(parsedCmd, **kwargs):
        """Return the one target, or none if there are no data."""
        refs = parsedCmd.id.refList
        if not refs and not parsedCmd.products.reuse:
            return []
        return [(SurveyRef(parsedCmd.butler, refs), dict(kwargs, products=parsedCmd.products))]


class DiaLightCurvesTask(CmdLineTask):
    """Collect the forced photometry of all images into light curves.

    Reads every ``forcedDIASource`` of the data IDs and writes
    ``diaLightCurves`` (one row a DIAObject and image) and
    ``diaLightCurveSummary`` (one row a DIAObject), both Parquet; exports and
    draws light curves.
    """

    ConfigClass = DiaLightCurvesConfig
    RunnerClass = DiaLightCurvesRunner
    _DefaultName = "diaLightCurves"

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.makeSubtask("products")

    @timeMethod
    def runDataRef(self, survey, products):
        """Collect the light curves of a survey, then export and draw.

        Parameters
        ----------
        survey : `SurveyRef`
            References to the forced catalogs.
        products : `lsst.pipe.base.Struct`
            What the command line asks for beside the tables.

        Raises
        ------
        lsst.pipe.base.TaskError
            Raised, after all else is written, if a catalog could not be used
            or an object is not there; and before, if no catalog could be used.
        """
        failed = [] if products.reuse else self._collect(survey)
        problems = []
        if failed:
            problems.append(f"{len(failed)} of {len(survey.dataRefs)} forcedDIASource catalogs could not be "
                            "used; the light curves are of the others")
        problems += self.products.run(survey.butler, products, self.config.imageDataset,
                                      self.config.detectionThreshold, self.config.badFlags)
        if problems:
            raise TaskError("; ".join(problems))

    @timeMethod
    def run(self, images, directory):
        """Sort the measurements of all images into light curves and sum them up.

        Parameters
        ----------
        images : iterable [`lsst.pipe.base.Struct`]
            In order of time: ``catalog`` (`lsst.afw.table.SourceCatalog`),
            ``dataId``, ``band``, ``ccdExposureId``, ``mjd`` and ``fluxes``, as
            `LightCurveCollection.add` takes them. Only one is held.
        directory : `str`
            Where to write. Scratch files of up to the size of the table stay
            there.

        Returns
        -------
        result : `lsst.pipe.base.Struct`
            With these components:

            ``lightCurves``, ``summary``
                The two Parquet files.
            ``nRows``, ``nObjects``
                Their lengths.
        """
        lightCurves, summary = (os.path.join(directory, name + ".parq") for name in ("curves", "summary"))
        config = self.config
        with LightCurveCollection(directory, config.fluxField, config.centroidField,
                                  config.copyColumns) as collection:
            for image in images:
                collection.add(**image.getDict())
            self._checkColumns(collection)
            summarizer = LightCurveSummary(collection.bands, config.detectionThreshold, config.badFlags)
            meta = {"dataIdKeys": " ".join(collection.dataIdKeys)}
            with ParquetTableWriter(lightCurves, collection.columns(), collection.textLengths,
                                    meta) as writer, SummaryWriter(summary, summarizer) as summaryWriter:
                for values, missing in collection.groups(config.rowGroupRows):
                    writer.write(values, missing)
                    summaryWriter.add(values, missing)
            return Struct(lightCurves=lightCurves, summary=summary, nRows=len(collection),
                          nObjects=summaryWriter.nObjects)

    def _checkColumns(self, collection):
        """Warn of columns that the config names and no image has."""
        if not len(collection):
            return
        if collection.lacks("x"):
            self.log.warning("No forcedDIASource has %s_x, as centroidField has it: there are no pixel "
                             "positions", self.config.centroidField)
        names = {column.name for column in collection.columns()}
        unknown = [name for name in self.config.badFlags if name not in names]
        if unknown:
            self.log.warning("No column of the light curves is named %s, as badFlags has it",
                             " or ".join(unknown))

    def _collect(self, survey):
        """Write both tables; return the data IDs of the catalogs that could not be used."""
        failed = []
        place = survey.butler.getUri("diaLightCurves", write=True)
        directory = os.path.dirname(place)
        try:
            os.makedirs(directory, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=directory, prefix=".diaLightCurves-") as scratch:
                result = self.run(self._readImages(survey.dataRefs, failed), scratch)
                if len(failed) == len(survey.dataRefs):
                    raise TaskError(f"None of the {len(failed)} forcedDIASource catalogs can be used")
                survey.put(FinishedFile(result.lightCurves), "diaLightCurves")
                survey.put(FinishedFile(result.summary), "diaLightCurveSummary")
        except OSError as error:
            raise TaskError(f"Cannot write the light curves in {directory}: {error}") from error
        self.metadata["nRows"], self.metadata["nDiaObjects"] = result.nRows, result.nObjects
        self.log.info("Collected %d measurements of %d DIAObjects on %d images into %s", result.nRows,
                      result.nObjects, len(survey.dataRefs) - len(failed), place)
        if not result.nRows:
            self.log.warning("There are no light curves: no position is on any of these images")
        return failed

    def _readImages(self, dataRefs, failed):
        """Read the catalogs in order of time; add to ``failed`` those that cannot be used."""
        bands, origins = {}, set()
        exposures = findExposures(dataRefs, "forcedDIASource", self.config.imageDataset, self.log)
        for exposure in trackProgress(exposures, self.log, "Collecting forcedDIASource catalogs"):
            ref = exposure.dataRef
            try:
                catalog = ref.get("forcedDIASource", immediate=True, flags=afwTable.SOURCE_IO_NO_FOOTPRINTS)
                image = Struct(catalog=catalog, dataId=dict(ref.dataId), band=self._findBand(ref, bands),
                               ccdExposureId=exposure.ccdExposureId, mjd=exposure.mjd,
                               fluxes=self._calibrate(catalog, ref))
            except Exception as error:
                failed.append(dict(ref.dataId))
                self.log.error("Cannot use forcedDIASource of dataId=%s: %s", failed[-1],
                               describeReadError(error, ref, "forcedDIASource"))
                continue
            origins.add(findOrigin(catalog))
            yield image
        if len(origins) > 1:
            self.log.warning("The forcedDIASource were measured at positions from %s, whose ids may be of "
                             "different objects: measure all images at the same positions",
                             " and ".join(sorted(origins)))

    def _findBand(self, dataRef, known):
        """Return the band of an image; that of its filter if the image does not tell."""
        name = str(dataRef.dataId.get("filter", ""))
        if not name or name not in known:
            try:
                label = dataRef.get(self.config.imageDataset + "_filterLabel", immediate=True)
                known[name] = label.bandLabel if label.hasBandLabel() else name
            except Exception as error:
                self.log.debug("No filter label for %s: %s", dataRef.dataId, error)
                return name
        return known[name]

    def _calibrate(self, catalog, dataRef):
        """Return flux and error in nJy, `None` if the catalog has them."""
        field = self.config.fluxField
        if "diaObjectId" not in catalog.schema:
            raise TaskError("it has no column diaObjectId")
        if field + "_flux" in catalog.schema:
            return None
        if field + "_instFlux" not in catalog.schema:
            raise TaskError(f"it has no column {field}_flux nor {field}_instFlux")
        instFlux, instFluxErr = (np.asarray(catalog[field + name]) for name in ("_instFlux", "_instFluxErr"))
        if "base_LocalPhotoCalib" in catalog.schema:
            scale = np.asarray(catalog["base_LocalPhotoCalib"])
        else:
            photoCalib = dataRef.get(self.config.imageDataset + "_photoCalib", immediate=True)
            scale = localCalibration(photoCalib, catalog, field)
        return instFlux*scale, instFluxErr*scale

    @classmethod
    def _makeArgumentParser(cls):
        return makeArgumentParser(cls._DefaultName)


def findOrigin(catalog):
    """Tell where the positions of forced photometry are from.

    Parameters
    ----------
    catalog : `lsst.afw.table.SourceCatalog`
        A ``forcedDIASource``.

    Returns
    -------
    origin : `str`
        Name of the file or dataset.
    """
    metadata = catalog.table.getMetadata()
    name = "POSITION"
    return metadata.getScalar(name) if metadata is not None and metadata.exists(name) else "reproDIAObjects"
