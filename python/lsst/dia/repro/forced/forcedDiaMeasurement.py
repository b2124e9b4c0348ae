# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Force photometry at every DIAObject on a difference image."""

from __future__ import annotations

__all__ = ["ForcedDiaMeasurementTask", "ForcedDiaPhotConfig"]

from typing import Any

import lsst.afw.table as afwTable
import lsst.pex.config as pexConfig
import numpy as np
from lsst.afw.image import ExposureF
from lsst.meas.base import FatalAlgorithmError, ForcedMeasurementTask
from lsst.pipe.base import Struct, Task, TaskError

from ..catalogColumns import fillRows, makeCatalog
from ..describeError import describeError
from ..differenceImages import DifferenceImagesConfig
from ..localCalibration import calibrateFluxes
from ..measuredFlux import isMeasured
from ..movedNames import timeMethod
from ..skyPositions import SkyPositions
from .attachFootprints import attachFootprints
from .calibrateForced import CalibrateForcedTask
from .controlPositions import ControlPositionsTask
from .imageCoverage import Coverage
from .jointFit import JointFitTask
from .missingFluxReasons import Reason, findFluxName, findReasons, flagUnmeasured
from .noDataPixels import withoutNoData
from .psfFluxWithoutNan import fitWithoutNan
from .psfStamps import PsfStamps
from .refCatFile import RefCatConfig


class ForcedDiaPhotConfig(DifferenceImagesConfig):
    """Options of `ForcedDiaMeasurementTask`."""

    measurement = pexConfig.ConfigurableField(target=ForcedMeasurementTask, doc="Measures on an image.")
    footprintScaling = pexConfig.RangeField(
        dtype=int, default=3, min=1,
        doc="Semi-axes of the footprints, as a multiple of those of the PSF.",
    )
    edgeMargin = pexConfig.RangeField(
        dtype=float, default=0.0, min=0.0,
        doc="How far beyond the edge of an image objects get a row too, though not a flux, pixels.",
    )
    nanPolicy = pexConfig.ChoiceField(
        dtype=str, default="fail",
        doc="What a pixel under the PSF does that is not finite in flux or variance.",
        allowed={
            "fail": "The source has no flux, as in the stack.",
            "leaveOut": "base_PsfFlux is fitted to the other pixels; psfUsedFraction tells to how many.",
        },
    )
    minPsfFraction = pexConfig.RangeField(
        dtype=float, default=0.5, min=0.0, max=1.0,
        doc="Least psfUsedFraction for which pixels are left out; below it the source has no flux.",
    )
    doCalibrate = pexConfig.Field(
        dtype=bool, default=True,
        doc="Add fluxes in nJy, instFlux times base_LocalPhotoCalib, magnitudes and limits?",
    )
    calibration = pexConfig.ConfigurableField(target=CalibrateForcedTask, doc="Calibrates the fluxes.")
    doJointFit = pexConfig.Field(
        dtype=bool, default=False, doc="Add PSF fluxes from a joint fit of blended neighbours?")
    jointFit = pexConfig.ConfigurableField(target=JointFitTask, doc="Fits neighbours jointly.")
    doControl = pexConfig.Field(
        dtype=bool, default=False,
        doc="Measure at random positions without objects too, to tell the errors and the zero offset of each "
            "image?",
    )
    control = pexConfig.ConfigurableField(
        target=ControlPositionsTask, doc="Chooses control positions and sums up the fluxes there.")
    refCat = pexConfig.ConfigField(dtype=RefCatConfig, doc="Columns of the file of --refCat.")

    def setDefaults(self) -> None:
        """Measure as Rubin does on difference images."""
        self.measurement.plugins.names = [
            "base_PixelFlags", "base_TransformedCentroidFromCoord", "base_PsfFlux", "base_LocalBackground",
            "base_LocalPhotoCalib", "base_LocalWcs"]
        self.measurement.slots.centroid = "base_TransformedCentroidFromCoord"
        self.measurement.slots.psfFlux = "base_PsfFlux"
        self.measurement.slots.shape = None
        self.measurement.doReplaceWithNoise = False
        self.measurement.copyColumns = {"id": "diaObjectId", "coord_ra": "coord_ra", "coord_dec": "coord_dec"}

    def validate(self) -> None:
        """Check options that depend on each other."""
        super().validate()
        names = self.measurement.plugins.names
        if self.doCalibrate and "base_LocalPhotoCalib" not in names:
            raise ValueError("doCalibrate needs base_LocalPhotoCalib among measurement.plugins")
        if self.doControl and not self.doCalibrate:
            raise ValueError("doControl needs doCalibrate: its offset is in nJy")
        needsPsfFlux = {"nanPolicy=leaveOut": self.nanPolicy == "leaveOut", "doJointFit": self.doJointFit,
                        "doControl": self.doControl}
        for option, isSet in needsPsfFlux.items():
            if isSet and "base_PsfFlux" not in names:
                raise ValueError(f"{option} needs base_PsfFlux among measurement.plugins")


