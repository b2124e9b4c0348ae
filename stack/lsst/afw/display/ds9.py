# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""The old name of the display interface."""

from . import Display, delAllDisplays, setDefaultFrame, setDefaultMaskTransparency

__all__ = ["Display", "delAllDisplays", "mtv", "setDefaultFrame", "setDefaultMaskTransparency"]


def mtv(data, frame=None, **kwargs):
    """Show an image on the display of a frame, made if need be."""
    Display.getDisplay(frame).mtv(data, **kwargs)
