# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""The parameters of convolution."""

__all__ = ["ConvolutionControl"]


class ConvolutionControl:
    """How `convolve` works.

    Parameters
    ----------
    doNormalize : `bool`
        Divide the kernel by its sum?
    doCopyEdge : `bool`
        Copy the pixels that are too near an edge, and set their mask bit ``EDGE``? Otherwise they become NaN,
        ``NO_DATA`` and infinite.
    maxInterpolationDistance : `int`
        Largest distance (pixels) over which a kernel that varies is interpolated linearly; at most 1 to
        compute it at every pixel.
    """

    def __init__(self, doNormalize=True, doCopyEdge=False, maxInterpolationDistance=10):
        self.setDoNormalize(doNormalize)
        self.setDoCopyEdge(doCopyEdge)
        self.setMaxInterpolationDistance(maxInterpolationDistance)

    def getDoNormalize(self):
        """Tell whether the kernel is divided by its sum."""
        return self._doNormalize

    def setDoNormalize(self, doNormalize):
        """Set whether the kernel is divided by its sum."""
        self._doNormalize = bool(doNormalize)

    def getDoCopyEdge(self):
        """Tell whether pixels near an edge are copied."""
        return self._doCopyEdge

    def setDoCopyEdge(self, doCopyEdge):
        """Set whether pixels near an edge are copied."""
        self._doCopyEdge = bool(doCopyEdge)

    def getMaxInterpolationDistance(self):
        """Return the largest distance over which a kernel is interpolated, pixels."""
        return self._maxInterpolationDistance

    def setMaxInterpolationDistance(self, maxInterpolationDistance):
        """Set the largest distance over which a kernel is interpolated, pixels."""
        self._maxInterpolationDistance = int(maxInterpolationDistance)
