# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Stand-in for the image display interface: settings are kept, nothing can be shown."""

from ._display import Display, delAllDisplays, setDefaultBackend, setDefaultFrame, setDefaultMaskTransparency

__all__ = ["Display", "delAllDisplays", "setDefaultBackend", "setDefaultFrame", "setDefaultMaskTransparency"]
