# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""What Level 1 reads and writes: Rubin's alert production database, and the tables beside it."""

from __future__ import annotations

__all__ = ["PromptDatabase", "databaseErrorsAsTaskErrors"]

import contextlib
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd
import sqlalchemy as sa
from astropy.time import Time
from lsst.dax.apdb import ApdbTables
from lsst.pipe.base import TaskError
from lsst.sphgeom import Angle, Circle, HtmPixelization, LonLat, UnitVector3d

from ..describeError import describeError
from ..sky import toVectors
from ..skyPositions import SkyCircle
from .knownObjects import KnownObjects, NearbyObjects
from .objectSums import SUMS
from .openApdb import openApdb
from .processedExposure import ProcessedExposure
from .sideTables import EXPOSURES, PENDING, SUMS_TABLE, TABLES

#: How many values a statement of SQL has at most.
CHUNK = 500

#: Level of the pixels that exposures are found by, of about 5 arcmin.
LEVEL = 10


@contextlib.contextmanager
def databaseErrorsAsTaskErrors(place: str) -> Iterator[None]:
    """Let what a database refuses fail what is done with it, in one line that names it.

    Parameters
    ----------
    place : `str`
        File or configuration of the database.
    """
    try:
        yield
    except sa.exc.SQLAlchemyError as error:
        raise TaskError(f"The database {place}: {describeError(error)}") from error


