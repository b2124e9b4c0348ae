# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Warping to another WCS, with the size of the result worked out."""

__all__ = ["Warper", "WarperConfig"]

import lsst.pex.config as pexConfig

import lsst.afw.image as afwImage
from lsst.geom import Box2D, Box2I, Point2D

from ._warpImage import warpExposure, warpImage
from ._warpingControl import WarpingControl

_INTERP_LENGTH = 10
_CACHE_SIZE = 1000000
_KERNELS = {"bilinear": "bilinear interpolation",
            **{f"lanczos{order}": f"Lanczos kernel of order {order}" for order in (3, 4, 5)}}


def computeWarpedBBox(destWcs, srcBBox, srcWcs):
    """Return a box that contains a warped image.

    Parameters
    ----------
    destWcs, srcWcs : `lsst.afw.geom.SkyWcs`
        Sky coordinates of the warped and of the original image.
    srcBBox : `lsst.geom.Box2I`
        Bounding box of the original image.

    Returns
    -------
    destBBox : `lsst.geom.Box2I`
        The smallest box of pixels around its corners.
    """
    source, dest = Box2D(srcBBox), Box2D()
    for x in (source.getMinX(), source.getMaxX()):
        for y in (source.getMinY(), source.getMaxY()):
            dest.include(destWcs.skyToPixel(srcWcs.pixelToSky(Point2D(x, y))))
    return Box2I(dest, Box2I.EXPAND)


class WarperConfig(pexConfig.Config):
    """Configuration of `Warper`."""

    warpingKernelName = pexConfig.ChoiceField(
        dtype=str, default="lanczos3", allowed=_KERNELS, doc="kernel for images")
    maskWarpingKernelName = pexConfig.ChoiceField(
        dtype=str, default="bilinear", allowed={"": "that for images", **_KERNELS}, doc="kernel for masks")
    interpLength = pexConfig.Field(
        dtype=int, default=_INTERP_LENGTH, doc="distance over which positions are interpolated (pixels)")
    cacheSize = pexConfig.Field(
        dtype=int, default=_CACHE_SIZE, doc="fractions of a pixel at which kernels are evaluated beforehand")
    growFullMask = pexConfig.Field(
        dtype=int, default=afwImage.Mask.getPlaneBitMask("EDGE"),
        doc="mask bits that grow by the whole kernel for images")


class Warper:
    """Warps images and exposures to a WCS.

    Parameters
    ----------
    warpingKernelName, maskWarpingKernelName : `str`
        Names of the kernels for images and masks; empty for a mask kernel equal to the other.
    interpLength : `int`
        Distance over which positions are interpolated, pixels.
    cacheSize : `int`
        Number of fractions of a pixel at which kernels are evaluated beforehand.
    growFullMask : `int`
        Mask bits that grow by the whole kernel for images.
    """

    ConfigClass = WarperConfig

    def __init__(self, warpingKernelName, interpLength=_INTERP_LENGTH, cacheSize=_CACHE_SIZE,
                 maskWarpingKernelName="", growFullMask=None):
        if growFullMask is None:
            growFullMask = afwImage.Mask.getPlaneBitMask("EDGE")
        self._warpingControl = WarpingControl(warpingKernelName, maskWarpingKernelName, cacheSize,
                                              interpLength, growFullMask)

    @classmethod
    def fromConfig(cls, config):
        """Make a warper from a `WarperConfig`."""
        return cls(**config.toDict())

    def getWarpingKernel(self):
        """Return the kernel for images."""
        return self._warpingControl.getWarpingKernel()

    def getMaskWarpingKernel(self):
        """Return the kernel for masks, or `None`."""
        return self._warpingControl.getMaskWarpingKernel()

    def warpExposure(self, destWcs, srcExposure, border=0, maxBBox=None, destBBox=None):
        """Warp an exposure, without its PSF.

        Parameters
        ----------
        destWcs : `lsst.afw.geom.SkyWcs`
            WCS of the warped exposure.
        srcExposure : `lsst.afw.image.Exposure`
            Exposure to warp.
        border : `int`, optional
            Pixels to add on all sides; negative to remove.
        maxBBox : `lsst.geom.Box2I`, optional
            The warped exposure is cut to it.
        destBBox : `lsst.geom.Box2I`, optional
            Bounding box of the warped exposure, in place of ``border`` and ``maxBBox``.

        Returns
        -------
        destExposure : like ``srcExposure``
            The warped exposure.
        """
        if destBBox is None:
            destBBox = _chooseBBox(destWcs, srcExposure.getBBox(), srcExposure.getWcs(), border, maxBBox)
        destExposure = srcExposure.Factory(destBBox, destWcs)
        warpExposure(destExposure, srcExposure, self._warpingControl)
        return destExposure

    def warpImage(self, destWcs, srcImage, srcWcs, border=0, maxBBox=None, destBBox=None):
        """Warp an image or a masked image that has the WCS ``srcWcs``; see `warpExposure`."""
        if destBBox is None:
            destBBox = _chooseBBox(destWcs, srcImage.getBBox(), srcWcs, border, maxBBox)
        destImage = srcImage.Factory(destBBox)
        warpImage(destImage, destWcs, srcImage, srcWcs, self._warpingControl)
        return destImage


def _chooseBBox(destWcs, srcBBox, srcWcs, border, maxBBox):
    bbox = computeWarpedBBox(destWcs, srcBBox, srcWcs)
    if border:
        bbox.grow(border)
    if maxBBox is not None:
        bbox.clip(maxBBox)
    return bbox
