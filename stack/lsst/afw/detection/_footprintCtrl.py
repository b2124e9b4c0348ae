# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Options for growing and filling footprints."""

__all__ = ["HeavyFootprintCtrl"]

import enum


class HeavyFootprintCtrl:
    """What happens to the pixels that are copied to a heavy footprint.

    Parameters
    ----------
    modifySource : `HeavyFootprintCtrl.ModifySource`, optional
        NONE leaves them, SET replaces them by the values set here; of the mask it clears the bits.
    """

    class ModifySource(enum.Enum):
        """What happens to the source of the pixels."""

        NONE = 0
        SET = 1

    def __init__(self, modifySource=ModifySource.NONE):
        self._modifySource = modifySource
        self._imageVal, self._maskVal, self._varianceVal = 0.0, 0, 0.0

    def getModifySource(self):
        """Return what happens to the source (`HeavyFootprintCtrl.ModifySource`)."""
        return self._modifySource

    def setModifySource(self, modifySource):
        """Set what happens to the source."""
        self._modifySource = modifySource

    def getImageVal(self):
        """Return the value for the image (`float`)."""
        return self._imageVal

    def setImageVal(self, imageVal):
        """Set the value for the image."""
        self._imageVal = float(imageVal)

    def getMaskVal(self):
        """Return the bits to clear in the mask (`int`)."""
        return self._maskVal

    def setMaskVal(self, maskVal):
        """Set the bits to clear in the mask."""
        self._maskVal = int(maskVal)

    def getVarianceVal(self):
        """Return the value for the variance (`float`)."""
        return self._varianceVal

    def setVarianceVal(self, varianceVal):
        """Set the value for the variance."""
        self._varianceVal = float(varianceVal)


HeavyFootprintCtrl.NONE = HeavyFootprintCtrl.ModifySource.NONE
HeavyFootprintCtrl.SET = HeavyFootprintCtrl.ModifySource.SET
