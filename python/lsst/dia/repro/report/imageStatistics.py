# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""What the light curves tell of the images they were measured on."""

from __future__ import annotations

__all__ = ["FLAGGED", "MIN_FLUXES", "NO_REASON", "ImageStatistics", "describeReason"]

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
from lsst.pipe.base import Struct

from ..forced.missingFluxReasons import Reason
from ..lightCurves.arrowTables import fillNulls
from ..measuredFlux import isMeasured

#: Width of the bins of flux/error. Median and width are right to within this.
RESOLUTION = 0.05

#: Greatest |flux|/error of the bins, however high the threshold of a detection.
GREATEST = 10.0

#: Fewest fluxes that tell a median and a width.
MIN_FLUXES = 5

#: What measurements are called that have a flux which counts nowhere.
FLAGGED = "flagged, not used"

#: Most detections of an object whose other fluxes are taken to be noise. What noise makes has one.
MAX_DETECTIONS = 1

#: Errors of the median and of the width of n normal deviates of width one, times sqrt(n): the first is
#: sqrt(pi/2), the second 1/(4 q f(q)) with the density f at the quartile q = 0.6745.
MEDIAN_ERROR, WIDTH_ERROR = 1.2533, 1.1664

#: Standard deviations of a normal distribution in its median absolute deviation.
SIGMA_PER_MAD = 1.482602218505602

#: Column of the counts by reason for what tells none that is known.
NO_REASON = max(Reason) + 1


def describeReason(code: int) -> str:
    """Return the name of a column of the counts by reason."""
    return Reason(code).label if code < NO_REASON else "not told"


