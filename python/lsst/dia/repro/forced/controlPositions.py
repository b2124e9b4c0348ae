# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Errors and zero offset of an image from fluxes where there is nothing."""

from __future__ import annotations

__all__ = ["ControlPositionsConfig", "ControlPositionsTask"]

from typing import Any

import lsst.pex.config as pexConfig
import lsst.pipe.base as pipeBase
import numpy as np
from lsst.afw.image import ExposureF
from lsst.afw.table import Schema
from scipy.spatial import cKDTree

from ..measuredFlux import isMeasured
from ..nameListField import NameListField
from .imageCoverage import findInPolygon
from .psfStamps import findPsfReach

#: Percentiles that lie one standard deviation below and above the median of a
#: normal distribution.
ONE_SIGMA = (15.865525393145708, 84.13447460685429)


class ControlPositionsConfig(pexConfig.Config):
    """Options of `ControlPositionsTask`."""

    nPositions = pexConfig.RangeField(
        dtype=int, default=300, min=2, max=3000, doc="Positions wanted on an image.")
    nMin = pexConfig.RangeField(
        dtype=int, default=30, min=2,
        doc="Least number of positions with a flux; with fewer nothing is said of the image.",
    )
    nTrials = pexConfig.RangeField(
        dtype=int, default=20, min=1, max=100, doc="Random positions to try, as a multiple of nPositions.")
    minSeparation = pexConfig.RangeField(
        dtype=float, default=3.0, min=0.0,
        doc="Least distance from DIAObjects and from each other, arcsec.",
    )
    badMaskPlanes = NameListField(
        default=["BAD", "CR", "EDGE", "INTRP", "NO_DATA", "SAT", "SUSPECT"],
        doc="Mask planes that no pixel under the PSF may have, as far as the image knows them.",
    )


