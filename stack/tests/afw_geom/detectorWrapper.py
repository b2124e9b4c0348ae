# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Detectors for tests."""

__all__ = ["DetectorWrapper"]

import numpy as np

import astshim
from lsst.afw.cameraGeom import (
    ACTUAL_PIXELS,
    FOCAL_PLANE,
    PIXELS,
    TAN_PIXELS,
    Amplifier,
    CameraSys,
    Detector,
    DetectorType,
    Orientation,
    ReadoutCorner,
    TransformMap,
)
from lsst.afw.cameraGeom._detector import DetectorFields
from lsst.afw.geom import TransformPoint2ToPoint2, linearizeTransform, makeTransform
from lsst.geom import Box2I, Extent2D, Extent2I, Point2D, Point2I, arcseconds


class DetectorWrapper:
    """A detector and what it was made of.

    Parameters
    ----------
    name : `str`, optional
    id : `int`, optional
    detType : `DetectorType`, optional
    serial : `str`, optional
    bbox : `lsst.geom.Box2I`, optional
    numAmps : `int`, optional
        Number of amplifiers.
    pixelSize : sequence of 2 `float`, optional
        Size of a pixel (mm).
    ampExtent : sequence of 2 `int`, optional
        Size of an amplifier (pixels).
    orientation : `Orientation`, optional
    plateScale : `float`, optional
        Arcseconds a mm.
    radialDistortion : `float`, optional
        Cubic coefficient of field angle to focal plane (mm/rad^2).
    crosstalk : array-like, optional
        By default zeros.
    modFunc : callable, optional
        Called with this object before the detector is made, to change its attributes.
    physicalType : `str`, optional
    """

    def __init__(
        self,
        name="detector 1",
        id=1,
        detType=DetectorType.SCIENCE,
        serial="xkcd722",
        bbox=None,
        numAmps=3,
        pixelSize=(0.02, 0.02),
        ampExtent=(5, 6),
        orientation=None,
        plateScale=20.0,
        radialDistortion=0.925,
        crosstalk=None,
        modFunc=None,
        physicalType="CCD",
    ):
        self.name, self.id, self.type, self.serial = name, int(id), detType, serial
        self.bbox = Box2I(Point2I(0, 0), Extent2I(1024, 1048)) if bbox is None else bbox
        self.pixelSize, self.ampExtent = Extent2D(*pixelSize), Extent2I(*ampExtent)
        self.orientation = Orientation() if orientation is None else orientation
        self.plateScale, self.radialDistortion = float(plateScale), float(radialDistortion)
        self.crosstalk = np.zeros((numAmps, numAmps)) if crosstalk is None else crosstalk
        self.physicalType = physicalType
        self.transMap = self._makeTransforms()
        self.ampList = [self._makeAmplifier(f"amp {i + 1}") for i in range(numAmps)]
        if modFunc:
            modFunc(self)
        self.detector = self._makeDetector()

    def _makeTransforms(self):
        """Return the transforms from pixels to other systems."""
        scale = (self.plateScale * arcseconds).asRadians()
        focalPlaneToField = _makeRadial([0.0, 1.0 / scale, 0.0, self.radialDistortion / scale])
        pixelToField = self.orientation.makePixelFpTransform(self.pixelSize).then(focalPlaneToField)
        center = pixelToField.applyInverse(Point2D(0, 0))
        toTanPixels = pixelToField.then(
            makeTransform(linearizeTransform(pixelToField, center).inverted()))
        return {
            FOCAL_PLANE: self.orientation.makePixelFpTransform(self.pixelSize),
            CameraSys(TAN_PIXELS, self.name): toTanPixels,
            CameraSys(ACTUAL_PIXELS, self.name): _makeRadial([0, 0.95, 0.01]),
        }

    def _makeAmplifier(self, name):
        builder = Amplifier.Builder()
        builder.setName(name)
        builder.setBBox(Box2I(Point2I(-1, 1), self.ampExtent))
        builder.setGain(1.71234e3)
        builder.setReadNoise(0.521237e2)
        builder.setReadoutCorner(ReadoutCorner.LL)
        return builder

    def _makeDetector(self):
        fields = DetectorFields(
            self.name,
            self.id,
            self.type,
            self.serial,
            self.bbox,
            self.orientation,
            self.pixelSize,
            np.array(self.crosstalk, dtype=np.float32),
            self.physicalType,
        )
        pixels = CameraSys(PIXELS, self.name)
        connections = [
            TransformMap.Connection(transform, pixels, sys) for sys, transform in self.transMap.items()
        ]
        amplifiers = [builder.finish() for builder in self.ampList]
        return Detector(fields, TransformMap(FOCAL_PLANE, connections), amplifiers)


def _makeRadial(coeffs):
    """Return the transform of radius to a polynomial of it; its inverse is found by iteration."""
    rows = [[value, 1, power] for power, value in enumerate(coeffs) if power]
    distortion = astshim.PolyMap(np.array(rows), 1, "IterInverse=1, TolInverse=1e-8, NIterInverse=30")
    polar = astshim.UnitNormMap([0.0, 0.0])
    return TransformPoint2ToPoint2(
        polar.then(astshim.UnitMap(2).under(distortion)).then(polar.inverted()))
