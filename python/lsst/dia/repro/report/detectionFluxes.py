# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Forced fluxes at the detections."""

from __future__ import annotations

__all__ = ["DetectionFluxes"]

import numpy as np
import pyarrow as pa
from lsst.afw.table import SourceCatalog

from ..measuredFlux import isMeasured
from ..segments import expandRuns

#: What tells of a DIASource which forced measurement is of it, and its flux, nJy.
KEYS = ("diaObjectId", "ccdExposureId")
FLUX = ("base_PsfFlux_flux", "base_PsfFlux_fluxErr")


class DetectionFluxes:
    """Fluxes of DIASources beside those forced at their DIAObjects on the same images.

    Parameters
    ----------
    diaSources : `lsst.afw.table.SourceCatalog` or `None`
        The DIASources.

    Attributes
    ----------
    missing : `str`
        Why nothing can be compared, if so.
    detected, detectedErr : `numpy.ndarray`, (N,)
        Fluxes of the DIASources that have a DIAObject, and their errors, nJy;
        no row where either is not finite.
    forced : `numpy.ndarray`, (N,)
        Forced fluxes, nJy; NaN where there is none that is usable.
    image : `numpy.ndarray`, (N,)
        Number of the image, -1 likewise.
    """

    #: The columns of light curves that `add` needs.
    columns = ("diaObjectId", "ccdExposureId", "psfDiffFlux")

    def __init__(self, diaSources: SourceCatalog | None) -> None:
        self.missing = _sayWhatIsMissing(diaSources)
        objectIds, imageIds, detected, detectedErr = (
            np.array(diaSources[name]) if diaSources is not None and not self.missing else np.zeros(0, dtype)
            for name, dtype in zip(KEYS + FLUX, (np.int64, np.int64, float, float)))
        isGood = (objectIds != 0) & isMeasured(detected, detectedErr)
        self._objectIds, self._imageIds = np.unique(objectIds[isGood]), np.unique(imageIds[isGood])
        keys = self._makeKeys(objectIds[isGood], imageIds[isGood])
        order = np.argsort(keys, kind="stable")
        self._keys = keys[order]
        self.detected, self.detectedErr = detected[isGood][order], detectedErr[isGood][order]
        self.forced = np.full(len(keys), np.nan)
        self.image = np.full(len(keys), -1, dtype=np.int32)

    def add(self, rows: pa.Table, image: np.ndarray, usable: np.ndarray) -> None:
        """Add rows of light curves.

        Parameters
        ----------
        rows : `pyarrow.Table`, (N,)
            The rows, with `columns`.
        image : `numpy.ndarray`, (N,)
            Number of the image of each.
        usable : `numpy.ndarray`, (N,)
            Which measurements count, bool.
        """
        objectIds, imageIds, flux = (rows[name].to_numpy()[usable] for name in self.columns)
        isOurs = np.isin(objectIds, self._objectIds) & np.isin(imageIds, self._imageIds)
        keys = self._makeKeys(objectIds[isOurs], imageIds[isOurs])
        first, last = (np.searchsorted(self._keys, keys, side) for side in ("left", "right"))
        # Two DIASources of an object on one image have the same forced flux.
        repeats = last - first
        place = expandRuns(first, repeats)
        self.forced[place] = np.repeat(flux[isOurs], repeats)
        self.image[place] = np.repeat(image[usable][isOurs], repeats)

    def _makeKeys(self, objectIds: np.ndarray, imageIds: np.ndarray) -> np.ndarray:
        """Return a number for each pair of ids that are all known, (n,), int64."""
        return (np.searchsorted(self._objectIds, objectIds)*np.int64(len(self._imageIds))
                + np.searchsorted(self._imageIds, imageIds))


def _sayWhatIsMissing(diaSources: SourceCatalog | None) -> str:
    """Say why nothing can be compared, if so."""
    if diaSources is None:
        return "There is no reproDIASources."
    absent = [name for name in KEYS + FLUX if name not in diaSources.schema.getNames()]
    if not absent:
        return ""
    return (f"reproDIASources has no {', '.join(absent)}; with loader.doCalibrate=True diaObjectMaker.py "
            "writes fluxes in nJy.")
