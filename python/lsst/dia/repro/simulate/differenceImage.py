# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Make a difference image of what is to be seen on it."""

from __future__ import annotations

__all__ = ["PIXEL_SCALE", "makeDifferenceImage"]

from collections.abc import Callable

import lsst.afw.geom as afwGeom
import lsst.afw.image as afwImage
import lsst.geom as geom
import numpy as np
from lsst.daf.base import DateTime

from .psfs import makePsf
from .visitPlan import Sensor, Visit

#: Width of a pixel, arcsec.
PIXEL_SCALE = 0.2


def makeDifferenceImage(
    rng: np.random.Generator, visit: Visit, sensor: Sensor, size: int, psfKind: str,
    sources: Callable[[afwGeom.SkyWcs], tuple[np.ndarray, np.ndarray, np.ndarray]],
) -> tuple[afwImage.ExposureF, np.ndarray, np.ndarray, np.ndarray]:
    """Make a difference image.

    Parameters
    ----------
    rng : `numpy.random.Generator`
        Source of all randomness.
    visit : `Visit`
        What the exposure is like.
    sensor : `Sensor`
        Which part of the focal plane it is.
    size : `int`
        Width and height, pixels.
    psfKind : `str`
        One of `PSF_KINDS`.
    sources : `callable`
        Given the WCS, returns x, y and flux (nJy) of the objects, arrays.

    Returns
    -------
    exposure : `lsst.afw.image.ExposureF`
        The image: noise, point sources, and masks.
    x, y, instFlux : `numpy.ndarray`, (N,)
        What was put in: positions, pixels, and fluxes, counts.
    """
    exposure = afwImage.ExposureF(geom.Box2I(geom.Point2I(0, 0), geom.Extent2I(size, size)))
    exposure.setWcs(_makeWcs(visit, sensor, size))
    exposure.setPsf(makePsf(psfKind, visit.psfSigma, exposure.getWcs(), exposure.getBBox()))
    exposure.setPhotoCalib(afwImage.PhotoCalib(visit.nanojanskyPerCount, 0.005*visit.nanojanskyPerCount))
    exposure.setFilterLabel(afwImage.FilterLabel(band=visit.band, physical=visit.band))
    exposure.getInfo().setVisitInfo(_makeVisitInfo(visit, sensor))
    x, y, flux = sources(exposure.getWcs())
    instFlux = flux/visit.nanojanskyPerCount
    # The sky brightens by a tenth over the image.
    exposure.variance.array[:] = visit.skyVariance*np.linspace(0.95, 1.05, size)
    for position in zip(x, y, instFlux):
        _addSource(exposure, *position)
    exposure.image.array[:] += rng.normal(0, 1, (size, size))*np.sqrt(exposure.variance.array)
    _addDefects(rng, exposure)
    return exposure, x, y, instFlux


def _makeWcs(visit: Visit, sensor: Sensor, size: int) -> afwGeom.SkyWcs:
    scale = PIXEL_SCALE*geom.arcseconds
    center = geom.SpherePoint(visit.ra, visit.dec, geom.degrees)
    cdMatrix = afwGeom.makeCdMatrix(scale=scale, orientation=visit.rotation*geom.degrees, flipX=True)
    # Sensors are twenty pixels apart.
    crpix = geom.Point2D(0.5*(size - 1) - sensor.x*(size + 20), 0.5*(size - 1) - sensor.y*(size + 20))
    return afwGeom.makeSkyWcs(crpix=crpix, crval=center, cdMatrix=cdMatrix)


def _makeVisitInfo(visit: Visit, sensor: Sensor) -> afwImage.VisitInfo:
    return afwImage.VisitInfo(
        exposureId=sensor.exposureId(visit.number), exposureTime=30.0, darkTime=30.0,
        date=DateTime(visit.mjd, DateTime.MJD, DateTime.TAI),
        boresightRaDec=geom.SpherePoint(visit.ra, visit.dec, geom.degrees))


def _addSource(exposure: afwImage.ExposureF, x: float, y: float, instFlux: float) -> None:
    """Add a point source, and the noise of its photons, to an image."""
    stamp = exposure.getPsf().computeImage(geom.Point2D(x, y))
    box = stamp.getBBox()
    box.clip(exposure.getBBox())
    if box.isEmpty():
        return
    counts = instFlux*stamp[box].array
    exposure.image[box].array[:] += counts
    # Photons of the science image where it is brighter, of the template where that is.
    exposure.variance[box].array[:] += np.abs(counts)


def _addDefects(rng: np.random.Generator, exposure: afwImage.ExposureF) -> None:
    """Put in a bad column and cosmic rays, interpolated over, an edge, and a corner without data."""
    mask, image = exposure.mask, exposure.image
    height, width = image.array.shape
    bit = {plane: mask.getPlaneBitMask(plane) for plane in ("BAD", "CR", "INTRP", "EDGE", "NO_DATA")}
    column = np.full(height, rng.integers(1, width - 1))
    _interpolate(exposure, np.arange(height), column, bit["BAD"] | bit["INTRP"])
    rays = rng.integers([0, 1], [height, width - 1], (5, 2))
    _interpolate(exposure, rays[:, 0], rays[:, 1], bit["CR"] | bit["INTRP"])
    for edge in (np.s_[:3], np.s_[-3:], np.s_[:, :3], np.s_[:, -3:]):
        mask.array[edge] |= bit["EDGE"]
    corner = np.s_[:height//16, :width//16]
    mask.array[corner] |= bit["NO_DATA"]
    image.array[corner] = np.nan
    exposure.variance.array[corner] = np.inf


def _interpolate(exposure: afwImage.ExposureF, row: np.ndarray, column: np.ndarray, bits: int) -> None:
    """Put the mean of their neighbours in place of pixels, and mark them."""
    pixels = exposure.image.array
    pixels[row, column] = 0.5*(pixels[row, column - 1] + pixels[row, column + 1])
    exposure.mask.array[row, column] |= bits
