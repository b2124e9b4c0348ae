# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Displays, of which this slice of the stack has no backend."""

__all__ = ["Display", "delAllDisplays", "setDefaultBackend", "setDefaultFrame", "setDefaultMaskTransparency"]


class Display:
    """A display; constructing one raises.

    Raises
    ------
    NotImplementedError
        Raised always: arrays of images can be shown with matplotlib.
    """

    _defaults = {"backend": None, "frame": 0, "maskTransparency": {}}

    def __init__(self, frame=None, backend=None, **kwargs):
        raise NotImplementedError("lsst.afw.display has no backend here; show image.array with matplotlib")

    @staticmethod
    def setDefaultBackend(backend):
        """Remember the name of a backend."""
        Display._defaults["backend"] = backend

    @staticmethod
    def setDefaultFrame(frame=0):
        """Remember the number of the frame to use."""
        Display._defaults["frame"] = frame

    @staticmethod
    def setDefaultMaskTransparency(maskPlaneTransparency={}):  # noqa: B006
        """Remember how transparent mask planes are: percent, or percent by name."""
        Display._defaults["maskTransparency"] = maskPlaneTransparency

    @staticmethod
    def delAllDisplays():
        """Delete all displays: there are none."""


setDefaultBackend = Display.setDefaultBackend
setDefaultFrame = Display.setDefaultFrame
setDefaultMaskTransparency = Display.setDefaultMaskTransparency
delAllDisplays = Display.delAllDisplays
