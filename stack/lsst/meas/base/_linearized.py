# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""`SkyWcs.linearizePixelToSky` at many positions."""

import numpy as np

__all__ = ["linearizePixelToSkyArray"]


def linearizePixelToSkyArray(wcs, x, y):
    """Approximate a WCS near many positions, by steps of one pixel.

    Parameters
    ----------
    wcs : `lsst.afw.geom.SkyWcs`
        The WCS.
    x, y : `numpy.ndarray`, (n,)
        Positions (pixels).

    Returns
    -------
    matrices : `numpy.ndarray`, (n, 2, 2)
        The linear parts of the approximations: offsets in the tangent plane towards east and north
        (radians) for a step in x and for one in y.
    """
    ra, dec = wcs.pixelToSkyArray(x, y)
    matrices = np.empty((len(ra), 2, 2))
    for column, (dx, dy) in enumerate(((1, 0), (0, 1))):
        matrices[:, :, column] = _project(ra, dec, *wcs.pixelToSkyArray(x + dx, y + dy))
    return matrices


def _project(ra0, dec0, ra, dec):
    """Return the offsets of positions in the planes that are tangent at others (gnomonic projection)."""
    sin0, cos0, sin, cos = np.sin(dec0), np.cos(dec0), np.sin(dec), np.cos(dec)
    cosRa = np.cos(ra - ra0)
    scale = sin0 * sin + cos0 * cos * cosRa
    east = cos * np.sin(ra - ra0)
    north = cos0 * sin - sin0 * cos * cosRa
    return np.stack([east, north], axis=-1) / scale[:, np.newaxis]
