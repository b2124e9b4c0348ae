# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""The calibration of an image at the positions of its sources, and the fluxes that it gives."""

from __future__ import annotations

__all__ = ["PhotoCalibError", "calibrateFluxes", "localCalibration", "readCalibration"]

import math

import numpy as np
from lsst.afw.image import PhotoCalib
from lsst.afw.table import SourceCatalog
from lsst.pipe.base import TaskError

from .exposureHandle import ExposureHandle


class PhotoCalibError(TaskError):
    """A difference image cannot calibrate fluxes; the message names it, and needs no other file's name."""


def readCalibration(exposure: ExposureHandle, imageDataset: str) -> PhotoCalib:
    """Read the calibration of a difference image, and refuse one that is none.

    Parameters
    ----------
    exposure : `ExposureHandle`
        The exposure.
    imageDataset : `str`
        What difference images are called in messages.

    Returns
    -------
    photoCalib : `lsst.afw.image.PhotoCalib`
        The calibration; its mean is finite and positive.

    Raises
    ------
    PhotoCalibError
        Raised if it cannot be read, is not there, or has another mean.
    """
    try:
        photoCalib = exposure.readPhotoCalib()
        if photoCalib is None:
            raise TaskError("it has no PhotoCalib")
        mean = photoCalib.getCalibrationMean()
        if not (math.isfinite(mean) and mean > 0):
            raise TaskError(f"its PhotoCalib is {mean:g} nJy a count")
    except Exception as error:
        raise PhotoCalibError(f"{imageDataset} cannot calibrate it: "
                              + exposure.describeError(error, imageDataset)) from error
    return photoCalib


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
        or from `localCalibration`. What is not a positive number calibrates
        nothing.

    Returns
    -------
    flux, fluxErr : `numpy.ndarray`, (N,)
        Fluxes and their errors, nJy; NaN without a calibration.
    """
    scale = np.where(np.isfinite(scale) & (scale > 0.0), scale, np.nan)
    instFlux, instFluxErr = (np.asarray(catalog[fluxField + name]) for name in ("_instFlux", "_instFluxErr"))
    return instFlux*scale, instFluxErr*scale
