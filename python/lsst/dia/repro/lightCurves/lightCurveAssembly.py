# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Put the forced photometry of all images together into light curves."""

from __future__ import annotations

__all__ = ["DiaLightCurvesConfig", "LightCurveAssemblyTask"]

import fnmatch
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import lsst.pex.config as pexConfig
import numpy as np
import pyarrow as pa
from lsst.afw.table import SourceCatalog
from lsst.pipe.base import Struct, Task, TaskError

from ..configuredNames import findAbsent, refuseNoFlags
from ..differenceImages import DifferenceImagesConfig
from ..exposureBands import ExposureBands
from ..exposureHandle import ExposureHandle
from ..localCalibration import PhotoCalibError, calibrateFluxes, localCalibration, readCalibration
from ..movedNames import timeMethod
from ..nameListField import NameListField
from ..provenance import Positions, readFingerprint
from .arrowTables import makeSchema, makeTable
from .lightCurveCollection import LightCurveCollection
from .lightCurveColumns import Column
from .lightCurveProducts import LightCurveProductsTask
from .lightCurveSummary import LightCurveSummary
from .measurementOrigins import MeasurementOrigins


class DiaLightCurvesConfig(DifferenceImagesConfig):
    """Options of `LightCurveAssemblyTask` and of the commands that run it."""

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
                 "joint_PsfFlux_flag", "joint_PsfFlux_flag_groupCut", "joint_nSources"],
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