class ForcedDiaMeasurementTask(Task):
    """Measure the DIAObjects on one difference image.

    Every object whose position falls on the image is measured. There is a row
    for each of them; the column ``reason`` tells why one has no flux.

    Parameters
    ----------
    **kwargs
        Arguments of `lsst.pipe.base.Task`.

    Attributes
    ----------
    schema : `lsst.afw.table.Schema`
        Schema of the forced catalog.
    """

    ConfigClass = ForcedDiaPhotConfig
    _DefaultName = "forcedDiaPhot"

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.refSchema = afwTable.SourceTable.makeMinimalSchema()
        self.makeSubtask("measurement", refSchema=self.refSchema)
        # The measurement makes catalogs of its own schema; our fields come on top.
        self._mapper = afwTable.SchemaMapper(self.measurement.schema, True)
        self._mapper.addMinimalSchema(self.measurement.schema, True)
        self._addFields(self._mapper.editOutputSchema())
        self.schema = self._mapper.getOutputSchema()

    def _addFields(self, schema: afwTable.Schema) -> None:
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
    def run(self, exposure: ExposureF, diaObjects: afwTable.SourceCatalog | SkyPositions,
            idFactory: afwTable.IdFactory | None = None, exposureId: int | None = None) -> Struct:
        """Measure the DIAObjects on a difference image.

        Parameters
        ----------
        exposure : `lsst.afw.image.ExposureF`
            Difference image with WCS, PSF and, if fluxes are calibrated,
            PhotoCalib. Without a PSF there are rows, but no fluxes. Pixels
            whose mask has NO_DATA count as not finite, whatever they hold.
        diaObjects : `SkyPositions` or `lsst.afw.table.SourceCatalog`
            DIAObjects anywhere on the sky; of a catalog ``id`` and ``coord``
            are used. For many images at the same positions give
            `SkyPositions`, which are sorted once.
        idFactory : `lsst.afw.table.IdFactory`, optional
            Makes the ids of the forced sources.
        exposureId : `int`, optional
            Seeds the noise, if ``measurement.doReplaceWithNoise`` is set, and
            the control positions.

        Returns
        -------
        result : `lsst.pipe.base.Struct`
            With ``forcedSources`` (`lsst.afw.table.SourceCatalog`), a row for
            each DIAObject on the image, in the order of the DIAObjects, and
            ``circle`` (`SkyCircle`), outside of which DIAObjects do not matter.

        Raises
        ------
        lsst.pipe.base.TaskError
            Raised if the image lacks WCS or PhotoCalib.
        """
        self._check(exposure)
        if not isinstance(diaObjects, SkyPositions):
            diaObjects = SkyPositions.fromCatalog(diaObjects)
        coverage = Coverage(diaObjects, exposure, self._findMargin(exposure))
        hasRow = coverage.isWithin(self.config.edgeMargin, exposure.getBBox())
        refCat = self._makeRefCat(coverage.id[hasRow], coverage.ra[hasRow], coverage.dec[hasRow])
        with withoutNoData(exposure):
            forced = self._measure(exposure, refCat, coverage.isInside[hasRow], idFactory, exposureId)
            self._complete(forced, exposure, coverage, hasRow)
            if self.config.doControl:
                self._addControl(forced, exposure, coverage, exposureId or 0)
        return Struct(forcedSources=forced, circle=coverage.circle)

    def _check(self, exposure: ExposureF) -> None:
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

    def _findMargin(self, exposure: ExposureF) -> float:
        """Return how far beyond the edge objects matter, pixels."""
        margins = [self.config.edgeMargin]
        if self.config.doJointFit:
            margins.append(self.jointFit.findReach(exposure))
        if self.config.doControl:
            margins.append(self.control.findReach(exposure))
        return max(margins)

    def _makeRefCat(self, ids: np.ndarray, ra: np.ndarray, dec: np.ndarray) -> afwTable.SourceCatalog:
        """Make the catalog of positions that the measurement wants."""
        refCat = makeCatalog(self.refSchema, len(ids), afwTable.SourceCatalog)
        refCat["id"] = ids
        refCat["coord_ra"], refCat["coord_dec"] = ra, dec
        return refCat

    def _measure(self, exposure: ExposureF, refCat: afwTable.SourceCatalog, isInside: np.ndarray,
                 idFactory: afwTable.IdFactory | None = None,
                 exposureId: int | None = None) -> afwTable.SourceCatalog:
        """Run the plugins where they can be, and return a catalog of the output's schema."""
        measCat = self.measurement.generateMeasCat(exposure, refCat, exposure.getWcs(),
                                                   idFactory=idFactory or afwTable.IdFactory.makeSimple())
        if exposure.getPsf() is None:
            self.log.warning("The difference image has no PSF: it gives no fluxes")
        elif isInside.all():
            self._runPlugins(measCat, refCat, exposure, exposureId)
        elif isInside.any():
            # Off the image each plugin fails in its own way; `_complete` sets those flags.
            inside = measCat[isInside].copy(deep=True)
            self._runPlugins(inside, refCat[isInside].copy(deep=True), exposure, exposureId)
            measCat = measCat.copy(deep=True)
            fillRows(measCat, isInside, inside)
        forced = afwTable.SourceCatalog(self.schema)
        forced.reserve(len(measCat))
        forced.extend(measCat, mapper=self._mapper)
        # Columns can be written only where all rows lie in one block.
        return forced.copy(deep=True)

    def _runPlugins(self, measCat: afwTable.SourceCatalog, refCat: afwTable.SourceCatalog,
                    exposure: ExposureF, exposureId: int | None) -> None:
        """Measure sources that are on the image, if there are any."""
        if len(measCat):
            attachFootprints(self.measurement, measCat, exposure, self.config.footprintScaling)
            try:
                self.measurement.run(measCat, exposure, refCat, exposure.getWcs(), exposureId=exposureId)
            except FatalAlgorithmError as error:
                raise TaskError(f"Cannot measure: {describeError(error)}") from error

    def _complete(self, forced: afwTable.SourceCatalog, exposure: ExposureF, coverage: Coverage,
                  hasRow: np.ndarray) -> None:
        """Fill in what the plugins do not."""
        isInside, x, y = coverage.isInside[hasRow], coverage.x[hasRow], coverage.y[hasRow]
        badMaskPlanes = self._badMaskPlanes()
        stamps = PsfStamps(exposure, badMaskPlanes) if exposure.getPsf() is not None else None
        flagUnmeasured(forced, isInside, isInside & (stamps is not None), x, y)
        if self.config.nanPolicy == "leaveOut" and stamps is not None:
            fitWithoutNan(forced, x, y, isInside, stamps, badMaskPlanes, self.config.minPsfFraction)
        if self.config.doJointFit:
            # Neighbours beyond the edge margin have no row, but their light counts.
            rows = np.full(len(hasRow), -1)
            rows[hasRow] = np.arange(len(forced))
            self.jointFit.run(forced, coverage, rows, stamps)
        if self.config.doCalibrate:
            self.calibration.run(forced, exposure)
        # Last: a flux may be lost in calibration, or gained without the pixels that are not finite.
        forced["reason"] = self._findReasons(forced, exposure, isInside, x, y, stamps)

    def _badMaskPlanes(self) -> list[str]:
        """Return the mask planes that base_PsfFlux leaves out."""
        if "base_PsfFlux" not in self.config.measurement.plugins.names:
            return []
        return list(self.config.measurement.plugins["base_PsfFlux"].badMaskPlanes)

    def _findReasons(self, forced: afwTable.SourceCatalog, exposure: ExposureF, isInside: np.ndarray,
                     x: np.ndarray, y: np.ndarray, stamps: PsfStamps | None) -> np.ndarray:
        """Find out why rows have no flux."""
        isFitted = isInside & (stamps is not None)
        name = findFluxName(self.schema, self.config.measurement.slots.psfFlux)
        for kind in ("instFlux", "instFluxErr") if name else ():
            isFitted &= np.isfinite(forced[f"{name}_{kind}"])
        nPixels = np.array(forced["base_PsfFlux_npixels"]) if name == "base_PsfFlux" else None
        leavesOut = self.config.nanPolicy == "leaveOut"
        reasons = findReasons(exposure, x, y, isInside, isFitted, stamps, nPixels,
                              Reason.TOO_FEW_GOOD_PIXELS if leavesOut else Reason.NON_FINITE_PIXELS)
        if name:
            hasError = np.array(forced[name + "_instFluxErr"]) > 0.0
            reasons[isFitted & ~hasError] = Reason.NO_ERROR
            if name + "_flux" in self.schema:
                isCalibrated = isMeasured(forced[name + "_flux"], forced[name + "_fluxErr"])
                reasons[isFitted & hasError & ~isCalibrated] = Reason.BAD_CALIBRATION
        return reasons

    def _addControl(self, forced: afwTable.SourceCatalog, exposure: ExposureF, coverage: Coverage,
                    seed: int) -> None:
        """Measure at control positions and store what they tell of the image."""
        x, y = self.control.draw(exposure, coverage.x, coverage.y, seed)
        flux, fluxErr = np.zeros((2, 0))
        if len(x):
            refCat = self._makeRefCat(np.arange(1, len(x) + 1), *exposure.getWcs().pixelToSkyArray(x, y))
            catalog = self._measure(exposure, refCat, np.ones(len(x), dtype=bool))
            flux, fluxErr = calibrateFluxes(catalog, "base_PsfFlux", catalog["base_LocalPhotoCalib"])
        summary = self.control.summarize(flux, fluxErr)
        for name in ("errScale", "zeroOffset", "n"):
            forced["control_" + name] = np.full(len(forced), getattr(summary, name))
