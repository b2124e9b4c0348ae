# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Associate the DIASources of one visit with the DIAObjects so far, and measure."""

from __future__ import annotations

__all__ = ["DiaPromptConfig", "DiaPromptProcessingTask"]

import copy
from collections.abc import Mapping
from typing import Any

import lsst.pex.config as pexConfig
import numpy as np
from lsst.afw.image import ExposureF
from lsst.afw.table import IdFactory, SourceCatalog
from lsst.pipe.base import Struct, Task, TaskError

from ..association.associators.assignment import AssignmentAssociatorTask
from ..association.associators.diaSources import DiaSources
from ..association.diaAssociation import readErrors
from ..association.diaSourceCleaning import SourceCleaningTask
from ..association.diaSourceLoader import DiaSourceLoaderTask
from ..association.sourceCatalogs import SourceCatalogs
from ..catalogColumns import makeCatalog
from ..differenceImages import DifferenceImagesConfig
from ..forced.attachFootprints import dropFootprints
from ..forced.forcedDiaMeasurement import ForcedDiaMeasurementTask
from ..forced.missingFluxReasons import Reason, findFluxName, flagUnmeasured
from ..movedNames import timeMethod
from ..skyPositions import SkyPositions
from .objectSums import Members
from .promptExposure import PromptExposure
from .visitObjects import VisitObjects


class DiaPromptConfig(DifferenceImagesConfig):
    """Options of `DiaPromptProcessingTask`."""

    loader = pexConfig.ConfigurableField(target=DiaSourceLoaderTask, doc="Reads the DIASource catalogs.")
    cleaning = pexConfig.ConfigurableField(target=SourceCleaningTask, doc="Rejects DIASources.")
    associator = pexConfig.ConfigurableField(
        target=AssignmentAssociatorTask, doc="Assigns DIASources to DIAObjects.")
    forced = pexConfig.ConfigurableField(
        target=ForcedDiaMeasurementTask, doc="Measures at DIAObjects; its coaddName is not looked at.")
    lookBack = pexConfig.RangeField(
        dtype=float, default=30.0, optional=True, min=0.0,
        doc="How long before a visit (days) images are measured at the DIAObjects that begin with it; on all "
            "of them if None.",
    )
    cacheSize = pexConfig.RangeField(
        dtype=float, default=2048.0, min=0.0, doc="Room for earlier images in memory, MiB.")

    def setDefaults(self) -> None:
        """Ask for fluxes in nJy, which the database has."""
        self.loader.doCalibrate = True

    def validate(self) -> None:
        """Check options that depend on each other."""
        super().validate()
        if not self.forced.doCalibrate:
            raise ValueError("forced.doCalibrate must be True: the database has fluxes in nJy")
        if self.associator.refine:
            raise ValueError("associator.refine must be False: it takes all exposures at once")


