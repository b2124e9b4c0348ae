# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""The calibration of an image at the positions of its sources, and the fluxes that it gives."""

from __future__ import annotations

__all__ = ["calibrateFluxes", "localCalibration"]

import numpy as np
from lsst.afw.image import PhotoCalib
from lsst.afw.table import SourceCatalog


def localCalibration(photoCalib: PhotoCalib, catalog: SourceCatalog, fluxField: str) -> np.ndarray:
    """Return what the fluxes of a catalog are to be multiplied with.

    Parameters
    ----------
    photoCalib : `lsst.afw.image.PhotoCalib`
        Calibration of the image.
    catalog : `lsst.afw.table.SourceCatalog`, (N,)
        Sources on the image, with a centroid slot.
    fluxField : `str`
        Prefix of a flux: the columns ``_instFlux`` and ``_instFluxErr``.

    Returns
    -------
    scale : `numpy.ndarray`, (N,)
        nJy a count at each source; the mean of the image where the flux is 0.
    """
    flux = photoCalib.instFluxToNanojansky(catalog, fluxField)[:, 0]
    instFlux = np.asarray(catalog[fluxField + "_instFlux"])
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(instFlux == 0, photoCalib.getCalibrationMean(), flux/instFlux)


def calibrateFluxes(catalog: SourceCatalog, fluxField: str,
                    scale: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the fluxes of a catalog in nJy; the calibration's own error is left out.

    Parameters
    ----------
    catalog : `lsst.afw.table.SourceCatalog`, (N,)
        Sources on an image.
    fluxField : `str`
        Prefix of a flux: the columns ``_instFlux`` and ``_instFluxErr``.
    scale : `numpy.ndarray`, (N,)
        nJy a count at each source, as in the column ``base_LocalPhotoCalib``
        or from `localCalibration`.

    Returns
    -------
    flux, fluxErr : `numpy.ndarray`, (N,)
        Fluxes and their errors, nJy.
    """
    instFlux, instFluxErr = (np.asarray(catalog[fluxField + name]) for name in ("_instFlux", "_instFluxErr"))
    return instFlux*scale, instFluxErr*scale