class LightCurveAssemblyTask(Task):
    """Sort the forced photometry of all images into light curves, and sum these up."""

    ConfigClass = DiaLightCurvesConfig
    _DefaultName = "diaLightCurves"

    @timeMethod
    def run(self, exposures: Iterable[ExposureHandle], scratch: str, positions: Positions | None = None,
            allowMixed: bool = False) -> Struct:
        """Put light curves together.

        Parameters
        ----------
        exposures : iterable [`ExposureHandle`]
            The images, in order of time; their catalogs are
            ``forcedDIASource``. Only one catalog is held at a time.
        scratch : `str`
            Directory for files of up to twice the size of the light curves. They are
            needed until the last group is made; whoever made the directory
            removes it.
        positions : `Positions`, optional
            The positions of the DIAObjects as they are now.
        allowMixed : `bool`, optional
            Go on where images were measured at different positions? The
            column ``positionsDiffer`` tells the rows.

        Returns
        -------
        result : `lsst.pipe.base.Struct`
            With these components:

            ``groups``
                Iterator over the light curves of some objects after the
                others, sorted by ``diaObjectId``, and by time within an object
                (`lsst.pipe.base.Struct` with ``lightCurves``, one row an
                object and image, and ``summary``, one row an object; both
                `pyarrow.Table`). A group has about
                `DiaLightCurvesConfig.rowGroupRows` rows and is made when it is
                asked for, so that no two need be in memory.
            ``schema``, ``summarySchema``
                Columns of the light curves and of the summary, with units and
                descriptions (`pyarrow.Schema`).
            ``nRows``
                Number of rows of the light curves (`int`).
            ``failed``
                Data IDs of the images whose catalog could not be used (`list`
                [`dict`]).
            ``positions``
                Where most of it was measured (`Positions` or `None`).
            ``makers``
                What made the catalogs (`tuple` [`Maker`]).

        Raises
        ------
        lsst.pipe.base.TaskError
            Raised if there are images, and no catalog can be used; if images
            were measured at different positions; if ``badFlags`` has a name
            that no image has, and that is no default; by ``groups``, if one id has
            different positions.
        """
        config = self.config
        collection = LightCurveCollection(scratch, config.fluxField, config.centroidField,
                                          config.copyColumns, allowMixed)
        origins = MeasurementOrigins(positions)
        failed = self._collect(exposures, collection, origins)
        if not allowMixed:
            origins.requireOne()
        origins.warn(self.log)
        collection.markStale(origins.findStale())
        self._checkColumns(collection)
        summarizer = LightCurveSummary(collection.bands, config.detectionThreshold, config.badFlags)
        schema = makeSchema(collection.columns(), collection.textLengths,
                            {"dataIdKeys": " ".join(collection.dataIdKeys)})
        summarySchema = makeSchema(summarizer.columns(), summarizer.textLengths)
        return Struct(groups=self._makeGroups(collection, summarizer, schema, summarySchema), schema=schema,
                      summarySchema=summarySchema, nRows=len(collection), failed=failed,
                      positions=origins.reference, makers=origins.makers)

    def _collect(self, exposures: Iterable[ExposureHandle], collection: LightCurveCollection,
                 origins: MeasurementOrigins) -> list[dict[str, Any]]:
        """Read all catalogs; return the data IDs of those that cannot be used."""
        bands = ExposureBands()
        failed, nUsed = [], 0
        for exposure in exposures:
            try:
                catalog = exposure.readSources()
                band, fluxes = bands.find(exposure), self._calibrate(catalog, exposure)
            except Exception as error:
                failed.append(dict(exposure.dataId))
                isOfImage = isinstance(error, PhotoCalibError)
                self.log.error("Cannot use forcedDIASource of dataId=%s: %s", failed[-1],
                               error if isOfImage else exposure.describeError(error, "forcedDIASource"))
                continue
            collection.add(catalog, exposure.dataId, band, exposure.ccdExposureId, exposure.mjd, fluxes)
            origins.add(exposure.dataId, readFingerprint(catalog), catalog)
            nUsed += 1
            # Not to be held while the next one is read.
            del catalog, fluxes
        if failed and not nUsed:
            raise TaskError(f"None of the {len(failed)} forcedDIASource catalogs can be used")
        return failed

    def _makeGroups(self, collection: LightCurveCollection, summarizer: LightCurveSummary, schema: pa.Schema,
                    summarySchema: pa.Schema) -> Iterator[Struct]:
        """Yield the tables of some objects after the others."""
        with collection:
            for values, missing in collection.groups(self.config.rowGroupRows):
                group = Struct(lightCurves=makeTable(schema, values, missing),
                               summary=makeTable(summarySchema, *summarizer.run(values, missing)))
                # The tables have copies of most of it.
                del values, missing
                yield group
                del group

    def _checkColumns(self, collection: LightCurveCollection) -> None:
        """Warn of columns that the config names and no image has."""
        if not len(collection):
            return
        if collection.lacks("x"):
            self.log.warning("No forcedDIASource has %s_x, as centroidField has it: there are no pixel "
                             "positions", self.config.centroidField)
        self._checkCopyColumns(collection.columns())
        self.checkBadFlags({column.name: column.dtype for column in collection.columns()})

    def _checkCopyColumns(self, columns: list[Column]) -> None:
        """Refuse patterns for more columns that none has, and that must be mistyped."""
        present = {name for column in columns for name in (column.name, column.source)}
        patterns = self.config.copyColumns
        matched = [pattern for pattern in patterns
                   if any(fnmatch.fnmatchcase(name, pattern) for name in present)]
        findAbsent("copyColumns", patterns, DiaLightCurvesConfig.copyColumns.default, matched,
                   "forcedDIASource")

    def checkBadFlags(self, dtypes: Mapping[str, str]) -> None:
        """Refuse bad flags that must be mistyped; those of other catalogs count as unset.

        Parameters
        ----------
        dtypes : `dict` [`str`, `str`]
            Types of the columns of the light curves.

        Raises
        ------
        lsst.pipe.base.TaskError
            Raised if a name is not among them, nor among the defaults, or is
            no flag.
        """
        usual = DiaLightCurvesConfig.badFlags.default
        absent = findAbsent("badFlags", self.config.badFlags, usual, dtypes, "light curve")
        refuseNoFlags("badFlags", self.config.badFlags, dtypes, lambda name: dtypes[name] == "bool")
        if absent:
            self.log.warning("The light curves have no %s, as badFlags has it: it counts as unset",
                             " and no ".join(absent))

    def _calibrate(self, catalog: SourceCatalog,
                   exposure: ExposureHandle) -> tuple[np.ndarray, np.ndarray] | None:
        """Return flux and error in nJy, `None` if the catalog has them."""
        field = self.config.fluxField
        if "diaObjectId" not in catalog.schema:
            raise TaskError("it has no column diaObjectId")
        if field + "_flux" in catalog.schema:
            return None
        if field + "_instFlux" not in catalog.schema:
            raise TaskError(f"it has no column {field}_flux nor {field}_instFlux")
        if "base_LocalPhotoCalib" in catalog.schema:
            scale = np.asarray(catalog["base_LocalPhotoCalib"])
        else:
            scale = localCalibration(readCalibration(exposure, self.config.imageDataset), catalog, field)
        return calibrateFluxes(catalog, field, scale)