class PromptDatabase:
    """The database of Level 1.

    Parameters
    ----------
    place : `str`
        File or configuration; see `openApdb`.

    Raises
    ------
    lsst.pipe.base.TaskError
        Raised if it cannot be opened.
    """

    def __init__(self, place: str) -> None:
        self.place = place
        self._apdb = openApdb(place)
        # The sums tell the rest, of those that it is wanted of.
        self._apdb.config.dia_object_columns = ["diaObjectId", "ra", "dec", "validityStartMjdTai"]
        self.engine = sa.create_engine(self._apdb.config.db_url)
        self._tables: dict[tuple[ApdbTables, tuple[str, ...]], sa.Table] = {}
        if self._apdb.config.namespace is not None:
            self.engine = self.engine.execution_options(
                schema_translate_map={None: self._apdb.config.namespace})

    @property
    def sourceColumns(self) -> set[str]:
        """Names of the columns of sources (`set` [`str`])."""
        return {column.name for column in self._apdb.tableDef(ApdbTables.DiaSource).columns}

    def findObjects(self, circle: SkyCircle) -> NearbyObjects:
        """Find the DIAObjects in a circle, and some around it.

        Parameters
        ----------
        circle : `SkyCircle`
            Where on the sky.

        Returns
        -------
        objects : `NearbyObjects`
            The objects.
        """
        found = self._apdb.getDiaObjects(_toRegion(circle)).sort_values("diaObjectId")
        ra, dec = (np.radians(found[name].to_numpy(dtype=float)) for name in ("ra", "dec"))
        return NearbyObjects(found["diaObjectId"].to_numpy(dtype=np.int64), ra, dec,
                             found["validityStartMjdTai"].to_numpy(dtype=float))

    def readObjects(self, nearby: NearbyObjects, mjd: float | None = None) -> KnownObjects:
        """Read what association and sums want of DIAObjects.

        Parameters
        ----------
        nearby : `NearbyObjects`
            The objects.
        mjd : `float`, optional
            Only those that there were at that time, MJD (TAI), with the mean
            and variance of then; the latest versions by default.

        Returns
        -------
        objects : `KnownObjects`
            The objects.
        """
        sums = self._readSums(nearby.id)
        known = KnownObjects(nearby.id, sums["mean"], sums["variance"], sums, nearby.validityStart)
        return known if mjd is None else self._asOf(known, mjd)

    def _asOf(self, known: KnownObjects, mjd: float) -> KnownObjects:
        """Return the objects that there were at a time, where they were then."""
        table = self._makeTable(ApdbTables.DiaObject, "diaObjectId", "ra", "dec", "raErr", "decErr",
                                "validityStartMjdTai", "validityEndMjdTai")
        columns = table.c
        isThen = sa.and_(columns.validityStartMjdTai <= mjd,
                         sa.or_(columns.validityEndMjdTai.is_(None), columns.validityEndMjdTai > mjd))
        then = {}
        with self.engine.connect() as connection:
            for chunk in _chunks(known.id):
                query = sa.select(table).where(columns.diaObjectId.in_(chunk), isThen)
                then.update({row.diaObjectId: row for row in connection.execute(query)})
        rows = np.flatnonzero(np.isin(known.id, list(then)))
        versions = [then[number] for number in known.id[rows].tolist()]
        values = np.array([[each.ra, each.dec, each.raErr, each.decErr] for each in versions], dtype=float)
        ra, dec, raErr, decErr = np.radians(values.reshape(-1, 4)).T
        variance = 0.5*(raErr**2 + decErr**2)
        # Without errors of their own sources have the associator's, of which the database knows no more.
        variance = np.where(np.isfinite(variance), variance, known.variance[rows])
        return KnownObjects(known.id[rows], toVectors(ra, dec), variance, known.sums[rows],
                            known.validityStart[rows])

    def _readSums(self, ids: np.ndarray) -> np.ndarray:
        """Return the sums of some objects."""
        stored: dict[int, bytes] = {}
        with self.engine.connect() as connection:
            for chunk in _chunks(ids):
                query = sa.select(SUMS_TABLE).where(SUMS_TABLE.c.diaObjectId.in_(chunk))
                stored.update({row.diaObjectId: row.sums for row in connection.execute(query)})
        missing = [number for number in ids.tolist() if number not in stored]
        if missing:
            raise TaskError(f"The database {self.place} has no sums of {len(missing)} DIAObjects, such as "
                            f"{missing[0]}: others wrote it; begin a new one, or fill it with --load")
        return np.frombuffer(b"".join(stored[number] for number in ids.tolist()), dtype=SUMS).copy()

    def findExposures(self, circle: SkyCircle, begin: float, end: float) -> list[ProcessedExposure]:
        """Find exposures with an image that reach into a circle.

        Parameters
        ----------
        circle : `SkyCircle`
            Where on the sky.
        begin, end : `float`
            When, MJD (TAI); the end is not included.

        Returns
        -------
        exposures : `list` [`ProcessedExposure`]
            The exposures, by time and exposure id.
        """
        columns = EXPOSURES.c
        isThen = sa.and_(columns.midpointMjdTai >= begin, columns.midpointMjdTai < end, columns.hasImage)
        with self.engine.connect() as connection:
            largest = connection.scalar(sa.select(sa.func.max(columns.radius))) or 0.0
            wide = SkyCircle(circle.ra, circle.dec, circle.radius + np.radians(largest))
            ranges = HtmPixelization(LEVEL).envelope(_toRegion(wide), 64).ranges()
            isThere = sa.or_(*(columns.pixelId.between(low, high - 1) for low, high in ranges))
            query = sa.select(EXPOSURES).where(isThen, isThere).order_by(
                columns.midpointMjdTai, columns.ccdExposureId)
            return [_toExposure(row) for row in connection.execute(query)]

    def readExposures(self) -> list[ProcessedExposure]:
        """Return all exposures that were processed, by time and exposure id."""
        query = sa.select(EXPOSURES).order_by(EXPOSURES.c.midpointMjdTai, EXPOSURES.c.ccdExposureId)
        with self.engine.connect() as connection:
            return [_toExposure(row) for row in connection.execute(query)]

    def readMemberships(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the ids of all DIASources, increasing, and of their DIAObjects, (N,)."""
        table = self._makeTable(ApdbTables.DiaSource, "diaSourceId", "diaObjectId")
        query = sa.select(table.c.diaSourceId, table.c.diaObjectId).order_by(table.c.diaSourceId)
        with self.engine.connect() as connection:
            rows = np.array([tuple(row) for row in connection.execute(query)], dtype=np.int64).reshape(-1, 2)
        return rows[:, 0], rows[:, 1]

    def findDone(self, exposureIds: Sequence[int]) -> dict[int, ProcessedExposure]:
        """Return, by their numbers, those of some exposures that were processed."""
        done: dict[int, ProcessedExposure] = {}
        with self.engine.connect() as connection:
            for chunk in _chunks(exposureIds):
                query = sa.select(EXPOSURES).where(EXPOSURES.c.ccdExposureId.in_(chunk))
                done.update((row.ccdExposureId, _toExposure(row)) for row in connection.execute(query))
        return done

    def findLastMjd(self) -> float:
        """Return the time of the latest exposure processed, minus infinity if there is none."""
        with self.engine.connect() as connection:
            last = connection.scalar(sa.select(sa.func.max(EXPOSURES.c.midpointMjdTai)))
        return -np.inf if last is None else float(last)

    def countForced(self, exposure: ProcessedExposure) -> int:
        """Return how many forced fluxes of an exposure are stored."""
        table = self._makeTable(ApdbTables.DiaForcedSource, "visit", "detector")
        query = sa.select(sa.func.count()).select_from(table).where(
            table.c.visit == exposure.visit, table.c.detector == exposure.detector)
        with self.engine.connect() as connection:
            return int(connection.scalar(query) or 0)

    def _makeTable(self, table: ApdbTables, *columns: str) -> sa.Table:
        """Return some columns of a table of APDB, for what its interface does not ask."""
        key = (table, columns)
        # SQLAlchemy keeps the statements that it has compiled, and those of new tables are new ones.
        if key not in self._tables:
            self._tables[key] = sa.Table(table.table_name(self._apdb.config.prefix), sa.MetaData(),
                                         *map(sa.Column, columns))
        return self._tables[key]

    def store(self, exposures: Sequence[ProcessedExposure], ids: np.ndarray, sums: np.ndarray,
              objects: pd.DataFrame, sources: Sequence[pd.DataFrame], forced: Sequence[pd.DataFrame],
              mjd: float) -> None:
        """Store what came of some exposures, all of it or nothing.

        Parameters
        ----------
        exposures : sequence [`ProcessedExposure`]
            The exposures.
        ids : `numpy.ndarray`, (N,)
            Ids of the DIAObjects that are new or have new members.
        sums : `numpy.ndarray`, (N,)
            Their sums, of type `objectSums.SUMS`.
        objects : `pandas.DataFrame`, (N,)
            Their rows.
        sources, forced : sequence [`pandas.DataFrame`]
            Rows of DiaSource and DiaForcedSource.
        mjd : `float`
            When these versions of the DIAObjects begin, MJD (TAI); later than
            any version of them before.
        """
        number = exposures[0].ccdExposureId
        row = {"ccdExposureId": number, "exposures": [_toRow(exposure) for exposure in exposures],
               "diaObjectIds": ids.astype("<i8").tobytes(), "sums": sums.tobytes()}
        with self.engine.begin() as connection:
            connection.execute(sa.insert(PENDING), row)
        self._apdb.store(Time(mjd, format="mjd", scale="tai"), objects, _concatenate(sources),
                         _concatenate(forced))
        self._finish(number)

    @property
    def hasTables(self) -> bool:
        """Whether there are the tables beside those of APDB (`bool`)."""
        return sa.inspect(self.engine).has_table(PENDING.name, schema=self._apdb.config.namespace)

    def prepare(self) -> None:
        """Make the tables beside those of APDB, and finish or forget what a run before has begun to store.

        No other command may do the same meanwhile; see `lockDatabase`.
        """
        TABLES.create_all(self.engine)
        self._addIndex()
        with self.engine.connect() as connection:
            pending = connection.execute(sa.select(PENDING.c.ccdExposureId, PENDING.c.exposures)).all()
        for number, exposures in pending:
            if any(self._apdb.containsVisitDetector(each["visit"], each["detector"]) for each in exposures):
                self._finish(number)
            else:
                with self.engine.begin() as connection:
                    connection.execute(sa.delete(PENDING).where(PENDING.c.ccdExposureId == number))

    def _addIndex(self) -> None:
        """Let the latest version of a DIAObject be found without a look at all versions of it."""
        objects = self._makeTable(ApdbTables.DiaObject, "diaObjectId", "validityEndMjdTai")
        isLatest = objects.c.validityEndMjdTai.is_(None)
        index = sa.Index("DiaReproLatest", objects.c.diaObjectId, sqlite_where=isLatest,
                         postgresql_where=isLatest)
        index.create(self.engine, checkfirst=True)

    def _finish(self, number: int) -> None:
        """Write the tables beside those of APDB, which were written before."""
        with self.engine.begin() as connection:
            row = connection.execute(sa.select(PENDING).where(PENDING.c.ccdExposureId == number)).one()
            ids = np.frombuffer(row.diaObjectIds, dtype="<i8").tolist()
            sums = np.frombuffer(row.sums, dtype=SUMS)
            for chunk in _chunks(ids):
                connection.execute(sa.delete(SUMS_TABLE).where(SUMS_TABLE.c.diaObjectId.in_(chunk)))
            if ids:
                connection.execute(sa.insert(SUMS_TABLE), [
                    {"diaObjectId": number, "sums": one.tobytes()} for number, one in zip(ids, sums)])
            connection.execute(sa.insert(EXPOSURES), row.exposures)
            connection.execute(sa.delete(PENDING).where(PENDING.c.ccdExposureId == number))


def _concatenate(tables: Sequence[pd.DataFrame]) -> pd.DataFrame | None:
    """Put tables together; `None` if they have no rows, which would not say what types columns are of."""
    filled = [table for table in tables if len(table)]
    return pd.concat(filled, ignore_index=True) if filled else None


def _chunks(values: Sequence[int] | np.ndarray) -> Iterator[list[int]]:
    """Yield values by as many as a statement may have."""
    numbers = np.asarray(values, dtype=np.int64).tolist()
    for start in range(0, len(numbers), CHUNK):
        yield numbers[start:start + CHUNK]


def _toRegion(circle: SkyCircle) -> Circle:
    center = UnitVector3d(LonLat.fromRadians(circle.ra, circle.dec))
    return Circle(center, Angle(min(circle.radius, np.pi)))


def _toRow(exposure: ProcessedExposure) -> dict[str, Any]:
    """Return the row of an exposure."""
    row = exposure._asdict()
    circle = row.pop("circle")
    row.update(hasImage=circle is not None, ra=None, dec=None, radius=None, pixelId=None)
    if circle is not None:
        row.update(zip(("ra", "dec", "radius"), map(float, np.degrees(circle))))
        center = UnitVector3d(LonLat.fromRadians(circle.ra, circle.dec))
        row["pixelId"] = HtmPixelization(LEVEL).index(center)
    return row


def _toExposure(row: sa.Row) -> ProcessedExposure:
    """Return the exposure of a row."""
    circle = SkyCircle(*np.radians([row.ra, row.dec, row.radius]).tolist()) if row.hasImage else None
    return ProcessedExposure(row.ccdExposureId, row.visit, row.detector, row.midpointMjdTai, row.band,
                             dict(row.dataId), circle)
