# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Positions on the sky, and which of them are near a place."""

from __future__ import annotations

__all__ = ["SkyCircle", "SkyPositions"]

import functools
import hashlib
from typing import NamedTuple

import numpy as np
from lsst.afw.table import SourceCatalog
from scipy.spatial import cKDTree

from .rowLookup import findRows
from .sky import chord, toVectors


class SkyCircle(NamedTuple):
    """A circle on the sky.

    Attributes
    ----------
    ra, dec : `float`
        Center, radians.
    radius : `float`
        Radius, radians.
    """

    ra: float
    dec: float
    radius: float

    @classmethod
    def fromText(cls, text: str) -> SkyCircle:
        """Return the circle of which ``text`` is the `str`."""
        return cls(*map(float, text.split()))

    def __str__(self) -> str:
        # As many digits as it takes to get the same circle back.
        return " ".join(repr(float(value)) for value in self)


class SkyPositions:
    """Ids and positions, without all that a catalog has beside them.

    Parameters
    ----------
    ids : `numpy.ndarray`, (N,)
        Ids, int64.
    ra, dec : `numpy.ndarray`, (N,)
        Positions, radians, float64; one that is not finite is near nothing.

    Attributes
    ----------
    id, ra, dec : `numpy.ndarray`, (N,)
        The same, in arrays of their own.
    """

    def __init__(self, ids: np.ndarray, ra: np.ndarray, dec: np.ndarray) -> None:
        self.id = np.array(ids, dtype=np.int64)
        self.ra = np.array(ra, dtype=np.float64)
        self.dec = np.array(dec, dtype=np.float64)
        self._index: tuple[np.ndarray, cKDTree] | None = None

    @classmethod
    def fromCatalog(cls, catalog: SourceCatalog) -> SkyPositions:
        """Take ``id`` and ``coord`` of a catalog.

        Parameters
        ----------
        catalog : `lsst.afw.table.SourceCatalog`
            Any catalog of sources; it may lie in several pieces of memory.

        Returns
        -------
        positions : `SkyPositions`
            Positions in the order of the catalog.
        """
        if not catalog.isContiguous():
            catalog = catalog.copy(deep=True)
        return cls(catalog["id"], catalog["coord_ra"], catalog["coord_dec"])

    def __len__(self) -> int:
        return len(self.id)

    @functools.cached_property
    def digest(self) -> str:
        """A digest of ids and positions, the same whatever their order is (`str`, 16 hexadecimal digits)."""
        return self._digest(np.arange(len(self)))

    @functools.cached_property
    def _orderOfIds(self) -> np.ndarray:
        return np.argsort(self.id, kind="stable")

    def find(self, ids: np.ndarray) -> np.ndarray:
        """Return which positions have some ids, (n,); -1 for one that is not here."""
        return findRows(self.id, ids, self._orderOfIds)

    def digestIn(self, circle: SkyCircle) -> str:
        """Return a digest of what lies in a circle; see `digest`."""
        return self._digest(self.near(circle))

    def _digest(self, index: np.ndarray) -> str:
        ordered = index[np.argsort(self.id[index], kind="stable")]
        digest = hashlib.sha256()
        for values, dtype in ((self.id, "<i8"), (self.ra, "<f8"), (self.dec, "<f8")):
            digest.update(values[ordered].astype(dtype).tobytes())
        return digest.hexdigest()[:16]

    def buildIndex(self) -> tuple[np.ndarray, cKDTree]:
        """Sort the positions, unless they are.

        Processes that are forked afterwards share the result.

        Returns
        -------
        finite : `numpy.ndarray`, (m,)
            Which positions are finite.
        tree : `scipy.spatial.cKDTree`
            A tree of their unit vectors.
        """
        if self._index is None:
            finite = np.flatnonzero(np.isfinite(self.ra) & np.isfinite(self.dec))
            # Neither balanced nor compact: a million take 0.2 s instead of 0.45, and are found as fast.
            tree = cKDTree(toVectors(self.ra[finite], self.dec[finite]), balanced_tree=False,
                           compact_nodes=False)
            self._index = finite, tree
        return self._index

    def near(self, circle: SkyCircle) -> np.ndarray:
        """Find the positions in a circle.

        Parameters
        ----------
        circle : `SkyCircle`
            The circle.

        Returns
        -------
        index : `numpy.ndarray`, (n,)
            Which positions are in it or on its edge, in their order.
        """
        finite, tree = self.buildIndex()
        if not len(finite):
            return finite
        vector = toVectors(np.asarray(circle.ra), np.asarray(circle.dec))
        found = tree.query_ball_point(vector, chord(circle.radius), return_sorted=True)
        return finite[np.array(found, dtype=int)]
