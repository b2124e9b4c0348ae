# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""PSFs of every kind that difference images are stored with."""

from __future__ import annotations

__all__ = ["PSF_KINDS", "makePsf"]

import lsst.afw.geom as afwGeom
import lsst.afw.image as afwImage
import lsst.afw.math as afwMath
import lsst.afw.table as afwTable
import lsst.geom as geom
import numpy as np
from lsst.afw.detection import GaussianPsf, Psf
from lsst.meas.algorithms import (
    CoaddPsf,
    DoubleGaussianPsf,
    KernelPsf,
    PcaPsf,
    SingleGaussianPsf,
    WarpedPsf,
)

#: Width of the PSF images, pixels.
PSF_SIZE = 41


def makePsf(kind: str, sigma: float, wcs: afwGeom.SkyWcs, box: geom.Box2I) -> Psf:
    """Make a PSF.

    Parameters
    ----------
    kind : `str`
        One of `PSF_KINDS`.
    sigma : `float`
        Width, pixels.
    wcs : `lsst.afw.geom.SkyWcs`
        WCS of the image.
    box : `lsst.geom.Box2I`
        Bounding box of the image.

    Returns
    -------
    psf : `lsst.afw.detection.Psf`
        The PSF.

    Raises
    ------
    KeyError
        Raised if there is no such kind.
    """
    return _MAKERS[kind](sigma, wcs, box)


def _moffat(sigma: float, ellipticity: float) -> afwMath.FixedKernel:
    """Return a kernel of a normalized, slightly elongated Moffat profile."""
    half = PSF_SIZE//2
    y, x = np.mgrid[-half:half + 1, -half:half + 1]
    image = afwImage.ImageD(PSF_SIZE, PSF_SIZE)
    image.array[:] = (1 + ((1 - ellipticity)*x**2 + (1 + ellipticity)*y**2)/(7*sigma**2))**-3.5
    image.array /= image.array.sum()
    return afwMath.FixedKernel(image)


def _fixedKernel(sigma: float, wcs: afwGeom.SkyWcs, box: geom.Box2I) -> Psf:
    return KernelPsf(_moffat(sigma, 0.05))


def _analyticKernel(sigma: float, wcs: afwGeom.SkyWcs, box: geom.Box2I) -> Psf:
    profile = afwMath.GaussianFunction2D(0.95*sigma, 1.05*sigma, 0.4)
    return KernelPsf(afwMath.AnalyticKernel(PSF_SIZE, PSF_SIZE, profile))


def _principalComponents(sigma: float, wcs: afwGeom.SkyWcs, box: geom.Box2I) -> Psf:
    """Return a PSF that grows longer from left to right."""
    x = afwMath.PolynomialFunction2D([0.0, 1/box.getMaxX(), 0.0])
    rest = afwMath.PolynomialFunction2D([1.0, -1/box.getMaxX(), 0.0])
    kernels = [_moffat(sigma, -0.1), _moffat(sigma, 0.1)]
    return PcaPsf(afwMath.LinearCombinationKernel(kernels, [rest, x]))


def _doubleGaussian(sigma: float, wcs: afwGeom.SkyWcs, box: geom.Box2I) -> Psf:
    return DoubleGaussianPsf(PSF_SIZE, PSF_SIZE, sigma, 2*sigma, 0.1)


def _singleGaussian(sigma: float, wcs: afwGeom.SkyWcs, box: geom.Box2I) -> Psf:
    return SingleGaussianPsf(PSF_SIZE, PSF_SIZE, sigma)


def _gaussian(sigma: float, wcs: afwGeom.SkyWcs, box: geom.Box2I) -> Psf:
    return GaussianPsf(PSF_SIZE, PSF_SIZE, sigma)


def _warped(sigma: float, wcs: afwGeom.SkyWcs, box: geom.Box2I) -> Psf:
    """Return a PSF seen through a map that turns and stretches by a few per cent."""
    turn = geom.LinearTransform(np.array([[1.03, 0.02], [-0.02, 0.98]]))
    return WarpedPsf(_fixedKernel(sigma, wcs, box), afwGeom.makeTransform(geom.AffineTransform(turn)))


def _coadd(sigma: float, wcs: afwGeom.SkyWcs, box: geom.Box2I) -> Psf:
    """Return the mean PSF of two exposures, shifted and of different width and weight."""
    schema = afwTable.ExposureTable.makeMinimalSchema()
    schema.addField("weight", type="D", doc="Weight in the coadd")
    exposures = afwTable.ExposureCatalog(schema)
    for i, (width, shift) in enumerate([(0.95, geom.Extent2D(0.3, -0.2)), (1.05, geom.Extent2D(-0.4, 0.1))]):
        record = exposures.addNew()
        record.setId(i + 1)
        record.set("weight", 1.0 + i)
        record.setPsf(_fixedKernel(width*sigma, wcs, box))
        record.setWcs(wcs.copyAtShiftedPixelOrigin(shift))
        # A position just off the image is still on every exposure.
        record.setBBox(box.dilatedBy(PSF_SIZE))
    return CoaddPsf(exposures, wcs)


_MAKERS = {
    "fixedKernel": _fixedKernel,
    "analyticKernel": _analyticKernel,
    "pca": _principalComponents,
    "doubleGaussian": _doubleGaussian,
    "singleGaussian": _singleGaussian,
    "gaussian": _gaussian,
    "warped": _warped,
    "coadd": _coadd,
}

#: Names of the kinds, in the order in which the visits of a survey take them.
PSF_KINDS = tuple(_MAKERS)
