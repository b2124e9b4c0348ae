# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Thresholds for detection."""

__all__ = ["Threshold", "createThreshold"]

import enum
import math

from lsst.pex.exceptions import InvalidParameterError


class Threshold:
    """A threshold for detection.

    Parameters
    ----------
    value : `float`
        The threshold, in units of ``type``.
    type : `Threshold.ThresholdType`, optional
        What ``value`` is: a pixel value, bits of a mask, or a multiple of the standard deviation of the image
        (given itself, as a variance, or for each pixel).
    polarity : `bool`, optional
        Whether to look for pixels above rather than below minus the threshold.
    includeMultiplier : `float`, optional
        A footprint must have a pixel above the threshold times this.
    """

    class ThresholdType(enum.IntEnum):
        """Kinds of thresholds."""

        VALUE = 0
        BITMASK = 1
        STDEV = 2
        VARIANCE = 3
        PIXEL_STDEV = 4

    def __init__(self, value, type=ThresholdType.VALUE, polarity=True, includeMultiplier=1.0):
        self._value = float(value)
        self._type = self.ThresholdType(type)
        self._polarity = bool(polarity)
        self._includeMultiplier = float(includeMultiplier)

    def getType(self):
        """Return the kind (`Threshold.ThresholdType`)."""
        return self._type

    @classmethod
    def parseTypeString(cls, typeStr):
        """Return the kind of a name such as "pixel_stdev" (`Threshold.ThresholdType`).

        Raises
        ------
        lsst.pex.exceptions.InvalidParameterError
            Raised if there is no such kind.
        """
        try:
            return {kind.name.lower(): kind for kind in cls.ThresholdType}[typeStr]
        except KeyError:
            raise InvalidParameterError(f"Unsupported Threshold type: {typeStr}") from None

    @classmethod
    def getTypeString(cls, type):
        """Return the name of a kind (`str`)."""
        if type not in (cls.VALUE, cls.STDEV, cls.VARIANCE):
            raise InvalidParameterError(f"Unsupported Threshold type: {int(type)}")
        return cls.ThresholdType(type).name.lower()

    def getValue(self, param=-1.0):
        """Return the threshold as a pixel value.

        Parameters
        ----------
        param : `float`, optional
            Standard deviation or variance of the image, for the kinds that need it.

        Raises
        ------
        lsst.pex.exceptions.InvalidParameterError
            Raised if it is needed and not positive.
        """
        if self._type == self.STDEV:
            if param <= 0:
                raise InvalidParameterError(f"St. dev. must be > 0: {param:g}")
            return self._value * param
        if self._type == self.VARIANCE:
            if param <= 0:
                raise InvalidParameterError(f"Variance must be > 0: {param:g}")
            return self._value * math.sqrt(param)
        return self._value

    def _getValueFor(self, image):
        """Return the threshold as a value of the pixels of an image or masked image (`float`)."""
        if self._type not in (self.STDEV, self.VARIANCE):
            return self._value
        import lsst.afw.math

        stdev = lsst.afw.math.makeStatistics(image, lsst.afw.math.STDEVCLIP).getValue()
        return self.getValue(stdev if self._type == self.STDEV else stdev * stdev)

    def getPolarity(self):
        """Return whether to look for pixels above the threshold (`bool`)."""
        return self._polarity

    def setPolarity(self, polarity):
        """Set whether to look for pixels above the threshold."""
        self._polarity = bool(polarity)

    def getIncludeMultiplier(self):
        """Return the factor for the pixel that a footprint must have (`float`)."""
        return self._includeMultiplier

    def setIncludeMultiplier(self, includeMultiplier):
        """Set the factor for the pixel that a footprint must have."""
        self._includeMultiplier = float(includeMultiplier)


for _kind in Threshold.ThresholdType:
    setattr(Threshold, _kind.name, _kind)


def createThreshold(value, type="value", polarity=True):
    """Return a `Threshold` of a kind given by name; parameters and errors are those of the class."""
    return Threshold(value, Threshold.parseTypeString(type), polarity)
