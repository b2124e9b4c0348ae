# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Pictures of objects on their difference images."""

from __future__ import annotations

__all__ = ["ObjectStamps"]

import logging
import os
from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.image import imsave

from ..describeError import describeError
from ..lightCurves.lightCurveFigure import chooseEpochs, greyRange
from ..lightCurves.lightCurveProducts import DifferenceImages
from ..lightCurves.usableMeasurements import usableRows
from ..progress import trackProgress
from .reportInputs import ReportInputs

#: Most stamps of an object.
MAX_STAMPS = 12

#: Width and height of a stamp, pixels.
SIZE = 41


class ObjectStamps:
    """Makes a strip of stamps of each of some objects.

    Parameters
    ----------
    inputs : `ReportInputs`
        What the report is made of.
    directory : `str`
        Folder of the report.
    log : `logging.Logger`
        Where to warn.
    """

    def __init__(self, inputs: ReportInputs, directory: str, log: logging.Logger) -> None:
        self._inputs, self._directory, self._log = inputs, directory, log
        self._failures: list[str] = []

    def make(self, objectIds: Sequence[int]) -> dict[int, dict[str, Any]]:
        """Write the strips of some objects.

        Parameters
        ----------
        objectIds : sequence [`int`]
            Ids of the DIAObjects.

        Returns
        -------
        strips : `dict` [`int`, `dict`]
            Of each object that has any stamp, what its page needs: ``file``,
            and ``images``, the id of the image of each stamp.
        """
        images = self._inputs.images
        if images is None:
            return {}
        strips = {}
        for objectId in trackProgress(objectIds, self._log, "Making stamps"):
            stamps = self._read(objectId, images)
            if stamps:
                name = f"stamps/{objectId}.png"
                self._write(os.path.join(self._directory, name), [pixels for _, pixels in stamps])
                strips[objectId] = {"file": name, "images": [image for image, _ in stamps]}
        if self._failures:
            self._log.warning("%d stamps could not be made; the first: %s", len(self._failures),
                              self._failures[0])
        return strips

    def _read(self, objectId: int, images: DifferenceImages) -> list[tuple[int, np.ndarray]]:
        """Return ids of images and the stamps on them, in order of time."""
        table = self._inputs.curves.read(objectId)
        usable = usableRows(table, self._inputs.badFlags)
        flux, fluxErr, mjd = (np.ma.getdata(table[name]).astype(float)
                              for name in ("psfDiffFlux", "psfDiffFluxErr", "midpointMjdTai"))
        with np.errstate(invalid="ignore", divide="ignore"):
            snr = np.where(usable, flux/fluxErr, 0.0)
        rows = chooseEpochs(mjd, snr, usable, self._inputs.threshold, MAX_STAMPS)
        stamps = []
        for row in table[rows]:
            dataId = {key: row[key].item() for key in self._inputs.curves.dataIdKeys}
            try:
                pixels = images.readStamp(dataId, row["x"], row["y"], SIZE)
            except Exception as error:
                # The page is worth having without it.
                self._failures.append(f"dataId={dataId}: {describeError(error)}")
                continue
            stamps.append((int(row["ccdExposureId"]), pixels))
        return stamps

    @staticmethod
    def _write(path: str, stamps: Sequence[np.ndarray]) -> None:
        """Write stamps side by side as one picture, each with its own greys."""
        greys = []
        for stamp in stamps:
            low, high = greyRange(stamp)
            greys.append(np.nan_to_num(np.clip((stamp - low)/(high - low), 0, 1)))
        imsave(path, np.hstack(greys), cmap="gray", vmin=0, vmax=1, origin="lower")