class ImageStatistics:
    """Counts and pulls of the measurements on each image, from rows as they come.

    Of a pull, which is flux/error, only the bin is kept, so that it takes the
    same memory however many measurements an image has.

    Parameters
    ----------
    threshold : `float`
        Least |flux|/error of a detection. Only what is below it, of objects
        that have no more than `MAX_DETECTIONS` detections, tells of the noise
        of an image: objects that were seen again have flux elsewhere, too.
    badFlags : sequence [`str`]
        Columns that, where set, make a measurement unusable.
    """

    #: The columns of light curves that `add` looks at, as far as there are such.
    columns = ("diaObjectId", "psfDiffFlux", "psfDiffFluxErr", "reason", "control_errScale",
               "control_zeroOffset")

    def __init__(self, threshold: float, badFlags: Sequence[str]) -> None:
        self._threshold, limit = threshold, min(threshold, GREATEST)
        self._edges = np.linspace(-limit, limit, max(int(np.ceil(2*limit/RESOLUTION)), 1) + 1)
        self._byReason = np.zeros((0, NO_REASON + 1), dtype=np.int64)
        self._flagged = np.zeros(0, dtype=np.int64)
        self._byFlag = dict.fromkeys(badFlags, 0)
        self._pulls = np.zeros((0, len(self._edges) - 1), dtype=np.int64)
        self._weights = np.zeros(0)
        self._control = np.zeros((0, 2))

    def add(self, rows: pa.Table, image: np.ndarray, usable: np.ndarray) -> None:
        """Add rows of light curves.

        Parameters
        ----------
        rows : `pyarrow.Table`, (N,)
            All rows of some objects, with `columns`.
        image : `numpy.ndarray`, (N,)
            Number of the image of each.
        usable : `numpy.ndarray`, (N,)
            Which measurements count, bool.
        """
        if not len(image):
            return
        self._grow(int(image.max()) + 1)
        flux, fluxErr = (_readColumn(rows, name) for name in ("psfDiffFlux", "psfDiffFluxErr"))
        reasons = self._findReasons(rows, flux, fluxErr)
        _count(self._byReason, image, reasons)
        isFlagged = (reasons == Reason.MEASURED) & ~usable
        self._flagged += np.bincount(image[isFlagged], minlength=len(self._flagged))
        for name in {*self._byFlag} & {*rows.column_names}:
            self._byFlag[name] += int(np.count_nonzero(fillNulls(rows[name])[isFlagged]))
        image, flux, fluxErr = image[usable], flux[usable], fluxErr[usable]
        # An error of 1e-300 makes it infinite, and so no pull below any threshold.
        with np.errstate(over="ignore"):
            pulls = flux/fluxErr
        isFaint = (np.abs(pulls) < self._edges[-1]) & self._findNoise(rows["diaObjectId"].to_numpy()[usable],
                                                                      pulls)
        place = np.searchsorted(self._edges, pulls[isFaint], side="right") - 1
        _count(self._pulls, image[isFaint], place)
        with np.errstate(over="ignore"):
            self._weights += np.bincount(image[isFaint], fluxErr[isFaint]**-2, minlength=len(self._weights))
        self._addControl(rows, usable, image)

    def summarize(self) -> Struct:
        """Return what is known of each image.

        Returns
        -------
        summary : `lsst.pipe.base.Struct`
            With these components, each by the number of the image:

            ``byReason``
                Measurements by reason, (M, `NO_REASON` + 1), int64; those in
                the last column tell no reason that is known.
            ``rows``, ``measured``, ``nFlagged``
                Measurements, those with a flux, and those with a flux that is
                not usable, (M,), int64.
            ``byFlag``
                Number of the latter on all images by the flag that is set; some
                have several.
            ``nPulls``
                Usable fluxes that are noise, (M,), int64.
            ``offset``, ``width``
                Median of flux/error where there is nothing, and 1.4826 times
                the median absolute deviation from it, (M,), float64; NaN
                where too few fluxes tell.
            ``offsetError``, ``widthError``
                Their statistical errors if the errors of the fluxes are right,
                (M,), float64; NaN where they are not known.
            ``isControl``
                Whether these are of control positions, (M,), bool.
            ``together``
                The same of all images together: `Struct` of numbers
                ``nPulls``, ``offset``, ``offsetError``, ``width`` and
                ``widthError``, which are never of control positions.
        """
        found = self._describePulls(self._pulls)
        with np.errstate(divide="ignore", invalid="ignore"):
            error = np.sqrt(found.nPulls/self._weights)
            offset = self._control[:, 1]/error
        isControl = np.isfinite(offset) & (self._control[:, 0] > 0)
        together = self._describePulls(self._pulls.sum(axis=0, keepdims=True))
        return Struct(byReason=self._byReason, rows=self._byReason.sum(axis=1),
                      measured=self._byReason[:, Reason.MEASURED], nFlagged=self._flagged,
                      byFlag=self._byFlag, nPulls=found.nPulls, isControl=isControl,
                      offset=np.where(isControl, offset, found.offset),
                      width=np.where(isControl, self._control[:, 0], found.width),
                      offsetError=np.where(isControl, np.nan, found.offsetError),
                      widthError=np.where(isControl, np.nan, found.widthError),
                      together=Struct(**{name: values[0] for name, values in together.getDict().items()}))

    def _describePulls(self, pulls: np.ndarray) -> Struct:
        """Return number, offset, width and their errors of binned pulls, each (n,)."""
        number = pulls.sum(axis=1)
        found = np.array([self._findMedian(each) if enough else (np.nan, np.nan)
                          for each, enough in zip(pulls, number >= MIN_FLUXES)]).reshape(-1, 2)
        root = np.sqrt(np.where(number >= MIN_FLUXES, number, np.nan))
        return Struct(nPulls=number, offset=found[:, 0], width=found[:, 1], offsetError=MEDIAN_ERROR/root,
                      widthError=WIDTH_ERROR/root)

    def _findNoise(self, objectIds: np.ndarray, pulls: np.ndarray) -> np.ndarray:
        """Tell the pulls of objects with few detections, (n,), bool."""
        _, owner = np.unique(objectIds, return_inverse=True)
        nDetections = np.bincount(owner, np.abs(pulls) >= self._threshold)
        return nDetections[owner] <= MAX_DETECTIONS

    def _grow(self, number: int) -> None:
        """Make room for a number of images."""
        missing = number - len(self._weights)
        if missing > 0:
            for name, nothing in (("_byReason", 0), ("_flagged", 0), ("_pulls", 0), ("_weights", 0),
                                  ("_control", np.nan)):
                has = getattr(self, name)
                more = np.full((missing, *has.shape[1:]), nothing, dtype=has.dtype)
                setattr(self, name, np.concatenate([has, more]))

    @staticmethod
    def _findReasons(rows: pa.Table, flux: np.ndarray, fluxErr: np.ndarray) -> np.ndarray:
        """Return the column of the counts by reason that each row is counted in."""
        if "reason" not in rows.column_names:
            return np.where(isMeasured(flux, fluxErr), int(Reason.MEASURED), NO_REASON)
        reason = _readColumn(rows, "reason")
        isKnown = np.isin(reason, [int(each) for each in Reason])
        return np.where(isKnown, reason, NO_REASON).astype(np.int64)

    def _addControl(self, rows: pa.Table, usable: np.ndarray, image: np.ndarray) -> None:
        """Note what control positions tell; all rows of an image have the same."""
        for place, name in enumerate(("control_errScale", "control_zeroOffset")):
            if name in rows.column_names:
                values = _readColumn(rows, name)[usable]
                isThere = np.isfinite(values)
                self._control[image[isThere], place] = values[isThere]

    def _findMedian(self, pulls: np.ndarray) -> tuple[float, float]:
        """Return the median of binned pulls and their width about it; within a bin they lie evenly."""
        below = np.append(0, np.cumsum(pulls))
        median = np.interp(0.5*below[-1], below, self._edges)
        distances = np.linspace(0, 2*self._edges[-1], 2*len(self._edges))
        within = (np.interp(median + distances, self._edges, below)
                  - np.interp(median - distances, self._edges, below))
        return median, SIGMA_PER_MAD*np.interp(0.5*below[-1], within, distances)


def _readColumn(rows: pa.Table, name: str) -> np.ndarray:
    """Return a column of numbers, (N,), float64; NaN where there is none."""
    if name not in rows.column_names:
        return np.full(len(rows), np.nan)
    return rows[name].to_numpy().astype(float)


def _count(counts: np.ndarray, image: np.ndarray, place: np.ndarray) -> None:
    """Count rows by image and place."""
    cells, number = np.unique(image*np.int64(counts.shape[1]) + place, return_counts=True)
    counts.ravel()[cells] += number
