# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Centroids and shapes that algorithms can rely on."""

import numpy as np

import lsst.geom
import lsst.pex.exceptions

from ._rows import Failure
from .exceptions import FatalAlgorithmError, MeasurementError

__all__ = ["SafeCentroidExtractor", "SafeShapeExtractor"]


def _aliasSlotFlag(schema, slot, name, alias):
    """Alias an algorithm's flag to what the slot's flag is now, whatever the slot becomes later."""
    slotFlag = f"slot_{slot}_flag"
    target = schema.getAliasMap().apply(slotFlag)
    if target == slotFlag:
        raise lsst.pex.exceptions.LogicError(
            f"Alias for '{slotFlag}' must be defined before initializing '{name}' plugin."
        )
    schema.getAliasMap().set(f"{name}_{alias}", target)


def _orderHint(name, slot):
    return f"(is the executionOrder for {name} lower than that of the slot {slot}?)"


class SafeCentroidExtractor:
    """Gives the centroid of the slot, or the peak of the footprint where that is NaN.

    Parameters
    ----------
    schema : `lsst.afw.table.Schema`
        Gets an alias ``<name>_flag_badCentroid`` (``_flag_badInitialCentroid`` for a centroider) to
        the flag of the centroid slot.
    name : `str`
        Name of the algorithm.
    isCentroider : `bool`, optional
        Is the algorithm itself a centroider, so that a bad slot is no reason to be suspicious?

    Raises
    ------
    lsst.pex.exceptions.LogicError
        The centroid slot is not defined yet, and the algorithm is no centroider.
    """

    def __init__(self, schema, name, isCentroider=False):
        self._name = name
        self._isCentroider = isCentroider
        if not isCentroider:
            _aliasSlotFlag(schema, "Centroid", name, "flag_badCentroid")
            return
        target = schema.getAliasMap().apply("slot_Centroid_flag")
        if target != f"{name}_flag":
            schema.getAliasMap().set(f"{name}_flag_badInitialCentroid", target)

    def __call__(self, record, flags):
        """Return the position of one source.

        Parameters
        ----------
        record : `lsst.afw.table.SourceRecord`
            The source.
        flags : `FlagHandler`
            The algorithm's flags; that of failure is set if the position is suspicious.

        Returns
        -------
        position : `lsst.geom.Point2D`
            The position (pixels).

        Raises
        ------
        FatalAlgorithmError
            The centroid slot is not defined.
        lsst.pex.exceptions.RuntimeError
            There is no position.
        """
        catalog = type(record.table).Catalog(record.table)
        catalog.append(record)
        positions, failures = self.extract(catalog, flags)
        for failure in failures:
            raise failure.error
        return lsst.geom.Point2D(*positions[0])

    def extract(self, catalog, flags):
        """Return the positions of all sources of a catalog.

        Parameters
        ----------
        catalog : `lsst.afw.table.SourceCatalog`
            The sources.
        flags : `FlagHandler`
            The algorithm's flags; that of failure is set where the position is suspicious.

        Returns
        -------
        positions : `numpy.ndarray`, (n, 2)
            Positions (pixels); NaN where there is none.
        failures : `list` of `Failure`
            Rows without position.

        Raises
        ------
        FatalAlgorithmError
            The centroid slot is not defined.
        """
        slot = catalog.table.getCentroidSlot()
        if not slot.getMeasKey().isValid():
            return self._extractWithoutSlot(catalog)
        centroid = slot.getMeasKey()
        positions = np.stack([catalog[centroid.getX()], catalog[centroid.getY()]], axis=-1)
        flagKey = slot.getFlagKey()
        bad = np.isnan(positions).any(axis=1)
        flagged = np.array(catalog[flagKey]) if flagKey.isValid() else None
        rejected, failures = self._rejectUnflagged(bad, flagged)
        failures += self._replaceByPeaks(catalog, positions, np.flatnonzero(bad & ~rejected))
        if not self._isCentroider and flagged is not None:
            flags.orValues(catalog, flags.getFailureFlagNumber(), flagged)
        return positions, failures

    def _extractWithoutSlot(self, catalog):
        if not self._isCentroider:
            raise FatalAlgorithmError(
                f"{self._name} requires a centroid, but the centroid slot is not defined"
            )
        positions = np.full((len(catalog), 2), np.nan)
        return positions, self._replaceByPeaks(catalog, positions, np.arange(len(catalog)))

    def _rejectUnflagged(self, bad, flagged):
        """Find the NaN positions that nobody flagged: a sign of plugins in the wrong order."""
        if self._isCentroider or not bad.any():
            return np.zeros_like(bad), []
        if flagged is None:
            rejected, why = bad, "there is no Centroid slot flag"
        else:
            rejected, why = bad & ~flagged, "the Centroid slot flag is not set"
        if not rejected.any():
            return rejected, []
        error = lsst.pex.exceptions.RuntimeError(
            f"{self._name}: Centroid slot value is NaN, but {why} {_orderHint(self._name, 'Centroid')}"
        )
        return rejected, [Failure(np.flatnonzero(rejected), error)]

    def _replaceByPeaks(self, catalog, positions, rows):
        failures = []
        for row in rows:
            try:
                positions[row] = self._getPeak(catalog[int(row)])
            except lsst.pex.exceptions.RuntimeError as error:
                failures.append(Failure(np.array([row]), error))
        return failures

    def _getPeak(self, record):
        footprint = record.getFootprint()
        if footprint is None:
            raise lsst.pex.exceptions.RuntimeError(
                f"{self._name}: Centroid slot value is NaN, but no Footprint attached to record"
            )
        if len(footprint.getPeaks()) == 0:
            raise lsst.pex.exceptions.RuntimeError(
                f"{self._name}: Centroid slot value is NaN, but Footprint has no Peaks"
            )
        peak = footprint.getPeaks()[0]
        return peak.getFx(), peak.getFy()


