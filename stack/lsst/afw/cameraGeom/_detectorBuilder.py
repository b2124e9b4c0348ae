# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""A detector in the making, as a part of a camera."""

__all__ = ["DetectorBuilder"]

import numpy as np

from lsst.geom import Box2I, Extent2D
from lsst.pex.exceptions import InvalidParameterError

from ._cameraSys import FOCAL_PLANE, PIXELS, CameraSys, CameraSysPrefix
from ._detector import Detector, DetectorFields, DetectorType
from ._transformMap import TransformMap


class DetectorBuilder:
    """What `Camera.Builder.add` returns: v23's ``Detector.InCameraBuilder``.

    Parameters
    ----------
    name : `str`
        Name of the detector.
    id : `int`
        Number of the detector.
    """

    def __init__(self, name, id):
        self._fields = DetectorFields(name, id)
        self._amplifiers = []
        self._transforms = {}

    def getName(self):
        """Return the name (`str`)."""
        return self._fields.name

    def getId(self):
        """Return the number (`int`)."""
        return self._fields.id

    def getBBox(self):
        """Return the pixels (`lsst.geom.Box2I`)."""
        return Box2I(self._fields.bbox)

    def setBBox(self, bbox):
        """Set the pixels."""
        self._fields.bbox = Box2I(bbox)

    def getType(self):
        """Return the `DetectorType`."""
        return self._fields.type

    def setType(self, type):
        """Set the `DetectorType`."""
        self._fields.type = DetectorType(type)

    def getSerial(self):
        """Return the serial "number" (`str`)."""
        return self._fields.serial

    def setSerial(self, serial):
        """Set the serial "number"."""
        self._fields.serial = serial

    def getPhysicalType(self):
        """Return the kind of device (`str`)."""
        return self._fields.physicalType

    def setPhysicalType(self, physicalType):
        """Set the kind of device."""
        self._fields.physicalType = physicalType

    def getOrientation(self):
        """Return the `Orientation`."""
        return self._fields.orientation

    def setOrientation(self, orientation):
        """Set the `Orientation`."""
        self._fields.orientation = orientation

    def getPixelSize(self):
        """Return the size of a pixel (`lsst.geom.Extent2D`, mm)."""
        return self._fields.pixelSize

    def setPixelSize(self, pixelSize):
        """Set the size of a pixel, mm."""
        self._fields.pixelSize = Extent2D(pixelSize)

    def setCrosstalk(self, crosstalk):
        """Set the crosstalk matrix; `None` for none."""
        if crosstalk is None:
            crosstalk = np.zeros((0, 0))
        self._fields.crosstalk = np.array(crosstalk, dtype=np.float32)

    def unsetCrosstalk(self):
        """Remove the crosstalk matrix."""
        self.setCrosstalk(None)

    def fromConfig(self, config=None, numAmps=1):
        """Set what a `DetectorConfig` has, except transforms."""
        if config is None:
            return
        self.setSerial(config.serial)
        self.setType(config.detectorType)
        self.setPhysicalType(config.physicalType)
        self.setBBox(config.bbox)
        self.setPixelSize(config.pixelSize)
        self.setOrientation(config.orientation)
        self.setCrosstalk(config.getCrosstalk(numAmps))

    def append(self, ampBuilder):
        """Add an amplifier (`Amplifier.Builder`)."""
        self._amplifiers.append(ampBuilder)

    def clear(self):
        """Remove all amplifiers."""
        self._amplifiers.clear()

    def getAmplifiers(self):
        """Return the amplifiers (`list` [`Amplifier.Builder`])."""
        return list(self._amplifiers)

    def __len__(self):
        return len(self._amplifiers)

    def __iter__(self):
        return iter(self._amplifiers)

    def getNativeCoordSys(self):
        """Return the `CameraSys` of pixels."""
        return CameraSys(PIXELS, self.getName())

    def setTransformFromPixelsTo(self, toSys, transform):
        """Set the transform from pixels to a system of this detector.

        Raises
        ------
        lsst.pex.exceptions.InvalidParameterError
            If it is a system of another detector.
        """
        toSys = self._complete(toSys)
        if toSys.detectorName != self.getName():
            raise InvalidParameterError(f"Cannot add coordinate system for detector '{toSys.detectorName}' "
                                        f"to detector '{self.getName()}'.")
        self._transforms[toSys] = transform

    def discardTransformFromPixelsTo(self, toSys):
        """Remove the transform from pixels to a system; return whether there was one."""
        return self._transforms.pop(self._complete(toSys), None) is not None

    def _complete(self, system):
        return CameraSys(system, self.getName()) if isinstance(system, CameraSysPrefix) else system

    def _connections(self):
        """Return the connections to the focal plane and to the systems that were set."""
        toFocalPlane = self._fields.orientation.makePixelFpTransform(self._fields.pixelSize)
        targets = {FOCAL_PLANE: toFocalPlane, **self._transforms}
        return [TransformMap.Connection(transform, self.getNativeCoordSys(), system)
                for system, transform in targets.items()]

    def _finish(self, transformMap):
        return Detector(self._fields, transformMap, [builder.finish() for builder in self._amplifiers])


Detector.InCameraBuilder = DetectorBuilder
