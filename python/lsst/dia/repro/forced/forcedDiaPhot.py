# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Force photometry at every DIAObject on every difference image."""

__all__ = ["ForcedDiaPhotConfig", "ForcedDiaPhotTask"]

import os

import lsst.afw.table as afwTable
import numpy as np
from lsst.daf.base import PropertyList
from lsst.meas.base import FatalAlgorithmError
from lsst.pipe.base import Struct, TaskError

from ..catalogColumns import fillRows, makeCatalog
from ..commandLine.gen2Classes import CmdLineTask, timeMethod
from ..commandLine.readError import describeError, describeReadError
from .attachFootprints import attachFootprints
from .forcedDiaPhotConfig import ForcedDiaPhotConfig
from .forcedDiaPhotParser import makeArgumentParser
from .forcedDiaPhotRunner import ForcedDiaPhotRunner
from .imageCoverage import Coverage
from .missingFlux import findFluxName, findReasons, flagUnmeasured
from .nanPixels import fitWithoutNan
from .psfStamps import PsfStamps
from .reason import Reason
from .refCatFile import readRefCatOf


class ForcedDiaPhotTask(CmdLineTask):
    """Measure the DIAObjects on one difference image.

    Reads ``reproDIAObjects``, or a file of positions, and a difference image,
    measures every object whose position falls on the image, and writes
    ``forcedDIASource``. There is a row for each of them; the column
    ``reason`` tells why one has no flux.
    """

    ConfigClass = ForcedDiaPhotConfig
    RunnerClass = ForcedDiaPhotRunner
    _DefaultName = "forcedDiaPhot"

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.refSchema = afwTable.SourceTable.makeMinimalSchema()
        self.makeSubtask("measurement", refSchema=self.refSchema)
        self._mapper = afwTable.SchemaMapper(self.measurement.schema, True)
        self._mapper.addMinimalSchema(self.measurement.schema, True)
        self._addFields(self._mapper.editOutputSchema())
        self.schema = self._mapper.getOutputSchema()

    def _addFields(self, schema):
        """Add the fields that no plugin has."""
        config = self.config
        schema.addField("reason", type="I", doc="Why there is no flux: " + ", ".join(
            f"{int(reason)} {reason.label}" for reason in Reason))
        if config.nanPolicy == "leaveOut":
            schema.addField("psfUsedFraction", type="F",
                            doc="Part of sum(PSF^2) on the pixels that base_PsfFlux used")
        if config.doJointFit:
            self.makeSubtask("jointFit", schema=schema)
        if config.doCalibrate:
            self.makeSubtask("calibration", schema=schema)
        if config.doControl:
            self.makeSubtask("control", schema=schema)

    @timeMethod
    def runDataRef(self, dataRef, refCat=None):
        """Measure the objects on one difference image and write the result.

        Parameters
        ----------
        dataRef : `lsst.daf.persistence.ButlerDataRef`
            Reference to the difference image.
        refCat : `str`, optional
            File of positions; by default those of the DIAObjects.

        Returns
        -------
        result : `lsst.pipe.base.Struct`
            What `run` returns.

        Raises
        ------
        lsst.pipe.base.TaskError
            Raised if the image or the DIAObjects cannot be used.
        """
        if refCat:
            diaObjects, _ = readRefCatOf(refCat, self.config.refCat)
        else:
            diaObjects = self._read(dataRef, "reproDIAObjects", flags=afwTable.SOURCE_IO_NO_FOOTPRINTS)
        exposure = self._read(dataRef, self.config.imageDataset)
        expId = int(dataRef.get("ccdExposureId", immediate=True))
        expBits = dataRef.get("ccdExposureId_bits", immediate=True)
        result = self.run(exposure, diaObjects, afwTable.IdFactory.makeSource(expId, 64 - expBits), expId)
        metadata = PropertyList()
        metadata.set("POSITION", os.path.basename(refCat) if refCat else "reproDIAObjects",
                     "Where the positions are from")
        result.forcedSources.table.setMetadata(metadata)
        dataRef.put(result.forcedSources, "forcedDIASource", flags=afwTable.SOURCE_IO_NO_FOOTPRINTS)
        nMeasured = int((result.forcedSources["reason"] == Reason.MEASURED).sum())
        self.log.info("Measured %d DIAObjects of %d on dataId=%s", nMeasured, len(result.forcedSources),
                      dict(dataRef.dataId))
        return result

    @timeMethod
    def run(self, exposure, diaObjects, idFactory=None, exposureId=None):
        """Measure the DIAObjects on a difference image.

        Parameters
        ----------
        exposure : `lsst.afw.image.ExposureF`
            Difference image with WCS, PSF and, if fluxes are calibrated,
            PhotoCalib. Without a PSF there are rows, but no fluxes.
        diaObjects : `lsst.afw.table.SourceCatalog`
            DIAObjects anywhere on the sky; ``id`` and ``coord`` are used.
        idFactory : `lsst.afw.table.IdFactory`, optional
            Makes the ids of the forced sources.
        exposureId : `int`, optional
            Seeds the noise, if ``measurement.doReplaceWithNoise`` is set, and
            the control positions.

        Returns
        -------
        result : `lsst.pipe.base.Struct`
            With ``forcedSources`` (`lsst.afw.table.SourceCatalog`), a row for
            each DIAObject on the image, in the order of the DIAObjects.

        Raises
        ------
        lsst.pipe.base.TaskError
            Raised if the image lacks WCS or PhotoCalib.
        """
        self._check(exposure)
        coverage = Coverage(np.array(diaObjects["coord_ra"]), np.array(diaObjects["coord_dec"]), exposure,
                            self._findMargin(exposure))
        hasRow = coverage.isWithin(self.config.edgeMargin, exposure.getBBox())
        refCat = self._makeRefCat(np.array(diaObjects["id"])[coverage.index[hasRow]], coverage.ra[hasRow],
                                  coverage.dec[hasRow])
        forced = self._measure(exposure, refCat, coverage.isInside[hasRow], idFactory, exposureId)
        self._complete(forced, exposure, coverage, hasRow)
        if self.config.doControl:
            self._addControl(forced, exposure, coverage, exposureId or 0)
        return Struct(forcedSources=forced)

    def getSchemaCatalogs(self):
        """Return the schema of the output."""
        return {"forcedDIASource": afwTable.SourceCatalog(self.schema)}

    def writeSchemas(self, butler, clobber=False, doBackup=True):
        """Store the schema, and warn if earlier results have another."""
        earlier = self._readSchema(butler) if clobber else None
        if earlier is not None and earlier != self.schema:
            self.log.warning("Earlier forcedDIASource in this repository have other columns: measure all "
                             "images again, lest old and new be mixed")
        super().writeSchemas(butler, clobber=clobber, doBackup=doBackup)

    @staticmethod
    def _readSchema(butler):
        """Return the schema of earlier results; `None` if there are none."""
        if not butler.datasetExists("forcedDIASource_schema", write=True):
            return None
        return butler.get("forcedDIASource_schema", immediate=True).schema

    @staticmethod
    def _read(dataRef, dataset, **kwargs):
        """Read a dataset, and say which could not be read."""
        try:
            return dataRef.get(dataset, immediate=True, **kwargs)
        except Exception as error:
            raise TaskError(f"Cannot read {dataset}: {describeReadError(error, dataRef, dataset)}") from error

    def _check(self, exposure):
        """Raise if the image lacks what measuring needs."""
        has = {"WCS": exposure.getWcs()}
        if self.config.doCalibrate:
            has["PhotoCalib"] = exposure.getPhotoCalib()
        missing = [name for name, component in has.items() if component is None]
        if missing:
            raise TaskError(f"The difference image has no {' and no '.join(missing)}; it cannot be measured")
        known = exposure.mask.getMaskPlaneDict()
        unknown = [plane for plane in self._badMaskPlanes() if plane not in known]
        if unknown:
            raise TaskError(f"The mask has no {' and no '.join(unknown)}, which the badMaskPlanes of "
                            f"measurement.plugins['base_PsfFlux'] name; it has {', '.join(sorted(known))}")

    def _findMargin(self, exposure):
        """Return how far beyond the edge objects matter, pixels."""
        margins = [self.config.edgeMargin]
        if self.config.doJointFit:
            margins.append(self.jointFit.findReach(exposure))
        if self.config.doControl:
            margins.append(self.control.findReach(exposure))
        return max(margins)

    def _makeRefCat(self, ids, ra, dec):
        """Make the catalog of positions that the measurement wants."""
        refCat = makeCatalog(self.refSchema, len(ids), afwTable.SourceCatalog)
        refCat["id"] = ids
        refCat["coord_ra"], refCat["coord_dec"] = ra, dec
        return refCat

    def _measure(self, exposure, refCat, isInside, idFactory=None, exposureId=None):
        """Run the plugins where they can be, and return a catalog of the output's schema."""
        measCat = self.measurement.generateMeasCat(exposure, refCat, exposure.getWcs(),
                                                   idFactory=idFactory or afwTable.IdFactory.makeSimple())
        if exposure.getPsf() is None:
            self.log.warning("The difference image has no PSF: it gives no fluxes")
        elif isInside.all():
            self._runPlugins(measCat, refCat, exposure, exposureId)
        elif isInside.any():
            inside = measCat[isInside].copy(deep=True)
            self._runPlugins(inside, refCat[isInside].copy(deep=True), exposure, exposureId)
            measCat = measCat.copy(deep=True)
            fillRows(measCat, isInside, inside)
        forced = afwTable.SourceCatalog(self.schema)
        forced.reserve(len(measCat))
        forced.extend(measCat, mapper=self._mapper)
        return forced.copy(deep=True)

    def _runPlugins(self, measCat, refCat, exposure, exposureId):
        """Measure sources that are on the image, if there are any."""
        if len(measCat):
            attachFootprints(self.measurement, measCat, exposure, self.config.footprintScaling)
            try:
                self.measurement.run(measCat, exposure, refCat, exposure.getWcs(), exposureId=exposureId)
            except FatalAlgorithmError as error:
                raise TaskError(f"Cannot measure: {describeError(error)}") from error

    def _complete(self, forced, exposure, coverage, hasRow):
        """Fill in what the plugins do not."""
        isInside, x, y = coverage.isInside[hasRow], coverage.x[hasRow], coverage.y[hasRow]
        hasPsf = exposure.getPsf() is not None
        badMaskPlanes = self._badMaskPlanes()
        stamps = PsfStamps(exposure, badMaskPlanes) if hasPsf else None
        flagUnmeasured(forced, isInside, isInside & hasPsf, x, y)
        if self.config.nanPolicy == "leaveOut" and hasPsf:
            fitWithoutNan(forced, x, y, isInside, stamps, badMaskPlanes, self.config.minPsfFraction)
        if self.config.doJointFit:
            rows = np.full(len(hasRow), -1)
            rows[hasRow] = np.arange(len(forced))
            self.jointFit.run(forced, coverage, rows, stamps, self.config.nanPolicy == "leaveOut")
        if self.config.doCalibrate:
            self.calibration.run(forced, exposure)
        forced["reason"] = self._findReasons(forced, exposure, isInside, x, y, stamps)

    def _badMaskPlanes(self):
        """Return the mask planes that base_PsfFlux leaves out."""
        if "base_PsfFlux" not in self.config.measurement.plugins.names:
            return []
        return list(self.config.measurement.plugins["base_PsfFlux"].badMaskPlanes)

    def _findReasons(self, forced, exposure, isInside, x, y, stamps):
        """Find out why rows have no flux."""
        isMeasured = isInside & (stamps is not None)
        name = findFluxName(self.schema, self.config.measurement.slots.psfFlux)
        for kind in ("instFlux", "instFluxErr") if name else ():
            isMeasured &= np.isfinite(forced[f"{name}_{kind}"])
        nPixels = np.array(forced["base_PsfFlux_npixels"]) if name == "base_PsfFlux" else None
        leavesOut = self.config.nanPolicy == "leaveOut"
        reasons = findReasons(exposure, x, y, isInside, isMeasured, stamps, nPixels,
                              Reason.TOO_FEW_GOOD_PIXELS if leavesOut else Reason.NON_FINITE_PIXELS)
        if f"{name}_flux" in self.schema:
            reasons[isMeasured & ~np.isfinite(forced[f"{name}_flux"])] = Reason.FAILED
        return reasons

    def _addControl(self, forced, exposure, coverage, seed):
        """Measure at control positions and store what they tell of the image."""
        x, y = self.control.draw(exposure, coverage.x, coverage.y, seed)
        flux, fluxErr = np.zeros((2, 0))
        if len(x):
            refCat = self._makeRefCat(np.arange(1, len(x) + 1), *exposure.getWcs().pixelToSkyArray(x, y))
            catalog = self._measure(exposure, refCat, np.ones(len(x), dtype=bool))
            flux, fluxErr = (catalog["base_PsfFlux_inst" + kind]*catalog["base_LocalPhotoCalib"]
                             for kind in ("Flux", "FluxErr"))
        summary = self.control.summarize(flux, fluxErr)
        for name in ("errScale", "zeroOffset", "n"):
            forced["control_" + name] = np.full(len(forced), getattr(summary, name))

    @classmethod
    def _makeArgumentParser(cls):
        return makeArgumentParser(cls._DefaultName)