class SafeShapeExtractor:
    """Gives the shape of the slot where it is one.

    Parameters
    ----------
    schema : `lsst.afw.table.Schema`
        Gets an alias ``<name>_flag_badShape`` to the flag of the shape slot.
    name : `str`
        Name of the algorithm.

    Raises
    ------
    lsst.pex.exceptions.LogicError
        The shape slot is not defined yet.
    """

    _MIN_DETERMINANT = 1.0e-6  # of the moments, relative to Ixy^2

    def __init__(self, schema, name):
        self._name = name
        _aliasSlotFlag(schema, "Shape", name, "flag_badShape")

    def extract(self, catalog, flags):
        """Return the shapes of all sources of a catalog.

        Parameters
        ----------
        catalog : `lsst.afw.table.SourceCatalog`
            The sources.
        flags : `FlagHandler`
            The algorithm's flags; that of failure is set where the shape is flagged.

        Returns
        -------
        shapes : `numpy.ndarray`, (n, 3)
            Moments Ixx, Iyy, Ixy (pixels squared).
        failures : `list` of `Failure`
            Rows without usable shape.

        Raises
        ------
        FatalAlgorithmError
            The centroid slot is not defined.
        """
        if not catalog.table.getCentroidSlot().getMeasKey().isValid():
            raise FatalAlgorithmError(f"{self._name} requires a shape, but the shape slot is not defined")
        slot = catalog.table.getShapeSlot()
        key, flagKey = slot.getMeasKey(), slot.getFlagKey()
        shapes = np.stack([catalog[key.getIxx()], catalog[key.getIyy()], catalog[key.getIxy()]], axis=-1)
        ixx, iyy, ixy = shapes.T
        bad = np.isnan(shapes).any(axis=1) | (ixx * iyy < (1.0 + self._MIN_DETERMINANT) * ixy * ixy)
        if not flagKey.isValid():
            return shapes, self._fail(bad, f"there is no Shape slot flag {_orderHint(self._name, 'Shape')}")
        flagged = np.array(catalog[flagKey])
        flags.orValues(catalog, flags.getFailureFlagNumber(), flagged & ~bad)
        failures = self._fail(
            bad & ~flagged, f"the Shape slot flag is not set {_orderHint(self._name, 'Shape')}"
        )
        if (bad & flagged).any():
            error = MeasurementError(
                f"{self._name}: Shape needed, and Shape slot measurement failed.",
                flags.getFailureFlagNumber(),
            )
            failures.append(Failure(np.flatnonzero(bad & flagged), error))
        return shapes, failures

    def _fail(self, rows, why):
        if not rows.any():
            return []
        error = lsst.pex.exceptions.RuntimeError(f"{self._name}: Shape slot value is NaN, but {why}")
        return [Failure(np.flatnonzero(rows), error)]
