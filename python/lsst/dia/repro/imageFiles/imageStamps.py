# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Parts of difference images in files, for plots."""

from __future__ import annotations

__all__ = ["ImageStamps"]

from collections.abc import Mapping
from typing import Any

import numpy as np
from lsst.afw.geom import SkyWcs
from lsst.afw.image import ExposureFitsReader
from lsst.geom import Box2I

from ..lightCurves.lightCurveProducts import DifferenceImages
from .rubinImages import isRubinImage, readRubinBox, readRubinImage, readRubinPixels


class ImageStamps(DifferenceImages):
    """Reads parts of difference images in files."""

    def __init__(self) -> None:
        self._paths: dict[tuple[int, int, str], str] = {}

    def add(self, dataId: Mapping[str, Any], path: str) -> None:
        """Add an image.

        Parameters
        ----------
        dataId : `dict`
            Its data ID.
        path : `str`
            Its file.
        """
        self._paths[_makeKey(dataId)] = path

    def readBox(self, dataId: Mapping[str, Any]) -> Box2I:
        """Return the bounding box of an image; see `DifferenceImages`."""
        path = self._find(dataId)
        return readRubinBox(path) if isRubinImage(path) else ExposureFitsReader(path).readBBox()

    def readWcs(self, dataId: Mapping[str, Any]) -> SkyWcs | None:
        """Return the WCS of an image; see `DifferenceImages`."""
        path = self._find(dataId)
        return readRubinImage(path).getWcs() if isRubinImage(path) else ExposureFitsReader(path).readWcs()

    def readPixels(self, dataId: Mapping[str, Any], box: Box2I) -> np.ndarray:
        """Return a part of an image; see `DifferenceImages`."""
        path = self._find(dataId)
        if isRubinImage(path):
            return readRubinPixels(path, box)
        return ExposureFitsReader(path).readImage(box).array

    def _find(self, dataId: Mapping[str, Any]) -> str:
        """Return the file of an image."""
        path = self._paths.get(_makeKey(dataId))
        if path is None:
            raise LookupError("it is none of the images")
        return path


def _makeKey(dataId: Mapping[str, Any]) -> tuple[int, int, str]:
    # In a table the instrument of an image that does not tell is empty.
    return dataId["visit"], dataId["detector"], dataId.get("instrument", "")
