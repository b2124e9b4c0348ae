# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Whether the forced measurements of all images belong together."""

from __future__ import annotations

__all__ = ["MeasurementOrigins"]

from collections import Counter
from collections.abc import Mapping
from logging import Logger
from typing import Any

import numpy as np
from lsst.pipe.base import TaskError

from ..provenance import Fingerprint, Positions

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

    def add(self, dataId: Mapping[str, Any], fingerprint: Fingerprint | None) -> None:
        """Add an image.

        Parameters
        ----------
        dataId : `dict`
            Its data ID.
        fingerprint : `Fingerprint` or `None`
            What made its catalog, `None` if that does not tell.
        """
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

    def findStale(self) -> np.ndarray:
        """Tell the images that were measured at other positions than the `reference`.

        Returns
        -------
        isStale : `numpy.ndarray`, (N,)
            In the order in which the images were added, bool; `False` for one
            that does not tell.
        """
        reference, found = self.reference, map(_positionsOf, self._fingerprints)
        return np.array([each is not None and reference is not None and not each.isSame(reference)
                         for each in found], dtype=bool)

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
        others = " and ".join(sorted({str(_positionsOf(self._fingerprints[i])) for i in stale}))
        named = ", ".join(str(self._dataIds[i]) for i in stale[:MAX_NAMED])
        more = f" and {len(stale) - MAX_NAMED} more" if len(stale) > MAX_NAMED else ""
        raise TaskError(
            f"{len(stale)} of {len(self._dataIds)} forcedDIASource were measured at {others}, not at "
            f"{self.reference}, so that one id may be of different objects. Measure these images again "
            f"(forcedDiaPhot.py --skip-existing does no others), or go on with --allowMixed: {named}{more}")

    def warn(self, log: Logger) -> None:
        """Log what is not known, and what need not be wrong.

        Parameters
        ----------
        log : `logging.Logger`
            Where to.
        """
        known = [each for each in self._fingerprints if each is not None]
        if len(known) < len(self._fingerprints):
            log.warning("%d of %d forcedDIASource do not tell what positions they were measured at",
                        len(self._fingerprints) - len(known), len(self._fingerprints))
        for what, counts in (("options", Counter(each.config for each in known)),
                             ("versions", Counter(each.versions for each in known))):
            if len(counts) > 1:
                log.warning("The forcedDIASource were made with different %s: %s", what, "; ".join(
                    f"{number} images with {value}" for value, number in counts.most_common()))


def _positionsOf(fingerprint: Fingerprint | None) -> Positions | None:
    return None if fingerprint is None else fingerprint.positions
