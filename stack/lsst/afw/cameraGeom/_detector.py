# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Detectors of a camera."""

__all__ = ["Detector", "DetectorType", "DetectorTypeNameValDict", "DetectorTypeValNameDict"]

import enum
from dataclasses import dataclass, field

import numpy as np

from lsst.afw.typehandling import Storable
from lsst.geom import Box2D, Box2I, Extent2D
from lsst.pex.exceptions import InvalidParameterError

from ._cameraSys import PIXELS, CameraSys, CameraSysPrefix
from ._orientation import Orientation


class DetectorType(enum.IntEnum):
    """What a detector is for."""

    SCIENCE = 0
    FOCUS = 1
    GUIDER = 2
    WAVEFRONT = 3


DetectorTypeValNameDict = {kind: kind.name for kind in DetectorType}
DetectorTypeNameValDict = {kind.name: kind for kind in DetectorType}


@dataclass
class DetectorFields:
    """Plain properties of a detector; see the getters of `Detector`."""

    name: str
    id: int
    type: DetectorType = DetectorType.SCIENCE
    serial: str = ""
    bbox: Box2I = field(default_factory=Box2I)
    orientation: Orientation = field(default_factory=Orientation)
    pixelSize: Extent2D = field(default_factory=lambda: Extent2D(0, 0))
    crosstalk: np.ndarray = field(default_factory=lambda: np.zeros((0, 0), dtype=np.float32))
    physicalType: str = ""


class Detector(Storable):
    """Geometry and electronics of a detector; detectors are read, or made by camera code.

    Parameters
    ----------
    fields : `DetectorFields`
    transformMap : `TransformMap`
        Of the whole camera or of this detector.
    amplifiers : `list` [`Amplifier`]

    Raises
    ------
    lsst.pex.exceptions.InvalidParameterError
        Raised if names of amplifiers repeat or the crosstalk matrix does not fit them.
    """

    __hash__ = object.__hash__

    def __init__(self, fields, transformMap, amplifiers):
        self._fields, self._transformMap, self._amplifiers = fields, transformMap, list(amplifiers)
        names = [amplifier.getName() for amplifier in self._amplifiers]
        for name in names:
            if names.count(name) > 1:
                raise InvalidParameterError(f"Multiple amplifiers with name {name}")
        if self.hasCrosstalk() and fields.crosstalk.shape != (len(names), len(names)):
            raise InvalidParameterError(
                f'Wrong size crosstalk matrix: {fields.crosstalk.shape} for detector "{fields.name}"'
            )

    def getName(self):
        """Return the name (`str`)."""
        return self._fields.name

    def getId(self):
        """Return the number (`int`)."""
        return self._fields.id

    def getType(self):
        """Return the `DetectorType`."""
        return self._fields.type

    def getPhysicalType(self):
        """Return the kind of device (`str`)."""
        return self._fields.physicalType

    def getSerial(self):
        """Return the serial "number" (`str`)."""
        return self._fields.serial

    def getBBox(self):
        """Return the pixels (`lsst.geom.Box2I`)."""
        return Box2I(self._fields.bbox)

    def getOrientation(self):
        """Return the `Orientation`."""
        return self._fields.orientation

    def getPixelSize(self):
        """Return the size of a pixel (`lsst.geom.Extent2D`, mm)."""
        return self._fields.pixelSize

    def hasCrosstalk(self):
        """Is there a crosstalk matrix? (`bool`)."""
        return self._fields.crosstalk.size > 0

    def getCrosstalk(self):
        """Return the crosstalk matrix (`numpy.ndarray`, shape (amplifiers, amplifiers)), empty if none."""
        return self._fields.crosstalk

    def getNativeCoordSys(self):
        """Return the `CameraSys` of pixels."""
        return CameraSys(PIXELS, self.getName())

    def makeCameraSys(self, cameraSys):
        """Return a `CameraSys` for one or for a `CameraSysPrefix`."""
        if isinstance(cameraSys, CameraSysPrefix):
            return CameraSys(cameraSys, self.getName())
        return cameraSys

    def getTransformMap(self):
        """Return the `TransformMap`."""
        return self._transformMap

    def hasTransform(self, cameraSys):
        """Is a system known? (`bool`)."""
        return self.makeCameraSys(cameraSys) in self._transformMap

    def getTransform(self, fromSys, toSys):
        """Return the `lsst.afw.geom.TransformPoint2ToPoint2` between two systems.

        Raises
        ------
        lsst.pex.exceptions.InvalidParameterError
            Raised if there is no such system.
        """
        return self._transformMap.getTransform(self.makeCameraSys(fromSys), self.makeCameraSys(toSys))

    def transform(self, points, fromSys, toSys):
        """Convert a `lsst.geom.Point2D`, or a list of them, from one system to another."""
        return self.getTransform(fromSys, toSys).applyForward(points)

    def getCorners(self, cameraSys):
        """Return the four corners (`list` [`lsst.geom.Point2D`]) in a system."""
        return self.transform(Box2D(self.getBBox()).getCorners(), PIXELS, cameraSys)

    def getCenter(self, cameraSys):
        """Return the center (`lsst.geom.Point2D`) in a system."""
        return self.transform(Box2D(self.getBBox()).getCenter(), PIXELS, cameraSys)

    def getAmplifiers(self):
        """Return all amplifiers (`list` [`Amplifier`])."""
        return list(self._amplifiers)

    def __len__(self):
        return len(self._amplifiers)

    def __iter__(self):
        return iter(self._amplifiers)

    def __getitem__(self, key):
        if not isinstance(key, str):
            return self._amplifiers[key]
        for amplifier in self._amplifiers:
            if amplifier.getName() == key:
                return amplifier
        raise InvalidParameterError(f"Amplifier with name {key} not found.")
