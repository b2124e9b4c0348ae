# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Difference images that were read last."""

from __future__ import annotations

__all__ = ["ImageCache"]

from collections import OrderedDict
from typing import Callable

from lsst.afw.image import ExposureF

MEBIBYTE = 2**20


class ImageCache:
    """Keeps the images used last, as far as there is room.

    Parameters
    ----------
    size : `float`
        Room, MiB; the image in hand is kept, however large it is.
    """

    def __init__(self, size: float) -> None:
        self._room = size*MEBIBYTE
        self._images: OrderedDict[int, ExposureF] = OrderedDict()
        self._nBytes = 0

    def get(self, exposureId: int, read: Callable[[], ExposureF]) -> ExposureF:
        """Return an image.

        Parameters
        ----------
        exposureId : `int`
            Its number.
        read : callable
            Reads it; what it raises is raised here.

        Returns
        -------
        image : `lsst.afw.image.ExposureF`
            The image; not to be changed.
        """
        if exposureId not in self._images:
            image = read()
            self._images[exposureId] = image
            self._nBytes += _countBytes(image)
        self._images.move_to_end(exposureId)
        while self._nBytes > self._room and len(self._images) > 1:
            self._nBytes -= _countBytes(self._images.popitem(last=False)[1])
        return self._images[exposureId]


def _countBytes(image: ExposureF) -> int:
    return sum(plane.array.nbytes for plane in (image.image, image.mask, image.variance))
