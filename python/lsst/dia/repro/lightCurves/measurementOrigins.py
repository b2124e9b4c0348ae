# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Whether the forced measurements of all images belong together."""

from __future__ import annotations

__all__ = ["MeasurementOrigins"]

from collections import Counter
from collections.abc import Mapping
from logging import Logger
from typing import Any

import numpy as np
from lsst.afw.table import SourceCatalog
from lsst.pipe.base import TaskError

from ..provenance import DIA_OBJECTS, Fingerprint, Maker, Positions
from ..skyPositions import SkyPositions
from .objectPositions import isAnywhereElse

#: How many images a message names.
MAX_NAMED = 20


class MeasurementOrigins:
    """What made the forced catalogs of the images.

    Parameters
    ----------
    positions : `Positions` or `None`
        The positions of the DIAObjects as they are now, `None` if there are
        none.
    """

    def __init__(self, positions: Positions | None) -> None:
        self._positions = positions
        self._dataIds: list[dict[str, Any]] = []
        self._fingerprints: list[Fingerprint | None] = []
        self._isElsewhere: list[bool] = []

    def add(self, dataId: Mapping[str, Any], fingerprint: Fingerprint | None,
            catalog: SourceCatalog) -> None:
        """Add an image.

        Parameters
        ----------
        dataId : `dict`
            Its data ID.
        fingerprint : `Fingerprint` or `None`
            What made its catalog, `None` if that does not tell.
        catalog : `lsst.afw.table.SourceCatalog`
            The catalog.
        """
        origin = _positionsOf(fingerprint)
        isOfDiaObjects = origin is None or origin.origin == DIA_OBJECTS
        # Whatever a file says of itself: what is in it has to be where the DIAObjects are.
        self._isElsewhere.append(isOfDiaObjects and self._positions is not None
                                 and self._positions.sky is not None
                                 and not _isAmong(catalog, self._positions.sky))
        self._dataIds.append(dict(dataId))
        self._fingerprints.append(fingerprint)

    @property
    def reference(self) -> Positions | None:
        """The positions that all images should have been measured at, `None` if no image tells any.

        They are those of the DIAObjects if any image was measured at
        DIAObjects, of whatever time; else those of most images.
        """
        known = list(filter(None, map(_positionsOf, self._fingerprints)))
        if not known:
            return None
        if self._positions is not None and any(each.origin == self._positions.origin for each in known):
            return self._positions
        digest, _ = Counter(each.digest for each in known).most_common(1)[0]
        return next(each for each in known if each.digest == digest)

    @property
    def makers(self) -> tuple[Maker, ...]:
        """What made the catalogs of the images that tell it, that of most first."""
        counts = Counter((each.task, each.config, each.versions) for each in self._fingerprints if each)
        return tuple(Maker(*made, number) for made, number in counts.most_common())

    def findStale(self) -> np.ndarray:
        """Tell the images that were measured at other positions than the `reference`.

        Returns
        -------
        isStale : `numpy.ndarray`, (N,)
            In the order in which the images were added, bool. One that does not
            tell is if it has objects that are not among the DIAObjects.
        """
        reference, found = self.reference, map(_positionsOf, self._fingerprints)
        return np.array([isElsewhere or each is not None and reference is not None
                         and not each.isSame(reference)
                         for each, isElsewhere in zip(found, self._isElsewhere)], dtype=bool)

    def requireOne(self) -> None:
        """Fail if images were measured at different positions.

        Raises
        ------
        lsst.pipe.base.TaskError
            Raised if so; the message names the images to measure again.
        """
        stale = np.flatnonzero(self.findStale())
        if not len(stale):
            return
        should = self.reference or self._positions
        others = " and ".join(sorted({self._describe(int(i)) for i in stale}))
        named = ", ".join(str(self._dataIds[i]) for i in stale[:MAX_NAMED])
        more = f" and {len(stale) - MAX_NAMED} more" if len(stale) > MAX_NAMED else ""
        raise TaskError(
            f"{len(stale)} of {len(self._dataIds)} forcedDIASource were measured at {others}, not at "
            f"{should}, so that one id may be of different objects. Measure these images again "
            f"(forcedDiaPhot.py --skip-existing does no others), or go on with --allowMixed: {named}{more}")

    def _describe(self, image: int) -> str:
        """Say what is wrong with the positions of an image."""
        positions, reference = _positionsOf(self._fingerprints[image]), self.reference
        if positions is not None and reference is not None and positions.isSame(reference):
            return "objects that are not among the DIAObjects, whatever the file says"
        return str(positions or "positions that they do not tell")

    def warn(self, log: Logger) -> None:
        """Log what is not known, and what need not be wrong.

        Parameters
        ----------
        log : `logging.Logger`
            Where to.
        """
        nStale = int(self.findStale().sum())
        if nStale:
            log.warning("%d of %d forcedDIASource were measured at other positions than %s; positionsDiffer "
                        "marks their rows", nStale, len(self._dataIds), self.reference or self._positions)
        known = [each for each in self._fingerprints if each is not None]
        if self._positions is None and any(each.positions and each.positions.origin == DIA_OBJECTS
                                           for each in known):
            log.warning("There are no %s to compare with those that images were measured at", DIA_OBJECTS)
        if len(known) < len(self._fingerprints):
            log.warning("%d of %d forcedDIASource do not tell what positions they were measured at",
                        len(self._fingerprints) - len(known), len(self._fingerprints))
        for what, counts in (("options", Counter(each.config for each in known)),
                             ("versions", Counter(each.versions for each in known))):
            if len(counts) > 1:
                log.warning("The forcedDIASource were made with different %s: %s", what, "; ".join(
                    f"{number} images with {value}" for value, number in counts.most_common()))


def _isAmong(catalog: SourceCatalog, sky: SkyPositions) -> bool:
    """Tell whether all objects of a catalog are where those of the same ids are, but for rounding."""
    if not len(catalog):
        return True
    if not catalog.isContiguous():
        catalog = catalog.copy(deep=True)
    place = sky.find(np.asarray(catalog["diaObjectId"]))
    if (place < 0).any():
        return False
    here, there = (np.degrees([each[0], each[1]]) for each in (
        (catalog["coord_ra"], catalog["coord_dec"]), (sky.ra[place], sky.dec[place])))
    return not isAnywhereElse(*here, *there).any()


def _positionsOf(fingerprint: Fingerprint | None) -> Positions | None:
    return None if fingerprint is None else fingerprint.positions
