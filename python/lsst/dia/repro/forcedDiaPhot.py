# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Force photometry at every DIAObject on every difference image."""

__all__ = ["ForcedDiaPhotConfig", "ForcedDiaPhotTask"]

import lsst.afw.table as afwTable
import lsst.geom as geom
import lsst.pex.config as pexConfig
import numpy as np
from lsst.meas.base import ForcedMeasurementTask
from lsst.pipe.base import Struct, TaskError

from .cmdLine import CmdLineTask, ConfigDatasetType, timeMethod
from .columns import makeCatalog
from .diaArgumentParser import DiaArgumentParser
from .diaTaskRunner import DiaTaskRunner
from .overlay import datasetExists
from .readError import describeReadError


class ForcedDiaPhotConfig(pexConfig.Config):
    """Options of `ForcedDiaPhotTask`."""

    coaddName = pexConfig.Field(
        dtype=str, default="deep",
        doc="Name of the coadd that the images were differenced with; they are "
            "<coaddName>Diff_differenceExp.",
    )
    measurement = pexConfig.ConfigurableField(target=ForcedMeasurementTask, doc="Measures on an image.")
    footprintScaling = pexConfig.RangeField(
        dtype=int, default=3, min=1,
        doc="Semi-axes of the footprints, as a multiple of those of the PSF.",
    )
    doCalibrate = pexConfig.Field(
        dtype=bool, default=True,
        doc="Add fluxes in nJy, instFlux times base_LocalPhotoCalib?",
    )

    @property
    def imageDataset(self):
        """Name of the difference image dataset (`str`)."""
        return self.coaddName + "Diff_differenceExp"

    def setDefaults(self):
        """Measure as Rubin does on difference images."""
        self.measurement.plugins.names = [
            "base_PixelFlags", "base_TransformedCentroidFromCoord", "base_PsfFlux", "base_LocalBackground",
            "base_LocalPhotoCalib", "base_LocalWcs"]
        self.measurement.slots.centroid = "base_TransformedCentroidFromCoord"
        self.measurement.slots.psfFlux = "base_PsfFlux"
        self.measurement.slots.shape = None
        self.measurement.doReplaceWithNoise = False
        self.measurement.copyColumns = {"id": "diaObjectId", "coord_ra": "coord_ra", "coord_dec": "coord_dec"}

    def validate(self):
        """Check options that depend on each other."""
        super().validate()
        if self.doCalibrate and "base_LocalPhotoCalib" not in self.measurement.plugins.names:
            raise ValueError("doCalibrate needs base_LocalPhotoCalib among measurement.plugins")