class DiaPromptProcessingTask(Task):
    """Associate exposure by exposure, and measure."""

    ConfigClass = DiaPromptConfig
    _DefaultName = "diaPrompt"

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        for name in ("loader", "cleaning", "associator", "forced"):
            self.makeSubtask(name)
        self._loaderWithoutImage = copy.copy(self.config.loader.value)
        self._loaderWithoutImage.doCalibrate = False

    @property
    def fluxField(self) -> str:
        """Prefix of the forced flux that the database has (`str`)."""
        name = findFluxName(self.forced.schema, self.config.forced.measurement.slots.psfFlux)
        if name is None:
            raise TaskError("forced.measurement has no plugin that measures a flux")
        return name

    def load(self, exposure: PromptExposure) -> Struct:
        """Read the DIASources of an exposure.

        Parameters
        ----------
        exposure : `PromptExposure`
            The exposure. Without an image only fluxes that are in nJy count.

        Returns
        -------
        loaded : `lsst.pipe.base.Struct`
            With ``catalog``, ``vectors`` and ``bands``; see
            `SourceCatalogs.load`; and ``band`` (`str`).

        Raises
        ------
        lsst.pipe.base.TaskError
            Raised if the catalog cannot be used.
        """
        config = self._loaderWithoutImage if not exposure.hasImage() else self.config.loader.value
        names = (self.config.sourceDataset, self.config.imageDataset)
        required = {"cleaning.minSignalToNoise": self.cleaning.requiredColumns(config.psfFluxField)}
        catalogs = SourceCatalogs([exposure], config, names, self.config.cleaning.badFlags, required,
                                  self.log)
        loaded = catalogs.load()
        loaded.band = catalogs.bands[0]
        return loaded

    @timeMethod
    def run(self, loaded: Struct, objects: VisitObjects, exposureId: int,
            memberships: Mapping[int, int] | None = None) -> Struct:
        """Associate the DIASources of an exposure with DIAObjects.

        Parameters
        ----------
        loaded : `lsst.pipe.base.Struct`
            What `load` returned.
        objects : `VisitObjects`
            All DIAObjects that are within the radius of any source; changed.
        exposureId : `int`
            Number of the exposure.
        memberships : `dict` [`int`, `int`], optional
            DIAObjects by DIASource, where they are known: nothing is
            associated then, and other sources are left out.

        Returns
        -------
        result : `lsst.pipe.base.Struct`
            With these components:

            ``accepted``
                The DIASources that were associated
                (`lsst.afw.table.SourceCatalog`, N rows).
            ``objectIds``
                Their DIAObjects, (N,).

        Raises
        ------
        lsst.pipe.base.TaskError
            Raised if a DIAObject would have the id 0, or by the memberships two
            sources of the exposure.
        """
        catalog, fluxField = loaded.catalog, self.config.loader.psfFluxField
        isAccepted = self.cleaning.run(catalog, fluxField).accepted
        if memberships is not None:
            isAccepted &= np.isin(catalog["id"], list(memberships))
        accepted = catalog[isAccepted].copy(deep=True)
        members = self._makeMembers(accepted, loaded.bands[isAccepted])
        ids, known = np.array(accepted["id"]), objects.table
        if memberships is None:
            row = self.associator.assignExposure(known["mean"], known["variance"], members.vector,
                                                 members.error)
            begun = ids
        else:
            wanted = np.array([memberships[number] for number in ids.tolist()], dtype=np.int64)
            if len(np.unique(wanted)) < len(wanted):
                raise TaskError("Two DIASources of one exposure are members of one DIAObject, which Level 1 "
                                "has not: associate them with associator=assignment")
            row, begun = objects.find(wanted), wanted
        hasObject = row >= 0
        objectIds = np.where(hasObject, known["id"][row] if len(known) else 0, begun)
        if (objectIds == 0).any():
            raise TaskError("A DIAObject would have the id 0, which stands for none, after a DIASource: give "
                            "the DIASources other ids")
        objects.join(row[hasObject], members.select(hasObject))
        objects.start(begun[~hasObject], members.select(~hasObject), exposureId)
        return Struct(accepted=accepted, objectIds=objectIds)

    def _makeMembers(self, catalog: SourceCatalog, bands: np.ndarray) -> Members:
        """Return what the sums want of sources."""
        axisErrors = np.stack([np.asarray(catalog[name], dtype=float)
                               for name in ("coord_raErr", "coord_decErr")], axis=1)
        error = readErrors(catalog)
        sources = DiaSources(catalog["id"], catalog["coord_ra"], catalog["coord_dec"],
                             np.zeros(len(catalog), dtype=int), error)
        flag = self.loader.centroidFlag(catalog.schema)
        isGood = np.ones(len(catalog), dtype=bool) if flag is None else ~np.asarray(catalog[flag])
        self.associator.checkRadius(error)
        field = self.config.loader.psfFluxField
        flux, fluxErr = (np.array(catalog[field + end]) if field + end in catalog.schema
                         else np.full(len(catalog), np.nan) for end in ("_flux", "_fluxErr"))
        return Members(sources.vectors(), self.associator.boundErrors(error), axisErrors, isGood,
                       np.array(catalog["midpointMjdTai"]), bands, flux, fluxErr)

    def measure(self, image: ExposureF, positions: SkyPositions, exposureId: int,
                idFactory: IdFactory) -> SourceCatalog:
        """Force photometry at DIAObjects on an image.

        Parameters
        ----------
        image : `lsst.afw.image.ExposureF`
            The difference image.
        positions : `SkyPositions`
            DIAObjects, on the image or not.
        exposureId : `int`
            Number of the exposure.
        idFactory : `lsst.afw.table.IdFactory`
            Makes the ids.

        Returns
        -------
        forced : `lsst.afw.table.SourceCatalog`
            A row for each DIAObject on the image, without footprints.
        """
        forced = self.forced.run(image, positions, idFactory, exposureId).forcedSources
        dropFootprints(forced)
        return forced

    def describeUnread(self, positions: SkyPositions, idFactory: IdFactory) -> SourceCatalog:
        """Return the rows of an image that cannot be read: without fluxes, and with the reason.

        Parameters
        ----------
        positions : `SkyPositions`
            DIAObjects that must be on the image.
        idFactory : `lsst.afw.table.IdFactory`
            Makes the ids.

        Returns
        -------
        forced : `lsst.afw.table.SourceCatalog`
            A row for each.
        """
        forced = makeCatalog(self.forced.schema, len(positions), SourceCatalog)
        for name in forced.schema.getOrderedNames():
            if forced.schema.find(name).field.getTypeString() in ("F", "D"):
                forced[name] = np.nan
        isThere, nowhere = np.ones(len(positions), dtype=bool), np.full(len(positions), np.nan)
        flagUnmeasured(forced, isThere, ~isThere, nowhere, nowhere)
        forced["id"] = [idFactory() for _ in range(len(positions))]
        forced["diaObjectId"] = positions.id
        forced["coord_ra"], forced["coord_dec"] = positions.ra, positions.dec
        forced["reason"] = Reason.IMAGE_UNREAD
        return forced
