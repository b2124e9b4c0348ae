# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""The DIAObjects near the exposures of a visit, on their way from the database and back."""

from __future__ import annotations

__all__ = ["VisitObjects"]

import numpy as np

from ..rowLookup import findRows
from ..skyPositions import SkyPositions
from .knownObjects import KnownObjects, NearbyObjects
from .objectSums import SUMS, Members, addMembers, startSums, toProperties

#: What is kept of an object: where the associator finds it, when its latest version begins (MJD), the
#: exposure it began with (0 if that was before), and whether it has new members.
_OBJECT = np.dtype([("id", "i8"), ("mean", "f8", 3), ("variance", "f8"), ("sums", SUMS), ("since", "f8"),
                    ("origin", "i8"), ("isChanged", "?")])


class VisitObjects:
    """DIAObjects near the exposures of a visit, some of them with new members.

    Of those that no source is near only the positions are known.

    Attributes
    ----------
    table : `numpy.ndarray`, (N,)
        The objects: ``id``, ``mean`` and ``variance``, where the associator
        finds them, ``sums``, of type `objectSums.SUMS`, ``origin``, the number
        of the exposure they began with, 0 for one before, and ``isChanged``.
    """

    def __init__(self) -> None:
        self.table = np.zeros(0, dtype=_OBJECT)
        self._others = SkyPositions(*np.zeros((3, 0)))

    def __len__(self) -> int:
        return len(self.table)

    @property
    def lastVersion(self) -> float:
        """When the latest version of any object with new members began, MJD (TAI)."""
        return float(self.table["since"][self.table["isChanged"]].max(initial=-np.inf))

    def addNearby(self, nearby: NearbyObjects) -> None:
        """Add the positions of objects that are not here yet."""
        isNew = ~np.isin(nearby.id, np.append(self.table["id"], self._others.id))
        self._others = SkyPositions(*(np.append(mine, theirs[isNew]) for mine, theirs in zip(
            (self._others.id, self._others.ra, self._others.dec), nearby)))

    def addKnown(self, known: KnownObjects) -> None:
        """Add objects of the database; those that are here already stay as they are."""
        isOther = ~np.isin(self._others.id, known.id)
        self._others = SkyPositions(self._others.id[isOther], self._others.ra[isOther],
                                    self._others.dec[isOther])
        isMissing = ~np.isin(known.id, self.table["id"])
        rows = np.zeros(int(isMissing.sum()), dtype=_OBJECT)
        for name, values in (("id", known.id), ("mean", known.mean), ("variance", known.variance),
                             ("sums", known.sums), ("since", known.validityStart)):
            rows[name] = values[isMissing]
        self.table = np.append(self.table, rows)

    def join(self, rows: np.ndarray, members: Members) -> None:
        """Add a member to each of some objects, each at most once."""
        addMembers(self.table["sums"], rows, members)
        self.table["isChanged"][rows] = True
        for name in ("mean", "variance"):
            self.table[name][rows] = self.table["sums"][name][rows]

    def start(self, ids: np.ndarray, members: Members, exposureId: int) -> None:
        """Begin objects with their first members, of which they have the ids."""
        rows = np.zeros(len(ids), dtype=_OBJECT)
        rows["id"], rows["sums"], rows["since"] = ids, startSums(members), -np.inf
        rows["origin"], rows["isChanged"] = exposureId, True
        for name in ("mean", "variance"):
            rows[name] = rows["sums"][name]
        self.table = np.append(self.table, rows)

    def findPositions(self, isWanted: np.ndarray) -> SkyPositions:
        """Return the positions of some objects of the table, sorted by id."""
        table = self.table[isWanted]
        properties = toProperties(table["sums"])
        return _sort(table["id"], properties["coord_ra"], properties["coord_dec"])

    def findAllPositions(self) -> SkyPositions:
        """Return the positions of all objects, sorted by id."""
        mine, others = self.findPositions(np.ones(len(self), dtype=bool)), self._others
        return _sort(np.append(mine.id, others.id), np.append(mine.ra, others.ra),
                     np.append(mine.dec, others.dec))

    def find(self, ids: np.ndarray) -> np.ndarray:
        """Return the rows of objects by their ids, (N,); -1 for one that is not here."""
        return findRows(self.table["id"], ids)

    def findOrigins(self, ids: np.ndarray) -> np.ndarray:
        """Return the exposures that objects of the table began with, by their ids; 0 for those before."""
        return self.table["origin"][self.find(ids)]


def _sort(ids: np.ndarray, ra: np.ndarray, dec: np.ndarray) -> SkyPositions:
    order = np.argsort(ids)
    return SkyPositions(ids[order], ra[order], dec[order])
