# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Flags that tell which mask planes a source has in its footprint and at its center."""

import numpy as np

import lsst.pex.exceptions

from ._control import Control, ControlField
from ._footprintBits import orFootprintBits
from ._rows import Failure, orFlag
from .algorithm import SimpleAlgorithm
from .exceptions import FatalAlgorithmError

__all__ = ["PixelFlagsAlgorithm", "PixelFlagsControl"]

_CENTER_HALF_WIDTH = 1  # pixels


class PixelFlagsControl(Control):
    """Settings of `PixelFlagsAlgorithm`."""

    masksFpCenter = ControlField(
        "std::vector<std::string>", [], "more mask planes to look for at the center; each gets a flag"
    )
    masksFpAnywhere = ControlField(
        "std::vector<std::string>", [], "more mask planes to look for in the footprint; each gets a flag"
    )


class PixelFlagsAlgorithm(SimpleAlgorithm):
    """Flags that tell which mask planes a source has in its footprint and at its center.

    The center is the square of 3 x 3 pixels around the pixel of the centroid.

    Parameters
    ----------
    ctrl : `PixelFlagsControl`
        Settings.
    name : `str`
        Prefix of the fields.
    schema : `lsst.afw.table.Schema`
        Gets the fields.
    """

    Control = PixelFlagsControl

    def __init__(self, ctrl, name, schema):
        def add(suffix, doc):
            return schema.addField(f"{name}_{suffix}", type="Flag", doc=doc)

        self._logName = name
        self._failureKey = add("flag", "General failure flag, set if anything went wrong")
        self._offImageKey = add("flag_offimage", "Source center is off image")
        self._anyKeys = {
            plane: add(suffix, doc)
            for plane, suffix, doc in (
                ("EDGE", "flag_edge", "Source is outside usable exposure region (masked EDGE or NO_DATA)"),
                ("INTRP", "flag_interpolated", "Interpolated pixel in the Source footprint"),
                ("SAT", "flag_saturated", "Saturated pixel in the Source footprint"),
                ("CR", "flag_cr", "Cosmic ray in the Source footprint"),
                ("BAD", "flag_bad", "Bad pixel in the Source footprint"),
                ("SUSPECT", "flag_suspect", "Source's footprint includes suspect pixels"),
            )
        }
        self._centerKeys = {
            plane: add(suffix, doc)
            for plane, suffix, doc in (
                ("INTRP", "flag_interpolatedCenter", "Interpolated pixel in the Source center"),
                ("SAT", "flag_saturatedCenter", "Saturated pixel in the Source center"),
                ("CR", "flag_crCenter", "Cosmic ray in the Source center"),
                ("SUSPECT", "flag_suspectCenter", "Source's center is close to suspect pixels"),
            )
        }
        for plane in ctrl.masksFpCenter:
            self._centerKeys[plane] = add(
                f"flag_{plane.lower()}Center", f"Source center is close to {plane} pixels"
            )
        for plane in ctrl.masksFpAnywhere:
            self._anyKeys[plane] = add(f"flag_{plane.lower()}", f"Source footprint includes {plane} pixels")

    def measureCatalog(self, measCat, exposure):
        """Measure all sources of a catalog; see `SingleFrameAlgorithm.measureCatalog`."""
        # Here, as what it imports takes long: see lsst._compiled.
        from ._maskBits import orSquares

        centers, failures = self._findCenters(measCat)
        rows = np.flatnonzero(np.isfinite(centers).all(axis=1))
        pixels = np.floor(centers[rows] + 0.5).astype(np.int64)
        box = exposure.getBBox()
        offImage = rows[~_contains(box, pixels)]
        orFlag(measCat, self._offImageKey, offImage)
        orFlag(measCat, self._anyKeys["EDGE"], offImage)

        mask = exposure.mask
        bits, missing = orFootprintBits(measCat, rows, mask)
        if missing.any():
            error = lsst.pex.exceptions.RuntimeError("No footprint present.")
            failures.append(Failure(rows[missing], error))
            rows, pixels, bits = rows[~missing], pixels[~missing], bits[~missing]
        orFlag(measCat, self._anyKeys["EDGE"], rows[(bits & _getBit(mask, "NO_DATA")) != 0])
        self._update(measCat, self._anyKeys, rows, bits, mask)
        self._update(measCat, self._centerKeys, rows, orSquares(mask, *pixels.T, _CENTER_HALF_WIDTH), mask)
        return failures

    def _findCenters(self, measCat):
        """Return the centroids, or else the first peaks, and the rows that have neither."""
        slot = measCat.table.getCentroidSlot().getMeasKey()
        if slot.isValid():
            centers = np.stack([measCat[slot.getX()], measCat[slot.getY()]], axis=-1)
            bad = np.isnan(centers).any(axis=1)
            message = "Center point passed to PixelFlagsAlgorithm is NaN"
        else:
            measCat[self._failureKey] = True
            centers = np.array([_getPeak(record) for record in measCat]).reshape(-1, 2)
            bad = np.isnan(centers).any(axis=1)
            message = "No footprint, or no footprint peaks detected"
        if not bad.any():
            return centers, []
        return centers, [Failure(np.flatnonzero(bad), lsst.pex.exceptions.RuntimeError(message))]

    @staticmethod
    def _update(measCat, keys, rows, bits, mask):
        for plane, key in keys.items():
            orFlag(measCat, key, rows[(bits & _getBit(mask, plane)) != 0])

    def fail(self, measRecord, error=None):
        """Set the general failure flag."""
        measRecord.set(self._failureKey, True)

    def failRows(self, measCat, rows, error):
        """Set the general failure flag of several sources."""
        orFlag(measCat, self._failureKey, rows)


def _getPeak(record):
    footprint = record.getFootprint()
    if footprint is None or len(footprint.getPeaks()) == 0:
        return np.nan, np.nan
    peak = footprint.getPeaks()[0]
    return peak.getFx(), peak.getFy()


def _contains(box, pixels):
    x, y = pixels.T
    return (x >= box.getMinX()) & (x <= box.getMaxX()) & (y >= box.getMinY()) & (y <= box.getMaxY())


def _getBit(mask, plane):
    try:
        return mask.getPlaneBitMask(plane)
    except lsst.pex.exceptions.InvalidParameterError as error:
        raise FatalAlgorithmError(str(error)) from error
