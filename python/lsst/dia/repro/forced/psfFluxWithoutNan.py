# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""PSF fluxes without the pixels that are not finite."""

from __future__ import annotations

__all__ = ["PsfFit", "fitWithoutNan"]

from collections.abc import Sequence

import numpy as np
from lsst.afw.table import SourceCatalog

from .psfStamps import PsfStamp, PsfStamps

NAME = "base_PsfFlux"


class PsfFit:
    """An unweighted fit of the PSF to some of its pixels, as base_PsfFlux makes it.

    With the PSF phi, data d and variance v, over the good pixels:
    flux = sum(phi d)/sum(phi^2), error = sqrt(sum(phi^2 v))/sum(phi^2),
    area = sum(phi)/sum(phi^2), chi2 = sum((d - flux phi)^2/v).

    Parameters
    ----------
    stamp : `PsfStamp`
        The PSF and the pixels.

    Attributes
    ----------
    flux, error, area, chi2 : `float`
        Results; NaN if no pixel is good.
    nPixels : `int`
        Number of good pixels.
    usedFraction : `float`
        Their part of sum(phi^2) of the whole PSF, off the image too: the part
        of the weight that the fit would give the pixels. The error grows with
        the inverse of its square root.
    """

    def __init__(self, stamp: PsfStamp) -> None:
        isGood = stamp.isUsable & stamp.isFinite
        psf, data, variance = (array[isGood] for array in (stamp.psf, stamp.data, stamp.variance))
        weight = psf @ psf
        self.nPixels = len(psf)
        self.usedFraction = weight/stamp.weight
        # Without good pixels this is 0/0, the NaN that is meant.
        with np.errstate(all="ignore"):
            self.flux = (psf @ data)/weight
            self.error = np.sqrt((psf**2) @ variance)/weight
            self.area = psf.sum()/weight
            self.chi2 = ((data - self.flux*psf)**2/variance).sum()


def fitWithoutNan(catalog: SourceCatalog, x: np.ndarray, y: np.ndarray, wasRun: np.ndarray, stamps: PsfStamps,
                  badMaskPlanes: Sequence[str], minFraction: float) -> None:
    """Replace the PSF fluxes that a pixel made fail by those of the other pixels.

    Only sources that failed, or whose PSF is not wholly on used pixels, are
    looked at.

    Parameters
    ----------
    catalog : `lsst.afw.table.SourceCatalog`
        Measurements, contiguous; the fields of base_PsfFlux and
        ``psfUsedFraction`` are changed.
    x, y : `numpy.ndarray`, (n,)
        Pixel positions.
    wasRun : `numpy.ndarray`, (n,)
        Whether each source was measured at all, bool.
    stamps : `PsfStamps`
        The PSF and the pixels.
    badMaskPlanes : sequence of `str`
        Mask planes that base_PsfFlux leaves out.
    minFraction : `float`
        Sources of which less was used get no flux.
    """
    flux, error = catalog[NAME + "_instFlux"], catalog[NAME + "_instFluxErr"]
    isMeasured = np.isfinite(flux) & np.isfinite(error)
    fraction = np.where(isMeasured, 1.0, np.nan)
    # With the edge flag there may be a flux, but not of the whole PSF.
    isPartial = wasRun & (~isMeasured | np.array(catalog[NAME + "_flag_edge"]))
    if badMaskPlanes:
        # base_PsfFlux leaves masked pixels out without a flag; only their number tells.
        nPixels = catalog[NAME + "_npixels"]
        for i in np.flatnonzero(wasRun & ~isPartial):
            isPartial[i] = nPixels[i] < stamps.countPixels(x[i], y[i])
    for i in np.flatnonzero(isPartial):
        stamp = stamps.at(x[i], y[i])
        if stamp is None:
            continue
        fit = PsfFit(stamp)
        fraction[i] = fit.usedFraction
        # A flux that base_PsfFlux has given stays.
        if not isMeasured[i] and fit.usedFraction >= minFraction:
            _store(catalog, int(i), fit, stamp.isClipped)
    catalog["psfUsedFraction"] = fraction.astype(np.float32)


def _store(catalog: SourceCatalog, row: int, fit: PsfFit, isClipped: bool) -> None:
    """Store a fit in the fields of base_PsfFlux, which flags a PSF that is partly off the image."""
    if not (np.isfinite(fit.flux) and np.isfinite(fit.error)):
        return
    record = catalog[row]
    record[NAME + "_instFlux"] = fit.flux
    record[NAME + "_instFluxErr"] = fit.error
    record[NAME + "_area"] = fit.area
    record[NAME + "_chi2"] = fit.chi2
    record[NAME + "_npixels"] = fit.nPixels
    record[NAME + "_flag"] = isClipped
