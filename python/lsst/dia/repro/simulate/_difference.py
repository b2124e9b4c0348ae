# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Simulated difference images."""

__all__ = ["makeDifference", "makePsf"]

import lsst.afw.geom as afwGeom
import lsst.afw.image as afwImage
import lsst.afw.math as afwMath
import lsst.geom as geom
import numpy as np
from lsst.daf.base import DateTime
from lsst.meas.algorithms import DoubleGaussianPsf, KernelPsf, SingleGaussianPsf

#: Width of the PSF images, pixels.
PSF_SIZE = 41


def makePsf(sigma, kind):
    """Make a PSF.

    Parameters
    ----------
    sigma : `float`
        Width, pixels.
    kind : `int`
        Picks the class: a kernel image of a Moffat profile, a double or a
        single Gaussian.

    Returns
    -------
    psf : `lsst.afw.detection.Psf`
        The PSF.
    """
    if kind % 3 == 1:
        return DoubleGaussianPsf(PSF_SIZE, PSF_SIZE, sigma, 2*sigma, 0.1)
    if kind % 3 == 2:
        return SingleGaussianPsf(PSF_SIZE, PSF_SIZE, sigma)
    half = PSF_SIZE//2
    y, x = np.mgrid[-half:half + 1, -half:half + 1]
    image = afwImage.ImageD(PSF_SIZE, PSF_SIZE)
    image.array[:] = (1 + (x**2 + 1.1*y**2)/(7*sigma**2))**-3.5
    image.array /= image.array.sum()
    return KernelPsf(afwMath.FixedKernel(image))


def makeDifference(rng, visit, sensor, size, sources):
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
    exposure.setPsf(makePsf(visit.psfSigma, visit.number))
    exposure.setPhotoCalib(afwImage.PhotoCalib(visit.nanojanskyPerCount, 0.005*visit.nanojanskyPerCount))
    exposure.setFilterLabel(afwImage.FilterLabel(band=visit.band, physical=visit.band))
    exposure.getInfo().setVisitInfo(_makeVisitInfo(visit, sensor))
    x, y, flux = sources(exposure.getWcs())
    instFlux = flux/visit.nanojanskyPerCount
    exposure.variance.array[:] = visit.skyVariance
    for position in zip(x, y, instFlux):
        _addSource(exposure, *position)
    exposure.image.array[:] += rng.normal(0, 1, (size, size))*np.sqrt(exposure.variance.array)
    _addDefects(rng, exposure)
    return exposure, x, y, instFlux


def _makeWcs(visit, sensor, size):
    scale = 0.2*geom.arcseconds
    center = geom.SpherePoint(visit.ra, visit.dec, geom.degrees)
    cdMatrix = afwGeom.makeCdMatrix(scale=scale, orientation=visit.rotation*geom.degrees, flipX=True)
    crpix = geom.Point2D(0.5*(size - 1) - sensor.x*(size + 20), 0.5*(size - 1) - sensor.y*(size + 20))
    return afwGeom.makeSkyWcs(crpix=crpix, crval=center, cdMatrix=cdMatrix)


def _makeVisitInfo(visit, sensor):
    return afwImage.VisitInfo(
        exposureId=sensor.exposureId(visit.number), exposureTime=30.0, darkTime=30.0,
        date=DateTime(visit.mjd, DateTime.MJD, DateTime.TAI),
        boresightRaDec=geom.SpherePoint(visit.ra, visit.dec, geom.degrees))


def _addSource(exposure, x, y, instFlux):
    """Add a point source, and the noise of its photons, to an image."""
    stamp = exposure.getPsf().computeImage(geom.Point2D(x, y))
    box = stamp.getBBox()
    box.clip(exposure.getBBox())
    if box.isEmpty():
        return
    counts = instFlux*stamp[box].array
    exposure.image[box].array[:] += counts
    exposure.variance[box].array[:] += np.abs(counts)


def _addDefects(rng, exposure):
    """Put in a bad column, cosmic rays, an edge, and a corner without data."""
    mask, image = exposure.mask, exposure.image
    height, width = image.array.shape
    bit = {plane: mask.getPlaneBitMask(plane) for plane in ("BAD", "CR", "INTRP", "EDGE", "NO_DATA")}
    mask.array[:, rng.integers(width)] |= bit["BAD"] | bit["INTRP"]
    rays = rng.integers(0, [height, width], (5, 2))
    mask.array[rays[:, 0], rays[:, 1]] |= bit["CR"] | bit["INTRP"]
    for edge in (np.s_[:3], np.s_[-3:], np.s_[:, :3], np.s_[:, -3:]):
        mask.array[edge] |= bit["EDGE"]
    corner = np.s_[:height//16, :width//16]
    mask.array[corner] |= bit["NO_DATA"]
    image.array[corner] = np.nan
    exposure.variance.array[corner] = np.inf
