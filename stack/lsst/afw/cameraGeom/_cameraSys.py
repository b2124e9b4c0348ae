# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Names of coordinate systems."""

__all__ = [
    "ACTUAL_PIXELS",
    "CameraSys",
    "CameraSysPrefix",
    "FIELD_ANGLE",
    "FOCAL_PLANE",
    "PIXELS",
    "TAN_PIXELS",
]

from dataclasses import dataclass


@dataclass(frozen=True, repr=False)
class CameraSysPrefix:
    """Name of a coordinate system of detectors, of any of them.

    Parameters
    ----------
    sysName : `str`
    """

    sysName: str

    def getSysName(self):
        """Return the name of the system (`str`)."""
        return self.sysName

    def __str__(self):
        return f"CameraSysPrefix({self.sysName})"

    __repr__ = __str__


@dataclass(frozen=True, repr=False)
class CameraSys:
    """Name of a coordinate system of a camera or of one detector.

    Parameters
    ----------
    sysName : `str` or `CameraSysPrefix`
    detectorName : `str`, optional
        Empty for a system of the camera.
    """

    sysName: str
    detectorName: str = ""

    def __post_init__(self):
        if isinstance(self.sysName, CameraSysPrefix):
            object.__setattr__(self, "sysName", self.sysName.sysName)

    def getSysName(self):
        """Return the name of the system (`str`)."""
        return self.sysName

    def getDetectorName(self):
        """Return the name of the detector (`str`)."""
        return self.detectorName

    def hasDetectorName(self):
        """Is it a system of a detector? (`bool`)."""
        return bool(self.detectorName)

    def __str__(self):
        return f"CameraSys({self.sysName}{', ' + self.detectorName if self.detectorName else ''})"

    __repr__ = __str__


FOCAL_PLANE = CameraSys("FocalPlane")
FIELD_ANGLE = CameraSys("FieldAngle")
PIXELS = CameraSysPrefix("Pixels")
TAN_PIXELS = CameraSysPrefix("TanPixels")
ACTUAL_PIXELS = CameraSysPrefix("ActualPixels")