class ControlPositionsTask(pipeBase.Task):
    """Tell the errors of an image from the scatter of fluxes at empty positions.

    Parameters
    ----------
    schema : `lsst.afw.table.Schema`
        Gets the fields.
    **kwargs
        Arguments of `lsst.pipe.base.Task`.
    """

    ConfigClass = ControlPositionsConfig
    _DefaultName = "control"

    def __init__(self, schema: Schema, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        schema.addField("control_errScale", type="D",
                        doc="Scatter of base_PsfFlux_flux/fluxErr at control positions on the image; "
                            "the factor by which errors are too small")
        schema.addField("control_zeroOffset", type="D", units="nJy",
                        doc="Median of base_PsfFlux_flux at control positions on the image")
        schema.addField("control_n", type="I", doc="Number of control positions with a flux")

    def findReach(self, exposure: ExposureF) -> float:
        """Find out how far beyond the edge of an image objects matter.

        Parameters
        ----------
        exposure : `lsst.afw.image.Exposure`
            The image, with WCS.

        Returns
        -------
        reach : `float`
            The least separation, pixels.
        """
        return self.config.minSeparation/exposure.getWcs().getPixelScale().asArcseconds()

    def draw(self, exposure: ExposureF, x: np.ndarray, y: np.ndarray, seed: int) -> np.ndarray:
        """Draw random positions away from objects and from bad pixels.

        Parameters
        ----------
        exposure : `lsst.afw.image.Exposure`
            The image, with WCS and PSF.
        x, y : `numpy.ndarray`, (n,)
            Pixel positions of the objects on and near the image.
        seed : `int`
            The same seed gives the same positions.

        Returns
        -------
        x, y : `numpy.ndarray`, (m,)
            Pixel positions, at most ``config.nPositions``.
        """
        box = exposure.getBBox()
        half = findPsfReach(exposure)
        if half is None:
            self.log.warning("No control positions: there is no PSF in the middle of the image")
            return np.zeros((2, 0))
        low = np.array([box.getMinX(), box.getMinY()]) + half
        high = np.array([box.getMaxX(), box.getMaxY()]) - half
        # The image has no room for one whole PSF.
        if (high <= low).any():
            return np.zeros((2, 0))
        # A legacy generator: its numbers never change between versions. It takes 32 bits at a time.
        random = np.random.RandomState([seed & 0xFFFFFFFF, (seed >> 32) & 0xFFFFFFFF])
        trials = random.uniform(low, high, (self.config.nPositions*self.config.nTrials, 2))
        trials = trials[self._isClean(exposure, trials, half)]
        trials = _keepApart(trials, np.stack([x, y], axis=-1), self.findReach(exposure))
        return trials[:self.config.nPositions].T

    def _isClean(self, exposure: ExposureF, positions: np.ndarray, half: np.ndarray) -> np.ndarray:
        """Tell the positions among the valid pixels, without bad ones under the PSF."""
        known = exposure.mask.getMaskPlaneDict()
        planes = [plane for plane in self.config.badMaskPlanes if plane in known]
        isBad = (exposure.mask.array & exposure.mask.getPlaneBitMask(planes)) != 0
        isBad |= ~np.isfinite(exposure.image.array)
        isBad |= ~np.isfinite(exposure.variance.array)
        # Sums over boxes are differences of sums from the corner.
        sums = np.zeros((isBad.shape[0] + 1, isBad.shape[1] + 1), dtype=np.int32)
        np.cumsum(np.cumsum(isBad, axis=0, dtype=np.int32), axis=1, out=sums[1:, 1:])
        xy0 = exposure.getXY0()
        # The center of a pixel, and not its corner, has whole numbers.
        column, row = (np.floor(positions + 0.5).astype(int) - [xy0.getX(), xy0.getY()]).T
        (left, right), (bottom, top) = (column - half[0], column + half[0] + 1), (row - half[1],
                                                                                  row + half[1] + 1)
        isClean = sums[top, right] - sums[top, left] - sums[bottom, right] + sums[bottom, left] == 0
        polygon = exposure.getInfo().getValidPolygon()
        if polygon is None:
            return isClean
        return isClean & findInPolygon(positions[:, 0], positions[:, 1], polygon)

    def summarize(self, flux: np.ndarray, fluxErr: np.ndarray) -> pipeBase.Struct:
        """Compare the scatter of the fluxes with their errors.

        Parameters
        ----------
        flux, fluxErr : `numpy.ndarray`, (m,)
            Fluxes at the control positions and their errors, nJy.

        Returns
        -------
        summary : `lsst.pipe.base.Struct`
            With ``errScale``, half the width of the central 68.3 % of
            flux/fluxErr; ``zeroOffset``, the median of the fluxes, nJy; and
            ``n``, the number of positions with a flux. Both are NaN if those
            are too few.
        """
        isGood = isMeasured(flux, fluxErr)
        summary = pipeBase.Struct(errScale=np.nan, zeroOffset=np.nan, n=int(isGood.sum()))
        if summary.n < self.config.nMin:
            self.log.warning("Only %d control positions have a flux, %d are needed: nothing is said of the "
                             "errors of this image", summary.n, self.config.nMin)
            return summary
        # Percentiles, which a few positions on something real hardly change.
        low, high = np.percentile(flux[isGood]/fluxErr[isGood], ONE_SIGMA)
        summary.errScale = 0.5*(high - low)
        summary.zeroOffset = float(np.median(flux[isGood]))
        return summary


def _keepApart(positions: np.ndarray, objects: np.ndarray, separation: float) -> np.ndarray:
    """Return the positions that are far from objects and from the earlier ones returned."""
    if len(objects):
        positions = positions[cKDTree(objects).query(positions)[0] >= separation]
    # The earlier first: of two that are too close the later one goes.
    pairs = np.sort(cKDTree(positions).query_pairs(separation, output_type="ndarray"), axis=1)
    isKept = np.ones(len(positions), dtype=bool)
    while len(pairs):
        # What comes second in no pair is sure to be kept.
        isKept[pairs[~np.isin(pairs[:, 0], pairs[:, 1]), 1]] = False
        pairs = pairs[isKept[pairs].all(axis=1)]
    return positions[isKept]
