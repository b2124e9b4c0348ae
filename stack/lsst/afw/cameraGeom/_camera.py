# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Cameras: detectors that share a focal plane."""

__all__ = ["Camera", "DetectorCollection"]

import numpy as np

from lsst.geom import Box2D, Point2D
from lsst.pex.exceptions import InvalidParameterError

from ._cameraSys import FOCAL_PLANE, PIXELS
from ._detectorBuilder import DetectorBuilder
from ._transformMap import TransformMap


class DetectorCollection:
    """Detectors by name and number.

    Parameters
    ----------
    detectorList : sequence of `Detector`
        The detectors.

    Raises
    ------
    lsst.pex.exceptions.InvalidParameterError
        If names or numbers repeat.
    """

    def __init__(self, detectorList):
        byId = sorted(detectorList, key=lambda detector: detector.getId())
        byName = sorted(detectorList, key=lambda detector: detector.getName())
        self._byId = {detector.getId(): detector for detector in byId}
        self._byName = {detector.getName(): detector for detector in byName}
        if not len(self._byId) == len(self._byName) == len(detectorList):
            raise InvalidParameterError("Names and numbers of detectors must be unique")

    def __iter__(self):
        return iter(self._byId.values())

    def __len__(self):
        return len(self._byId)

    def __contains__(self, key):
        return self.get(key) is not None

    def __getitem__(self, key):
        detector = self.get(key)
        if detector is None:
            raise KeyError(f"Detector for key {key} not found.")
        return detector

    def get(self, key, default=None):
        """Return the detector of a name or number, or ``default``."""
        return (self._byName if isinstance(key, str) else self._byId).get(key, default)

    def getNameMap(self):
        """Return the detectors by name (`dict`)."""
        return dict(self._byName)

    def getIdMap(self):
        """Return the detectors by number (`dict`)."""
        return dict(self._byId)

    def getNameIter(self):
        """Return an iterator of the names."""
        return iter(self._byName)

    def getIdIter(self):
        """Return an iterator of the numbers."""
        return iter(self._byId)

    def getFpBBox(self):
        """Return the smallest box in the focal plane with all detectors (`lsst.geom.Box2D`, mm)."""
        bbox = Box2D()
        for detector in self:
            for corner in detector.getCorners(FOCAL_PLANE):
                bbox.include(corner)
        return bbox


class _Builder:
    """A camera in the making.

    Parameters
    ----------
    name : `str`
        Name of the camera.
    """

    def __init__(self, name):
        self._name = name
        self._pupilFactoryName = "lsst.afw.cameraGeom.pupil.PupilFactory"
        self._detectors = {}
        self._transforms = {}

    def getName(self):
        """Return the name (`str`)."""
        return self._name

    def setName(self, name):
        """Set the name."""
        self._name = name

    def getPupilFactoryName(self):
        """Return the full name of the class of pupils (`str`)."""
        return self._pupilFactoryName

    def setPupilFactoryName(self, pupilFactoryName):
        """Set the full name of the class of pupils."""
        self._pupilFactoryName = pupilFactoryName

    def setPupilFactoryClass(self, pupilFactoryClass):
        """Set the class of pupils."""
        self._pupilFactoryName = f"{pupilFactoryClass.__module__}.{pupilFactoryClass.__name__}"

    def setTransformFromFocalPlaneTo(self, toSys, transform):
        """Set the transform from the focal plane (mm) to a system such as ``FIELD_ANGLE``."""
        self._transforms[toSys] = transform

    def discardTransformFromFocalPlaneTo(self, toSys):
        """Remove the transform from the focal plane to a system; return whether there was one."""
        return self._transforms.pop(toSys, None) is not None

    def add(self, name, id):
        """Add a detector.

        Parameters
        ----------
        name : `str`
            Its name.
        id : `int`
            Its number.

        Returns
        -------
        builder : `Detector.InCameraBuilder`
            What to set its properties with.

        Raises
        ------
        lsst.pex.exceptions.InvalidParameterError
            If the name or number is taken.
        """
        if any(name == other.getName() or id == other.getId() for other in self._detectors.values()):
            raise InvalidParameterError(f"There is a detector with name {name} or number {id} already")
        self._detectors[id] = DetectorBuilder(name, id)
        return self._detectors[id]

    def __len__(self):
        return len(self._detectors)

    def __iter__(self):
        return iter(self._detectors.values())

    def __getitem__(self, key):
        for builder in self:
            if key in (builder.getName(), builder.getId()):
                return builder
        raise KeyError(f"Detector for key {key} not found.")

    def finish(self):
        """Return the `Camera`."""
        connections = [TransformMap.Connection(transform, FOCAL_PLANE, system)
                       for system, transform in self._transforms.items()]
        for builder in self:
            connections += builder._connections()
        transformMap = TransformMap(FOCAL_PLANE, connections)
        detectors = [builder._finish(transformMap) for builder in self]
        return Camera(self._name, detectors, transformMap, self._pupilFactoryName)


class Camera(DetectorCollection):
    """A camera; made by a `Camera.Builder`.

    Parameters
    ----------
    name : `str`
        Name.
    detectorList : sequence of `Detector`
        Detectors.
    transformMap : `TransformMap`
        All coordinate systems.
    pupilFactoryName : `str`
        Full name of the class of pupils.
    """

    Builder = _Builder

    def __init__(self, name, detectorList, transformMap, pupilFactoryName):
        super().__init__(detectorList)
        self._name, self._transformMap, self._pupilFactoryName = name, transformMap, pupilFactoryName

    def getName(self):
        """Return the name (`str`)."""
        return self._name

    def getPupilFactoryName(self):
        """Return the full name of the class of pupils (`str`)."""
        return self._pupilFactoryName

    def getTransformMap(self):
        """Return the `TransformMap`."""
        return self._transformMap

    def getTransform(self, fromSys, toSys):
        """Return the `lsst.afw.geom.TransformPoint2ToPoint2` between two systems.

        Raises
        ------
        lsst.pex.exceptions.InvalidParameterError
            If there is no such system.
        """
        return self._transformMap.getTransform(fromSys, toSys)

    def transform(self, point, fromSys, toSys):
        """Convert a `lsst.geom.Point2D`, or a list of them, from one system to another."""
        return self.getTransform(fromSys, toSys).applyForward(point)

    def findDetectors(self, point, cameraSys):
        """Return the detectors (`list`) that have a `lsst.geom.Point2D` of a system on their pixels."""
        return self.findDetectorsList([point], cameraSys)[0]

    def findDetectorsList(self, pointList, cameraSys):
        """Return the detectors (`list` of `list`) that have each point of a list on their pixels."""
        native = self.transform([Point2D(point) for point in pointList], cameraSys, FOCAL_PLANE)
        found = [[] for _ in native]
        for detector in self:
            bbox = Box2D(detector.getBBox())
            for here, position in zip(found, detector.transform(native, FOCAL_PLANE, PIXELS)):
                if bbox.contains(position):
                    here.append(detector)
        return found

    def computeMaxFocalPlaneRadius(self):
        """Return the distance of the outermost corner of a detector from the center (`float`, mm)."""
        return max(np.hypot(*corner) for detector in self for corner in detector.getCorners(FOCAL_PLANE))
