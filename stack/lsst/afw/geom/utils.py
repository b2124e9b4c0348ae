# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Comparison of WCSs."""

__all__ = ["wcsAlmostEqualOverBBox"]

import lsst.utils.tests
import numpy as np

from lsst.geom import Angle, Box2D, Point2D, SpherePoint, arcseconds, radians

from ._endpoint import GenericEndpoint, Point2Endpoint, SpherePointEndpoint


def wcsAlmostEqualOverBBox(
    wcs0, wcs1, bbox, maxDiffSky=0.01 * arcseconds, maxDiffPix=0.01, nx=5, ny=5
):
    """Compare two WCSs on a grid of pixels, both ways.

    Parameters
    ----------
    wcs0, wcs1 : `SkyWcs`
    bbox : `lsst.geom.Box2I` or `lsst.geom.Box2D`
        Extent of the grid.
    maxDiffSky : `lsst.geom.Angle`, optional
        Largest separation of sky positions allowed.
    maxDiffPix : `float`, optional
        Largest distance of pixel positions allowed.
    nx, ny : `int`, optional
        Size of the grid.

    Returns
    -------
    equal : `bool`

    Raises
    ------
    RuntimeError
        Raised if the grid has no pixels or a tolerance is negative.
    """
    return not _describeDifference(wcs0, wcs1, bbox, maxDiffSky, maxDiffPix, nx, ny)


@lsst.utils.tests.inTestCase
def assertWcsAlmostEqualOverBBox(
    testCase,
    wcs0,
    wcs1,
    bbox,
    maxDiffSky=0.01 * arcseconds,
    maxDiffPix=0.01,
    nx=5,
    ny=5,
    msg="WCSs differ",
):
    """Fail a test with the largest differences if `wcsAlmostEqualOverBBox` is false.

    Parameters
    ----------
    testCase : `unittest.TestCase`
    msg : `str`, optional
        Beginning of the message; the other parameters are those of `wcsAlmostEqualOverBBox`.
    """
    difference = _describeDifference(wcs0, wcs1, bbox, maxDiffSky, maxDiffPix, nx, ny)
    if difference:
        testCase.fail(f"{msg}: {difference}")


@lsst.utils.tests.inTestCase
def makeEndpoints(testCase):
    """Return a list of new endpoints of all classes."""
    return [GenericEndpoint(nAxes) for nAxes in range(1, 6)] + [Point2Endpoint(), SpherePointEndpoint()]


def _describeDifference(wcs0, wcs1, bbox, maxDiffSky, maxDiffPix, nx, ny):
    """Return what exceeds the tolerances most (`str`), empty if nothing does."""
    if nx < 1 or ny < 1:
        raise RuntimeError(f"nx = {nx} and ny = {ny} must both be positive")
    if maxDiffSky < 0 * arcseconds:
        raise RuntimeError(f"maxDiffSky = {maxDiffSky} must not be negative")
    if maxDiffPix < 0:
        raise RuntimeError(f"maxDiffPix = {maxDiffPix} must not be negative")
    bbox = Box2D(bbox)
    x, y = (
        grid.ravel()
        for grid in np.meshgrid(
            np.linspace(bbox.getMinX(), bbox.getMaxX(), nx), np.linspace(bbox.getMinY(), bbox.getMaxY(), ny)
        )
    )
    ra, dec = wcs0.pixelToSkyArray(x, y)
    separation = _separation(ra, dec, *wcs1.pixelToSkyArray(x, y))
    x0, y0 = wcs0.skyToPixelArray(ra, dec)
    x1, y1 = wcs1.skyToPixelArray(ra, dec)
    distance = np.hypot(x1 - x0, y1 - y0)

    messages = []
    worst = int(np.argmax(separation))
    measured = Angle(float(separation[worst]), radians)
    if measured > maxDiffSky:
        messages.append(
            f"{measured.asArcseconds()} arcsec max measured sky error > {maxDiffSky.asArcseconds()} arcsec "
            f"max allowed sky error at pix pos={Point2D(float(x[worst]), float(y[worst]))}"
        )
    worst = int(np.argmax(distance))
    if distance[worst] > maxDiffPix:
        messages.append(
            f"{distance[worst]} max measured pix error > {maxDiffPix} max allowed pix error "
            f"at sky pos={SpherePoint(float(ra[worst]), float(dec[worst]), radians)}"
        )
    return "; ".join(messages)


def _separation(ra0, dec0, ra1, dec1):
    """Return the angles (radians) between positions by the haversine formula."""
    haversine = np.sin((dec1 - dec0) / 2) ** 2 + np.cos(dec0) * np.cos(dec1) * np.sin((ra1 - ra0) / 2) ** 2
    return 2 * np.arcsin(np.sqrt(np.minimum(haversine, 1.0)))
