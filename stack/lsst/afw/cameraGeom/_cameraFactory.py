# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Cameras made of configs and tables of amplifiers."""

__all__ = ["addDetectorBuilderFromConfig", "makeCameraFromAmpLists", "makeCameraFromPath"]

import os

from lsst.afw.table import BaseCatalog
from lsst.pex.exceptions import InvalidParameterError

from ._amplifier import Amplifier
from ._camera import Camera
from ._cameraSys import FIELD_ANGLE, FOCAL_PLANE, PIXELS, TAN_PIXELS, CameraSys
from ._makePixelToTanPixel import makePixelToTanPixel


def addDetectorBuilderFromConfig(cameraBuilder, detectorConfig, amplifiers, focalPlaneToField):
    """Add a detector to a camera.

    Parameters
    ----------
    cameraBuilder : `Camera.Builder`
        The camera.
    detectorConfig : `DetectorConfig`
        The detector.
    amplifiers : `list` [`Amplifier.Builder`]
        Its amplifiers.
    focalPlaneToField : `lsst.afw.geom.TransformPoint2ToPoint2`
        From the focal plane (mm) to field angles (radians).

    Returns
    -------
    builder : `Detector.InCameraBuilder`
        The detector.

    Raises
    ------
    lsst.pex.exceptions.InvalidParameterError
        If its transforms do not begin at pixels.
    """
    if detectorConfig.transformDict.nativeSys not in (PIXELS.getSysName(), None):
        raise InvalidParameterError("Detectors with nativeSys != PIXELS are not supported.")
    builder = cameraBuilder.add(detectorConfig.name, detectorConfig.id)
    builder.fromConfig(detectorConfig)
    for amplifier in amplifiers:
        builder.append(amplifier)
    for system, transform in _makeTransforms(detectorConfig.transformDict, detectorConfig.name).items():
        builder.setTransformFromPixelsTo(system, transform)
    builder.setTransformFromPixelsTo(TAN_PIXELS, makePixelToTanPixel(
        builder.getBBox(), builder.getOrientation(), focalPlaneToField, builder.getPixelSize()))
    builder.setCrosstalk(detectorConfig.getCrosstalk(len(amplifiers)))
    return builder


def _makeTransforms(config, detectorName=""):
    """Return the transforms of a `TransformMapConfig` by `CameraSys`."""
    return {CameraSys(name, detectorName): item.transform.apply()
            for name, item in (config.transforms or {}).items()}


def makeCameraFromAmpLists(cameraConfig, ampListDict, pupilFactoryClass=None):
    """Make a camera.

    Parameters
    ----------
    cameraConfig : `CameraConfig`
        The camera.
    ampListDict : `dict` [`str`, `list` [`Amplifier.Builder`]]
        Amplifiers by name of the detector.
    pupilFactoryClass : `type`, optional
        Class of pupils.

    Returns
    -------
    camera : `Camera`
        The camera.

    Raises
    ------
    lsst.pex.exceptions.InvalidParameterError
        If its transforms do not begin at the focal plane or do not lead to field angles.
    """
    if cameraConfig.transformDict.nativeSys != FOCAL_PLANE.getSysName():
        raise InvalidParameterError("Cameras with nativeSys != FOCAL_PLANE are not supported.")
    builder = Camera.Builder(cameraConfig.name)
    if pupilFactoryClass is not None:
        builder.setPupilFactoryClass(pupilFactoryClass)
    transforms = _makeTransforms(cameraConfig.transformDict)
    if FIELD_ANGLE not in transforms:
        raise InvalidParameterError(f"Camera {cameraConfig.name} has no transform to FIELD_ANGLE")
    for system, transform in transforms.items():
        builder.setTransformFromFocalPlaneTo(system, transform)
    for detectorConfig in cameraConfig.detectorList.values():
        addDetectorBuilderFromConfig(builder, detectorConfig, ampListDict[detectorConfig.name],
                                     transforms[FIELD_ANGLE])
    return builder.finish()


def makeCameraFromPath(cameraConfig, ampInfoPath, shortNameFunc, pupilFactoryClass=None):
    """Make a camera with the tables of amplifiers in a directory, as obs packages have them.

    Parameters
    ----------
    cameraConfig : `CameraConfig`
        The camera.
    ampInfoPath : `str`
        Directory with a FITS table for each detector.
    shortNameFunc : callable
        Returns the table's file name, without ``.fits``, for the name of a detector.
    pupilFactoryClass : `type`, optional
        Class of pupils.

    Returns
    -------
    camera : `Camera`
        The camera.
    """
    amplifiers = {}
    for detectorConfig in cameraConfig.detectorList.values():
        path = os.path.join(ampInfoPath, shortNameFunc(detectorConfig.name) + ".fits")
        amplifiers[detectorConfig.name] = [
            Amplifier.Builder.fromRecord(record) for record in BaseCatalog.readFits(path)]
    return makeCameraFromAmpLists(cameraConfig, amplifiers, pupilFactoryClass)
