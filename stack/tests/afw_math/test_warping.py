# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Warping of images, masked images and exposures."""

import numpy as np
import pytest

import lsst.afw.geom as afwGeom
import lsst.afw.image as afwImage
import lsst.afw.math as afwMath
import lsst.geom as geom
from lsst.pex.exceptions import InvalidParameterError

SAT, EDGE = (afwImage.Mask.getPlaneBitMask(name) for name in ("SAT", "EDGE"))


def makeWcs(x, y, scale=0.2, angle=0.0):
    return afwGeom.makeSkyWcs(geom.Point2D(x, y), geom.SpherePoint(10, 20, geom.degrees),
                              afwGeom.makeCdMatrix(scale*geom.arcseconds, angle*geom.degrees))


def makeExposure(width=60, height=50):
    """An exposure of a smooth function, with one saturated pixel."""
    exposure = afwImage.ExposureF(geom.Box2I(geom.Point2I(5, -3), geom.Extent2I(width, height)))
    y, x = np.mgrid[:height, :width]
    exposure.image.array[:] = 100 + 3*x - 2*y
    exposure.variance.array[:] = 4.0
    exposure.mask.array[25, 30] = SAT | EDGE
    exposure.setWcs(makeWcs(30, 20))
    exposure.setPhotoCalib(afwImage.PhotoCalib(3.5))
    exposure.setFilterLabel(afwImage.FilterLabel.fromBand("i"))
    return exposure


def test_wholePixelsKeepEverything():
    source = makeExposure()
    dest = afwImage.ExposureF(source.getBBox().shiftedBy(geom.Extent2I(7, 4)))
    dest.setWcs(makeWcs(37, 24))
    nGood = afwMath.warpExposure(dest, source, afwMath.WarpingControl("lanczos3"))
    inside = slice(3, 46), slice(3, 56)
    # Rounding decides whether the kernel of an outermost pixel reaches over the edge.
    assert 44*54 <= nGood == np.isfinite(dest.image.array).sum() <= 45*55
    np.testing.assert_allclose(dest.image.array[inside], source.image.array[inside], rtol=1e-5)
    np.testing.assert_allclose(dest.variance.array[inside], 4, rtol=1e-4)
    assert dest.mask.array[0, 0] == dest.mask.getPlaneBitMask("NO_DATA")
    assert np.isinf(dest.variance.array[0, 0])
    assert dest.getPhotoCalib() == source.getPhotoCalib()
    assert dest.getFilterLabel().bandLabel == "i"


def test_linearFunctionStaysOneAndFluxIsKept():
    source = makeExposure()
    dest = afwImage.ExposureF(geom.Box2I(geom.Point2I(-10, -20), geom.Extent2I(70, 80)))
    dest.setWcs(makeWcs(21, 13, scale=0.3, angle=35.0))
    afwMath.warpExposure(dest, source, afwMath.WarpingControl("lanczos5"))
    rows, columns = np.nonzero(np.isfinite(dest.image.array))
    assert len(rows) > 600
    sky = dest.wcs.pixelToSkyArray(columns - 10.0, rows - 20.0)
    x, y = source.wcs.skyToPixelArray(*sky)
    expected = (100 + 3*(x - 5) - 2*(y + 3))*(0.3/0.2)**2
    np.testing.assert_allclose(dest.image.array[rows, columns], expected, rtol=2e-3)


@pytest.mark.parametrize("maskKernel, nSat, nEdge", [("", 100, 100), ("bilinear", 4, 100)])
def test_masksGrowWithTheirKernel(maskKernel, nSat, nEdge):
    source = makeExposure().maskedImage
    dest = source.Factory(source.getBBox())
    transform = afwGeom.makeTransform(geom.AffineTransform(geom.Extent2D(0.4, -0.3)))
    control = afwMath.WarpingControl("lanczos5", maskKernel, 0, 0, EDGE)
    afwMath.warpImage(dest, source, transform, control)
    assert ((dest.mask.array & SAT) != 0).sum() == nSat
    assert ((dest.mask.array & EDGE) != 0).sum() == nEdge


def test_centeredImageTurnsAboutAPoint():
    source = makeExposure().maskedImage
    dest = source.Factory(source.getBBox())
    quarter = geom.LinearTransform.makeRotation(90*geom.degrees)
    center = geom.Point2D(30, 20)
    afwMath.warpCenteredImage(dest, source, quarter, center, afwMath.WarpingControl("lanczos3"))
    for shift in (geom.Extent2D(0, 0), geom.Extent2D(4, 0), geom.Extent2D(3, -5)):
        turned, original = (geom.Point2I(center + offset) for offset in (quarter(shift), shift))
        np.testing.assert_allclose(dest.image[turned], source.image[original], rtol=1e-5)
    with pytest.raises(InvalidParameterError):
        afwMath.warpCenteredImage(source.Factory(3, 3), source, quarter, center,
                                  afwMath.WarpingControl("lanczos3"))


def test_warperWorksOutTheBox():
    source = makeExposure()
    warper = afwMath.Warper.fromConfig(afwMath.Warper.ConfigClass())
    destWcs = makeWcs(30, 20, angle=45)
    dest = warper.warpExposure(destWcs, source, border=2)
    finite = np.isfinite(dest.image.array)
    assert not finite[0].any() and not finite[:, -1].any()
    assert 0.8*60*50 < finite.sum() < 60*50
    image = warper.warpImage(destWcs, source.image, source.wcs, destBBox=dest.getBBox())
    np.testing.assert_array_equal(image.array, dest.image.array)
    assert dest.getBBox().contains(warper.warpExposure(destWcs, source, maxBBox=source.getBBox()).getBBox())


def test_mistakes():
    exposure = makeExposure()
    control = afwMath.WarpingControl("lanczos3")
    with pytest.raises(InvalidParameterError, match="overlaps"):
        afwMath.warpImage(exposure.image, exposure.wcs, exposure.image, exposure.wcs, control)
    with pytest.raises(InvalidParameterError, match="destExposure has no Wcs"):
        afwMath.warpExposure(afwImage.ExposureF(3, 3), exposure, control)
    small = afwImage.ImageF(4, 4)
    dest = afwImage.ImageF(8, 8)
    assert afwMath.warpImage(dest, exposure.wcs, small, exposure.wcs, control, -1.0) == 0
    assert (dest.array == -1).all()
