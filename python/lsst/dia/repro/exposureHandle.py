# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""What the algorithms ask of an exposure, wherever its data are."""

from __future__ import annotations

__all__ = ["ExposureHandle", "sortExposures"]

import math
from abc import ABC, abstractmethod
from collections.abc import Iterable
from logging import Logger
from typing import TypeVar

from lsst.afw.geom import SkyWcs
from lsst.afw.image import FilterLabel, PhotoCalib
from lsst.afw.table import Schema, SourceCatalog
from lsst.geom import Box2I

from .describeError import describeError


class ExposureHandle(ABC):
    """An exposure whose data are read when they are asked for, and each time anew.

    Each kind of storage has a subclass, so that the algorithms need not know
    any of them; one that says no more has no stored schema and no image. What
    reads may raise any exception; `describeError` makes a line of it.

    Attributes
    ----------
    dataId : `dict`
        Data ID: integers and strings by name.
    ccdExposureId : `int`
        Number of the exposure, one for each data ID.
    mjd : `float`
        Middle of the exposure, MJD (TAI); NaN if it is not known.
    """

    dataId: dict
    ccdExposureId: int
    mjd: float

    def readSchema(self) -> Schema | None:
        """Return the schema that the catalogs of all exposures have, `None` if it is not stored."""
        return None

    @abstractmethod
    def readSources(self) -> SourceCatalog:
        """Return the catalog of the exposure, without footprints."""

    def hasImage(self) -> bool:
        """Tell whether there is a difference image."""
        return False

    def readBBox(self) -> Box2I | None:
        """Return the bounding box of the difference image, `None` if it is not known."""
        return None

    def readWcs(self) -> SkyWcs | None:
        """Return the WCS of the difference image, `None` if it has none."""
        return None

    def readPhotoCalib(self) -> PhotoCalib | None:
        """Return the calibration of the difference image, `None` if it has none."""
        return None

    @abstractmethod
    def readFilterLabel(self) -> FilterLabel | None:
        """Return the filter of the difference image, `None` if it has none."""

    def describeError(self, error: Exception, dataset: str) -> str:
        """Say in one line what went wrong with a dataset, and where that lies."""
        return f"{dataset} of {self.dataId}: {describeError(error)}"


Exposure = TypeVar("Exposure", bound=ExposureHandle)


def sortExposures(exposures: Iterable[Exposure], log: Logger) -> list[Exposure]:
    """Sort exposures as association wants them.

    Parameters
    ----------
    exposures : iterable [`ExposureHandle`]
        The exposures.
    log : `logging.Logger`
        Told how many have no time.

    Returns
    -------
    exposures : `list` [`ExposureHandle`]
        The same by time, then exposure id; last those without a time.
    """
    inOrder = sorted(exposures, key=lambda e: (math.isnan(e.mjd), 0 if math.isnan(e.mjd) else e.mjd,
                                               e.ccdExposureId))
    untimed = sum(math.isnan(exposure.mjd) for exposure in inOrder)
    if untimed:
        log.warning("%d of %d exposures have no time; they come after the others, by exposure id",
                    untimed, len(inOrder))
    return inOrder
