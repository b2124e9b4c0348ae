# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Shapes of a PSF at many positions."""

import numpy as np

__all__ = ["computePsfShapes"]


def computePsfShapes(psf, x, y):
    """Compute the moments of a PSF at many positions.

    Parameters
    ----------
    psf : `lsst.afw.detection.Psf`
        The PSF.
    x, y : `numpy.ndarray`, (n,)
        Positions (pixels).

    Returns
    -------
    moments : `numpy.ndarray`, (3, n)
        Ixx, Iyy, Ixy (pixels squared).
    """
    from lsst.geom import Point2D

    if psf._isFixed:
        return np.repeat(_getMoments(psf.computeShape())[:, np.newaxis], len(x), axis=1)
    shapes = [_getMoments(psf.computeShape(Point2D(*position))) for position in zip(x.tolist(), y.tolist())]
    return np.array(shapes).reshape(-1, 3).T


def _getMoments(shape):
    return np.array([shape.getIxx(), shape.getIyy(), shape.getIxy()])