class ForcedDiaPhotTask(CmdLineTask):
    """Measure the DIAObjects on one difference image.

    Reads ``reproDIAObjects`` and a difference image, measures every DIAObject
    whose position falls on the image, and writes ``forcedDIASource``.
    """

    ConfigClass = ForcedDiaPhotConfig
    RunnerClass = DiaTaskRunner
    _DefaultName = "forcedDiaPhot"

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.refSchema = afwTable.SourceTable.makeMinimalSchema()
        self.makeSubtask("measurement", refSchema=self.refSchema)
        self._mapper = afwTable.SchemaMapper(self.measurement.schema, True)
        self._mapper.addMinimalSchema(self.measurement.schema, True)
        self._addCalibratedFields(self._mapper.editOutputSchema())
        self.schema = self._mapper.getOutputSchema()

    @timeMethod
    def runDataRef(self, dataRef):
        """Measure the DIAObjects on one difference image and write the result.

        Parameters
        ----------
        dataRef : `lsst.daf.persistence.ButlerDataRef`
            Reference to the difference image.

        Returns
        -------
        result : `lsst.pipe.base.Struct`
            What `run` returns.

        Raises
        ------
        lsst.pipe.base.TaskError
            Raised if the image or the DIAObjects cannot be used.
        """
        diaObjects = self._read(dataRef, "reproDIAObjects", flags=afwTable.SOURCE_IO_NO_FOOTPRINTS)
        exposure = self._read(dataRef, self.config.imageDataset)
        expId = int(dataRef.get("ccdExposureId", immediate=True))
        expBits = dataRef.get("ccdExposureId_bits", immediate=True)
        result = self.run(exposure, diaObjects, afwTable.IdFactory.makeSource(expId, 64 - expBits), expId)
        dataRef.put(result.forcedSources, "forcedDIASource", flags=afwTable.SOURCE_IO_NO_FOOTPRINTS)
        self.log.info("Measured %d DIAObjects on dataId=%s", len(result.forcedSources), dict(dataRef.dataId))
        return result

    @timeMethod
    def run(self, exposure, diaObjects, idFactory=None, exposureId=None):
        """Measure the DIAObjects on a difference image.

        Parameters
        ----------
        exposure : `lsst.afw.image.ExposureF`
            Difference image with WCS, PSF and, if fluxes are calibrated,
            PhotoCalib.
        diaObjects : `lsst.afw.table.SourceCatalog`
            DIAObjects anywhere on the sky; ``id`` and ``coord`` are used.
        idFactory : `lsst.afw.table.IdFactory`, optional
            Makes the ids of the forced sources.
        exposureId : `int`, optional
            Seeds the noise, if ``measurement.doReplaceWithNoise`` is set.

        Returns
        -------
        result : `lsst.pipe.base.Struct`
            With ``forcedSources`` (`lsst.afw.table.SourceCatalog`), a row for
            each DIAObject on the image, in the order of the DIAObjects.

        Raises
        ------
        lsst.pipe.base.TaskError
            Raised if the image lacks WCS, PSF or PhotoCalib.
        """
        self._check(exposure)
        refCat = self._selectOnImage(diaObjects, exposure)
        refWcs = exposure.getWcs()
        measCat = self.measurement.generateMeasCat(
            exposure, refCat, refWcs, idFactory=idFactory or afwTable.IdFactory.makeSimple())
        if len(measCat):
            self.measurement.attachPsfShapeFootprints(measCat, exposure, scaling=self.config.footprintScaling)
            self.measurement.run(measCat, exposure, refCat, refWcs, exposureId=exposureId)
        return Struct(forcedSources=self._finish(measCat))

    def getSchemaCatalogs(self):
        """Return the schema of the output."""
        return {"forcedDIASource": afwTable.SourceCatalog(self.schema)}

    @staticmethod
    def _read(dataRef, dataset, **kwargs):
        """Read a dataset, and say which could not be read."""
        try:
            return dataRef.get(dataset, immediate=True, **kwargs)
        except Exception as error:
            raise TaskError(f"Cannot read {dataset}: {describeReadError(error, dataRef, dataset)}") from error

    def _check(self, exposure):
        """Raise if the image lacks what measuring needs."""
        has = {"WCS": exposure.getWcs(), "PSF": exposure.getPsf()}
        if self.config.doCalibrate:
            has["PhotoCalib"] = exposure.getPhotoCalib()
        missing = [name for name, component in has.items() if component is None]
        if missing:
            raise TaskError(f"The difference image has no {' and no '.join(missing)}; it cannot be measured")

    def _selectOnImage(self, diaObjects, exposure):
        """Return the objects whose position falls on a pixel of the image."""
        ra, dec = np.array(diaObjects["coord_ra"]), np.array(diaObjects["coord_dec"])
        onImage = isOnImage(ra, dec, exposure.getWcs(), geom.Box2D(exposure.getBBox()))
        refCat = makeCatalog(self.refSchema, int(onImage.sum()), afwTable.SourceCatalog)
        refCat["id"] = np.array(diaObjects["id"])[onImage]
        refCat["coord_ra"], refCat["coord_dec"] = ra[onImage], dec[onImage]
        return refCat

    def _calibratedFields(self):
        """Return the names of the fluxes to calibrate, without ``_instFlux``."""
        if not self.config.doCalibrate:
            return []
        names = [name for name in self.measurement.schema.getNames() if name.endswith("_instFlux")]
        return [name[:-len("_instFlux")] for name in sorted(names)
                if name + "Err" in self.measurement.schema and not name.startswith("base_LocalBackground")]

    def _addCalibratedFields(self, schema):
        for name in self._calibratedFields():
            schema.addField(name + "_flux", type="D", units="nJy", doc=name + "_instFlux in nJy")
            schema.addField(name + "_fluxErr", type="D", units="nJy",
                            doc=name + "_instFluxErr in nJy; the calibration's own error is left out")

    def _finish(self, measCat):
        """Return the measurements with the calibrated columns."""
        forced = afwTable.SourceCatalog(self.schema)
        forced.reserve(len(measCat))
        forced.extend(measCat, mapper=self._mapper)
        forced = forced.copy(deep=True)
        for name in self._calibratedFields():
            for kind in ("Flux", "FluxErr"):
                forced[name + "_f" + kind[1:]] = forced[name + "_inst" + kind]*forced["base_LocalPhotoCalib"]
        return forced

    @classmethod
    def _makeArgumentParser(cls):
        parser = ForcedDiaPhotArgumentParser(name=cls._DefaultName)
        parser.addDataIds(ConfigDatasetType(name="imageDataset"))
        return parser


class ForcedDiaPhotArgumentParser(DiaArgumentParser):
    """Argument parser that wants the DIAObjects to be there."""

    def _processDataIds(self, namespace):
        """Look up the data, after a look for the DIAObjects."""
        onlyShows = namespace.show and "run" not in namespace.show
        if not onlyShows and not datasetExists(namespace.butler, "reproDIAObjects"):
            self.error(f"repository {namespace.output or namespace.input} has no reproDIAObjects: "
                       "run diaObjectMaker.py first")
        super()._processDataIds(namespace)


def isOnImage(ra, dec, wcs, box):
    """Tell the positions that fall on an image.

    Parameters
    ----------
    ra, dec : `numpy.ndarray`, (N,)
        Positions, radians; one that is not finite is not on the image.
    wcs : `lsst.afw.geom.SkyWcs`
        WCS of the image.
    box : `lsst.geom.Box2D`
        Outer edges of the pixels.

    Returns
    -------
    onImage : `numpy.ndarray`, (N,)
        Whether the position lies in the box, bool. Positions on the far side
        of the sky, where a projection repeats itself, do not.
    """
    onImage = np.isfinite(ra) & np.isfinite(dec)
    center = wcs.pixelToSky(box.getCenter())
    radius = max(center.separation(wcs.pixelToSky(corner)).asRadians() for corner in box.getCorners())
    ra0, dec0 = center.getRa().asRadians(), center.getDec().asRadians()
    haversine = np.sin(0.5*(dec - dec0))**2 + np.cos(dec)*np.cos(dec0)*np.sin(0.5*(ra - ra0))**2
    # A distorted image may bulge past the circle through its corners.
    onImage &= haversine <= np.sin(min(0.75*radius, 0.5*np.pi))**2
    near = np.flatnonzero(onImage)
    if len(near):
        x, y = wcs.skyToPixelArray(ra[near], dec[near])
        onImage[near] = ((x >= box.getMinX()) & (x < box.getMaxX())
                         & (y >= box.getMinY()) & (y < box.getMaxY()))
    return onImage
