# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""The DIASource catalogs of a survey, read when they are needed and no more often."""

from __future__ import annotations

__all__ = ["SourceCatalogs"]

import functools
from collections import Counter
from collections.abc import Container, Mapping, Sequence
from logging import Logger
from typing import Callable, NamedTuple

import lsst.pex.config as pexConfig
import numpy as np
from lsst.pipe.base import Struct, TaskError

from ..configuredNames import findAbsent
from ..exposureBands import ExposureBands
from ..exposureHandle import ExposureHandle
from ..localCalibration import PhotoCalibError
from ..progress import trackProgress
from .catalogFields import CatalogFields
from .diaSourceMembers import MEMBER_FIELDS
from .sourceColumns import SourceColumns
from .sourceTable import EXPOSURE_FIELDS, makeSourceTable, refuseSharedIds
from .tiles import SkyTile, boundingCircle, findTiles, placeOnSky

#: How many sources to keep for the tiles to come, beside those of the tile in hand; 100 bytes to 1 kB each.
MAX_KEPT = 100_000


class _Sources(NamedTuple):
    """The sources of one catalog, sorted by id: columns and unit vectors."""

    columns: dict[str, np.ndarray]
    vectors: np.ndarray


class SourceCatalogs:
    """The DIASource catalogs of a survey, read when they are needed.

    All are read once, when it is learnt where on the sky each lies and what
    columns it has. Later those are read that a tile needs and that are not
    kept: what tiles before it needed is, up to `MAX_KEPT` sources. What is
    wrong with a catalog is logged once.

    Parameters
    ----------
    exposures : sequence [`ExposureHandle`]
        The exposures, sorted by time and exposure id.
    config : `DiaSourceLoaderConfig`
        Options.
    datasets : `tuple` [`str`, `str`]
        What catalogs and difference images are called in messages.
    flags : `list` [`str`]
        Flags to keep; a catalog may lack them.
    required : `dict` [`str`, `list` [`str`]]
        Columns that options cannot do without, by the option.
    log : `logging.Logger`
        Told what cannot be used, what is missing, and the progress.

    Attributes
    ----------
    failed : `dict` [`str`, `dict`]
        Data IDs with a catalog that could not be used, or an image that could
        not be read, by their text.
    """

    def __init__(self, exposures: Sequence[ExposureHandle], config: pexConfig.Config,
                 datasets: tuple[str, str], flags: Sequence[str], required: Mapping[str, Sequence[str]],
                 log: Logger) -> None:
        self.failed: dict[str, dict] = {}
        self._exposures = exposures
        self._config = config
        self._dataset, self._log = datasets[0], log
        self._columns = SourceColumns(config, required, datasets[1], self._fail)
        self._flags = flags
        self._fields = self._makeFields([*flags, *(name for names in required.values() for name in names)])
        # Where each catalog lies; NaN for what has no sources or is not read.
        self._centers, self._radii = np.full((len(exposures), 3), np.nan), np.full(len(exposures), np.nan)
        self._isRead, self._isUsable = np.zeros((2, len(exposures)), dtype=bool)
        self._kept: dict[int, _Sources] = {}
        self._bands: list[str] | None = None
        self._reported: set[str] = set()

    @property
    def nUnusable(self) -> int:
        """How many catalogs could not be used, of those that were read (`int`)."""
        return int((self._isRead & ~self._isUsable).sum())

    @property
    def bands(self) -> list[str]:
        """Band of each exposure (`list` [`str`])."""
        if self._bands is None:
            self._bands = ExposureBands().findAll(self._exposures)
        return self._bands

    def load(self, tile: SkyTile | None = None, margin: float = 0.0) -> Struct:
        """Return the sources of all catalogs, or of those that reach into a tile.

        Parameters
        ----------
        tile : `SkyTile`, optional
            The tile; everything is wanted if `None`.
        margin : `float`, optional
            How far around the tile sources are wanted, too, radians.

        Returns
        -------
        loaded : `lsst.pipe.base.Struct`
            With these components:

            ``catalog``
                The DIASources (`lsst.afw.table.SourceCatalog`), sorted by
                time, exposure id and source id, with a column for each key of
                the data ID, ``ccdExposureId``, ``midpointMjdTai``,
                ``coord_raErr`` and ``coord_decErr``. A catalog with any source
                wanted is there whole.
            ``vectors``
                Unit vector of each source, or that of the mean of its catalog
                if its position is not finite, (N, 3).
            ``bands``
                Band of each source, `str`, (N,).
            ``failed``
                Data IDs of all catalogs that could not be used, and of those
                in ``catalog`` whose image could not be read (`list`
                [`dict`]).

        Raises
        ------
        lsst.pipe.base.TaskError
            Raised if no catalog can be used, sources of two catalogs have one
            id, or ``copyColumns`` has a name that no catalog has.
        """
        isWanted = _isAny if tile is None else functools.partial(tile.isWithin, margin=margin)
        near = self._near(tile, margin)
        self._makeRoom(near)
        for number in trackProgress([number for number in near if number not in self._kept], self._log,
                                    "Reading DIASource catalogs"):
            self._read(number, isWanted)
        self._check()
        loaded = self._putTogether([number for number in near if number in self._kept
                                    and isWanted(self._kept[number].vectors).any()])
        if tile is None:
            self._kept = {}
        return loaded

    def findTiles(self, level: int, margin: float = 0.0) -> list[int]:
        """Return the tiles of the sky that have sources in them or around them.

        Parameters
        ----------
        level : `int`
            Level of the mesh.
        margin : `float`, optional
            How far around a tile a source counts, radians.

        Returns
        -------
        tiles : `list` [`int`]
            Indices of the tiles, sorted.
        """
        found: set[int] = set()

        def note(vectors: np.ndarray) -> np.ndarray:
            found.update(findTiles(level, vectors, margin, found))
            return np.zeros(len(vectors), dtype=bool)

        numbers = np.flatnonzero(~self._isRead | self._isUsable).tolist()
        for number in trackProgress(numbers, self._log, "Finding tiles"):
            self._read(number, note)
        return sorted(found)

    def report(self, bands: Container[str]) -> None:
        """Log what catalogs lack and what stands for it, a line each, once.

        Parameters
        ----------
        bands : container [`str`]
            The bands that DIASources are counted in.
        """
        missing = self._fields.describeMissing(self._flags)
        if missing and self._isNews("columns"):
            self._log.warning("%s catalogs lack columns; flags count as unset, numbers as NaN: %s",
                              self._dataset, missing)
        others = Counter(band for band in self.bands if band not in bands)
        if others and self._isNews("bands"):
            self._log.warning("The DIASources of some exposures count in nDiaSources alone, since "
                              "aggregation.bands lacks their bands: %s",
                              ", ".join(f"{band or 'none'} ({count} exposures)"
                                        for band, count in sorted(others.items())))
        for reason, dataIds in self._columns.withoutErrors.items():
            if self._isNews(reason):
                self._log.warning("%d of %d %s catalogs %s, such as dataId=%s: their DIASources have no "
                                  "position errors, and defaultError of the associator stands for them",
                                  len(dataIds), len(self._exposures), self._dataset, reason,
                                  next(iter(dataIds.values())))
        for name, reason in self._fields.leftOut.items():
            if self._isNews(name):
                self._log.info("Left out the column %s of %s: %s", name, self._dataset, reason)

    def _isNews(self, topic: str) -> bool:
        """Tell whether a topic was not reported before."""
        isNews = topic not in self._reported
        self._reported.add(topic)
        return isNews

    def _makeFields(self, names: Sequence[str]) -> CatalogFields:
        """Return what to keep of the catalogs, as far as their stored schema tells."""
        config = self._config
        calibrated = [config.psfFluxField + "_flux", config.psfFluxField + "_fluxErr"]
        counts = [config.psfFluxField + "_instFlux", config.psfFluxField + "_instFluxErr"]
        keys = [key for exposure in self._exposures[:1] for key in exposure.dataId]
        fields = CatalogFields(
            config.copyColumns,
            ["coord_raErr", "coord_decErr", *(counts if config.doCalibrate else []), *names],
            {*keys, *EXPOSURE_FIELDS, *MEMBER_FIELDS, *(calibrated if config.doCalibrate else [])})
        for exposure in self._exposures[:1]:
            try:
                schema = exposure.readSchema()
            except Exception as error:
                # The catalogs tell as much, in the order in which they are read.
                dataset = self._dataset + "_schema"
                self._log.warning("Cannot use %s: %s", dataset, exposure.describeError(error, dataset))
            else:
                if schema is not None:
                    fields.add(schema, self._dataset + "_schema")
        return fields

    def _near(self, tile: SkyTile | None, margin: float) -> list[int]:
        """Return the numbers of the catalogs that may have sources in or around a tile."""
        if tile is None:
            return np.flatnonzero(~self._isRead | self._isUsable).tolist()
        with np.errstate(invalid="ignore"):
            touches = tile.depth(self._centers) > -(self._radii + margin)
        return np.flatnonzero(~self._isRead | self._isUsable & touches).tolist()

    def _makeRoom(self, near: Sequence[int]) -> None:
        """Forget what a tile does not need, before more is read, if it is much."""
        if sum(len(one.vectors) for one in self._kept.values()) > MAX_KEPT:
            self._kept = {number: self._kept[number] for number in near if number in self._kept}

    def _read(self, number: int, isWanted: Callable[[np.ndarray], np.ndarray]) -> None:
        """Read a catalog; keep it if any of its sources are wanted."""
        exposure = self._exposures[number]
        try:
            catalog = exposure.readSources()
            vectors = placeOnSky(catalog)
            if not self._isRead[number]:
                self._columns.check(catalog)
                self._fields.addCatalog(catalog.schema)
                self._centers[number], self._radii[number] = boundingCircle(vectors)
                self._isUsable[number] = True
            if isWanted(vectors).any():
                columns = self._columns.read(catalog, exposure, self._fields.schema)
                self._kept[number] = _Sources(columns, vectors[np.argsort(catalog["id"])])
        except Exception as error:
            self._isUsable[number] = False
            reason = (str(error) if isinstance(error, PhotoCalibError)
                      else exposure.describeError(error, self._dataset))
            self._fail(exposure, f"Cannot use {self._dataset} of dataId={dict(exposure.dataId)}: {reason}")
        self._isRead[number] = True

    def _fail(self, exposure: ExposureHandle, message: str) -> None:
        """Log, once an exposure, that something of it cannot be used."""
        dataId = dict(exposure.dataId)
        if str(dataId) not in self.failed:
            self._log.error("%s", message)
        self.failed[str(dataId)] = dataId

    def _check(self) -> None:
        """Stop if no catalog can be used, or an option names what none has."""
        if not self._isUsable.any():
            raise TaskError(f"None of the {len(self._exposures)} {self._dataset} catalogs can be used")
        findAbsent("loader.copyColumns", self._config.copyColumns, type(self._config).copyColumns.default,
                   self._fields.matched, self._dataset)

    def _putTogether(self, numbers: Sequence[int]) -> Struct:
        """Make one catalog of those kept."""
        sources = {number: self._kept[number] for number in numbers}
        counts = [len(one.vectors) for one in sources.values()]
        catalog = makeSourceTable(
            self._fields.schema, self._exposures, {number: one.columns for number, one in sources.items()},
            self._config.psfFluxField if self._config.doCalibrate else None)
        refuseSharedIds(catalog)
        isConcerned = ~self._isUsable
        isConcerned[numbers] = True
        failed = [dict(exposure.dataId) for exposure, mayFail in zip(self._exposures, isConcerned)
                  if mayFail and str(dict(exposure.dataId)) in self.failed] if self.failed else []
        return Struct(catalog=catalog, failed=failed,
                      vectors=np.concatenate([np.zeros((0, 3)), *(one.vectors for one in sources.values())]),
                      bands=np.repeat(np.array([self.bands[number] for number in numbers], dtype=str),
                                      np.array(counts, dtype=int)))


def _isAny(vectors: np.ndarray) -> np.ndarray:
    """Tell that every source is wanted, and a catalog without."""
    return np.ones(max(len(vectors), 1), dtype=bool)
