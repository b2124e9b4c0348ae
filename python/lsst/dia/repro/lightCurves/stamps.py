# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Cut stamps of a DIAObject out of difference images."""

__all__ = ["StampReader", "chooseEpochs"]

import lsst.geom as geom
import numpy as np


class StampReader:
    """Reads the surroundings of an object on difference images.

    Parameters
    ----------
    butler : `lsst.daf.persistence.Butler`
        Where the images are.
    imageDataset : `str`
        Name of the difference image dataset.
    size : `int`
        Width and height of the stamps, pixels.
    """

    def __init__(self, butler, imageDataset, size):
        self._butler = butler
        self._dataset = imageDataset
        self._size = size

    def read(self, dataId, x, y):
        """Read one stamp.

        Parameters
        ----------
        dataId : `dict`
            Data ID of the image.
        x, y : `float`
            Position on the image, pixels.

        Returns
        -------
        stamp : `numpy.ndarray`, (size, size)
            The pixels about the position, counts; NaN beyond the image.
        """
        stamp = np.full((self._size, self._size), np.nan)
        corner = geom.Point2I(*(int(round(value)) - self._size//2 for value in (x, y)))
        wanted = geom.Box2I(corner, geom.Extent2I(self._size, self._size))
        box = geom.Box2I(wanted)
        box.clip(self._butler.get(self._dataset + "_bbox", dataId, immediate=True))
        if not box.isEmpty():
            rows, columns = (slice(low, high) for low, high in (
                (box.getBeginY() - wanted.getBeginY(), box.getEndY() - wanted.getBeginY()),
                (box.getBeginX() - wanted.getBeginX(), box.getEndX() - wanted.getBeginX())))
            stamp[rows, columns] = self._readPixels(dataId, box)
        return stamp

    def _readPixels(self, dataId, box):
        """Read a part of an image; all of it where the mapper knows no parts."""
        try:
            return self._butler.get(self._dataset + "_sub", dataId, bbox=box, immediate=True).image.array
        except AttributeError:
            return self._butler.get(self._dataset, dataId, immediate=True).image[box].array


def chooseEpochs(mjd, snr, isUsable, threshold, number):
    """Choose the measurements to show stamps of.

    Parameters
    ----------
    mjd, snr : `numpy.ndarray`, (N,)
        Times, in order, and signal-to-noise of the measurements.
    isUsable : `numpy.ndarray`, (N,)
        Which of them count, bool.
    threshold : `float`
        Least absolute signal-to-noise of a detection.
    number : `int`
        How many to choose.

    Returns
    -------
    rows : `numpy.ndarray`
        At most ``number`` rows, in order: the peak, the measurements just
        before and after all detections, and detections spread in time; where
        these are too few, others.
    """
    usable = np.flatnonzero(isUsable & np.isfinite(mjd))
    detected = usable[np.abs(snr[usable]) >= threshold]
    chosen = []
    if len(detected):
        before, after = usable[usable < detected[0]], usable[usable > detected[-1]]
        chosen += [detected[np.argmax(np.abs(snr[detected]))]]
        chosen += list(before[-1:]) + list(after[:1])
    for candidates in (detected, usable):
        left = np.setdiff1d(candidates, chosen)
        while len(left) and len(chosen) < number:
            # The one that is farthest in time from all chosen so far.
            distance = np.abs(mjd[left][:, np.newaxis] - mjd[chosen]) if chosen else mjd[left][:, np.newaxis]
            chosen.append(left[np.argmax(distance.min(axis=1))])
            left = np.setdiff1d(left, chosen)
    return np.sort(np.array(chosen[:number], dtype=int))
