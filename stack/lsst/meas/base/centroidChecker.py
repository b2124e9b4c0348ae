# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Check of centroids against the footprints of their sources."""

import numpy as np

import lsst.pex.exceptions
from lsst.geom import Point2D, Point2I

from ._lazyFootprints import findLoader
from ._rows import Failure, setRows

__all__ = ["CentroidChecker"]


class CentroidChecker:
    """Resets a centroid to the peak of its footprint if it is too far off.

    Parameters
    ----------
    schema : `lsst.afw.table.Schema`
        Schema with the fields of the centroid; gets flags ``resetToPeak`` and, if there are
        uncertainties, ``badError``.
    name : `str`
        Prefix of the fields.
    inside : `bool`, optional
        Must the centroid be in the footprint?
    maxDistFromPeak : `float`, optional
        Largest distance from the peak (pixels); any if negative.
    """

    def __init__(self, schema, name, inside=True, maxDistFromPeak=-1.0):
        self._inside = inside
        self._maxDistance = maxDistFromPeak
        self._resetKey = schema.addField(
            name + "_flag_resetToPeak", type="Flag", doc="set if CentroidChecker reset the centroid"
        )
        names = schema.getNames()
        self._errorKeys = [
            schema.find(f"{name}_{axis}Err").key for axis in "xy" if f"{name}_{axis}Err" in names
        ]
        if self._errorKeys:
            self._badErrorKey = schema.addField(
                name + "_flag_badError", type="Flag", doc="Error on x and/or y position is NaN"
            )
        self._xKey, self._yKey, self._failureKey = (
            schema.find(f"{name}_{field}").key for field in ("x", "y", "flag")
        )

    def __call__(self, record):
        """Check the centroid of a record.

        Parameters
        ----------
        record : `lsst.afw.table.SourceRecord`
            The source.

        Returns
        -------
        wasReset : `bool`
            Was the centroid reset?

        Raises
        ------
        lsst.pex.exceptions.RuntimeError
            There is no footprint, or it has no peaks.
        """
        catalog = type(record.table).Catalog(record.table)
        catalog.append(record)
        wasReset, failures = self._check(catalog, np.arange(1))
        for failure in failures:
            raise failure.error
        return bool(wasReset[0])

    def checkRows(self, catalog, rows):
        """Check the centroids of some rows of a catalog.

        Parameters
        ----------
        catalog : `lsst.afw.table.SourceCatalog`
            The sources.
        rows : `numpy.ndarray`
            Row numbers.

        Returns
        -------
        failures : `list` of `Failure`
            Rows whose footprint is missing, or has no peaks.
        """
        return self._check(catalog, rows)[1]

    def _check(self, catalog, rows):
        self._checkErrors(catalog, rows)
        if (not self._inside and self._maxDistance < 0.0) or len(rows) == 0:
            return np.zeros(len(rows), dtype=bool), []
        positions = np.stack([catalog[self._xKey][rows], catalog[self._yKey][rows]], axis=-1)
        peaks, contained, failures = _inspect(catalog, rows, positions)
        reset = self._inside & ~contained
        if self._maxDistance > 0:
            with np.errstate(invalid="ignore"):
                reset |= ((positions - peaks) ** 2).sum(axis=1) > self._maxDistance**2
        reset &= np.isfinite(peaks).all(axis=1)
        if reset.any():
            for key, values in zip((self._xKey, self._yKey), peaks[reset].T):
                setRows(catalog, key, rows[reset], values)
            for key in (self._failureKey, self._resetKey):
                setRows(catalog, key, rows[reset], True)
        return reset, failures

    def _checkErrors(self, catalog, rows):
        if not self._errorKeys:
            return
        bad = np.any([np.isnan(catalog[key][rows]) for key in self._errorKeys], axis=0)
        if bad.any():
            for key in (self._failureKey, self._badErrorKey):
                setRows(catalog, key, rows[bad], True)


def _inspect(catalog, rows, positions):
    """Return the first peaks of footprints, and whether the footprints contain positions."""
    load, index = findLoader(catalog, rows)
    if hasattr(load, "contains"):
        return load.getPeaks(index), load.contains(index, *positions.T), []
    peaks, contained = np.full((len(rows), 2), np.nan), np.zeros(len(rows), dtype=bool)
    problems = {}
    for number, row in enumerate(rows.tolist()):
        footprint = catalog[row].getFootprint()
        if footprint is None:
            problems.setdefault("No Footprint attached to record", []).append(row)
        elif len(footprint.getPeaks()) == 0:
            problems.setdefault("Footprint has no peaks; cannot verify centroid.", []).append(row)
        else:
            peak = footprint.getPeaks()[0]
            peaks[number] = peak.getFx(), peak.getFy()
            contained[number] = _contains(footprint, positions[number])
    failures = [
        Failure(np.array(where), lsst.pex.exceptions.RuntimeError(why)) for why, where in problems.items()
    ]
    return peaks, contained, failures


def _contains(footprint, position):
    return bool(np.isfinite(position).all()) and footprint.contains(Point2I(Point2D(*position)))
