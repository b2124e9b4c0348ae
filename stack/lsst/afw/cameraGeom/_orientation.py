# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Position and rotation of a detector."""

__all__ = ["Orientation"]

import math

import numpy as np

from lsst.afw.geom import makeTransform
from lsst.geom import AffineTransform, Point2D, degrees


class Orientation:
    """Position and rotation of a detector in the focal plane.

    Parameters
    ----------
    fpPosition : `lsst.geom.Point2D`, optional
        Position of the reference point in the focal plane (mm).
    refPoint : `lsst.geom.Point2D`, optional
        Reference point on the detector (pixels); by default the corner of the lower left pixel, (-0.5, -0.5).
    yaw, pitch, roll : `lsst.geom.Angle`, optional
        Rotations about z, then y', then x''.

    Notes
    -----
    Heights are ignored: positions are those of the detector projected onto the focal plane.
    """

    def __init__(
        self, fpPosition=None, refPoint=None, yaw=0 * degrees, pitch=0 * degrees, roll=0 * degrees
    ):
        self._fpPosition = Point2D(0, 0) if fpPosition is None else Point2D(fpPosition)
        self._refPoint = Point2D(-0.5, -0.5) if refPoint is None else Point2D(refPoint)
        self._yaw, self._pitch, self._roll = yaw, pitch, roll

    def getFpPosition(self):
        """Return the position in the focal plane (`lsst.geom.Point2D`, mm)."""
        return self._fpPosition

    def getReferencePoint(self):
        """Return the reference point (`lsst.geom.Point2D`, pixels)."""
        return self._refPoint

    def getYaw(self):
        """Return the first rotation, about z (`lsst.geom.Angle`)."""
        return self._yaw

    def getPitch(self):
        """Return the second rotation, about y' (`lsst.geom.Angle`)."""
        return self._pitch

    def getRoll(self):
        """Return the third rotation, about x'' (`lsst.geom.Angle`)."""
        return self._roll

    def getNQuarter(self):
        """Return the number of quarter turns (`int`) nearest to the yaw."""
        yaw = self._yaw.asDegrees()
        return math.floor(((yaw % 360.0 if yaw < 0 else yaw) + 45.0) / 90.0)

    def makePixelFpTransform(self, pixelSizeMm):
        """Return the `lsst.afw.geom.TransformPoint2ToPoint2` of pixels to focal plane (mm).

        Parameters
        ----------
        pixelSizeMm : `lsst.geom.Extent2D`
            Size of a pixel.
        """
        rotation = self._projectedRotation()
        size = np.array([pixelSizeMm[0], pixelSizeMm[1]])
        reference = size * [self._refPoint[0], self._refPoint[1]]
        translation = np.array([self._fpPosition[0], self._fpPosition[1]]) - rotation @ reference
        return makeTransform(AffineTransform(rotation * size, translation))

    def makeFpPixelTransform(self, pixelSizeMm):
        """Return the inverse of `makePixelFpTransform`."""
        return self.makePixelFpTransform(pixelSizeMm).inverted()

    def _projectedRotation(self):
        """Return the part of the rotation matrix (Tait-Bryan angles Z1 Y2 X3) that concerns x and y."""
        sinYaw, cosYaw = math.sin(self._yaw.asRadians()), math.cos(self._yaw.asRadians())
        sinPitch, cosPitch = math.sin(self._pitch.asRadians()), math.cos(self._pitch.asRadians())
        sinRoll, cosRoll = math.sin(self._roll.asRadians()), math.cos(self._roll.asRadians())
        return np.array(
            [
                [cosYaw * cosPitch, cosYaw * sinPitch * sinRoll - cosRoll * sinYaw],
                [cosPitch * sinYaw, cosYaw * cosRoll + sinYaw * sinPitch * sinRoll],
            ]
        )
