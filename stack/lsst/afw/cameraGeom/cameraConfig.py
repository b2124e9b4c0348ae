# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Configs that describe cameras."""

__all__ = ["CameraConfig", "DetectorConfig", "TransformMapConfig"]

import math

import lsst.pex.config as pexConfig
import numpy as np

from lsst.afw.geom import TransformConfig
from lsst.geom import Box2I, Extent2D, Point2D, Point2I, degrees

from ._orientation import Orientation


class TransformMapConfig(pexConfig.Config):
    """Transforms from a coordinate system to others."""

    transforms = pexConfig.ConfigDictField(keytype=str, itemtype=TransformConfig, doc="transforms by system")
    nativeSys = pexConfig.Field(dtype=str, doc="name of the system that they begin at")


class DetectorConfig(pexConfig.Config):
    """A detector."""

    transformDict = pexConfig.ConfigField(dtype=TransformMapConfig, doc="transforms from pixels")
    name = pexConfig.Field(dtype=str, doc="name")
    id = pexConfig.Field(dtype=int, doc="number")
    bbox_x0 = pexConfig.Field(dtype=int, doc="first column")
    bbox_y0 = pexConfig.Field(dtype=int, doc="first row")
    bbox_x1 = pexConfig.Field(dtype=int, doc="last column")
    bbox_y1 = pexConfig.Field(dtype=int, doc="last row")
    detectorType = pexConfig.Field(dtype=int, doc="SCIENCE=0, FOCUS=1, GUIDER=2, WAVEFRONT=3")
    physicalType = pexConfig.Field(dtype=str, default="CCD", doc="kind of device, such as CCD or E2V")
    serial = pexConfig.Field(dtype=str, doc="serial number")
    offset_x = pexConfig.Field(dtype=float, doc="x of the reference point in the focal plane (mm)")
    offset_y = pexConfig.Field(dtype=float, doc="y of the reference point in the focal plane (mm)")
    refpos_x = pexConfig.Field(dtype=float, doc="x of the reference point (pixels)")
    refpos_y = pexConfig.Field(dtype=float, doc="y of the reference point (pixels)")
    yawDeg = pexConfig.Field(dtype=float, doc="rotation about z (degrees)")
    pitchDeg = pexConfig.Field(dtype=float, doc="rotation about y (degrees)")
    rollDeg = pexConfig.Field(dtype=float, doc="rotation about x (degrees)")
    pixelSize_x = pexConfig.Field(dtype=float, doc="width of a pixel (mm)")
    pixelSize_y = pexConfig.Field(dtype=float, doc="height of a pixel (mm)")
    transposeDetector = pexConfig.Field(dtype=bool, doc="are pixels transposed before they are rotated?")
    crosstalk = pexConfig.ListField(
        dtype=float, optional=True,
        doc="row i, column j is the fraction of amplifier j that is seen in amplifier i; rows in sequence")

    def getCrosstalk(self, numAmps):
        """Return the crosstalk matrix (`numpy.ndarray`), or `None`.

        Raises
        ------
        RuntimeError
            If it is not square.
        """
        if not self.crosstalk:
            return None
        size = math.isqrt(len(self.crosstalk))
        if size*size != len(self.crosstalk):
            raise RuntimeError("Cannot reshape 'crosstalk' coefficients to square matrix: "
                               f"there are {len(self.crosstalk)}")
        return np.array(self.crosstalk, dtype=np.float32).reshape(size, size)

    @property
    def bbox(self):
        """The pixels (`lsst.geom.Box2I`)."""
        return Box2I(Point2I(self.bbox_x0, self.bbox_y0), Point2I(self.bbox_x1, self.bbox_y1))

    @property
    def offset(self):
        """Reference point in the focal plane (`lsst.geom.Point2D`, mm)."""
        return Point2D(self.offset_x, self.offset_y)

    @property
    def refPos(self):
        """Reference point (`lsst.geom.Point2D`, pixels)."""
        return Point2D(self.refpos_x, self.refpos_y)

    @property
    def orientation(self):
        """The `Orientation`."""
        return Orientation(self.offset, self.refPos, self.yawDeg*degrees, self.pitchDeg*degrees,
                           self.rollDeg*degrees)

    @property
    def pixelSize(self):
        """Size of a pixel (`lsst.geom.Extent2D`, mm)."""
        return Extent2D(self.pixelSize_x, self.pixelSize_y)


class CameraConfig(pexConfig.Config):
    """A camera."""

    detectorList = pexConfig.ConfigDictField(keytype=int, itemtype=DetectorConfig, doc="detectors")
    transformDict = pexConfig.ConfigField(dtype=TransformMapConfig, doc="transforms from the focal plane")
    name = pexConfig.Field(dtype=str, doc="name")
    plateScale = pexConfig.Field(dtype=float, doc="scale (arcsec/mm)")
    radialCoeffs = pexConfig.ListField(dtype=float, doc="coefficients of the radial distortion")
