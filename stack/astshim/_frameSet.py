# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Frames connected by mappings."""

__all__ = ["FrameSet"]

from starlink import Ast

from ._errors import astErrors
from ._frame import Frame
from ._object import attribute, wrap


class FrameSet(Frame, astName="FrameSet"):
    """Set of frames connected by mappings; as a mapping it goes from the base to the current frame.

    Parameters
    ----------
    frame : `Frame` or `FrameSet`
        The first frame, or a set to copy.
    mapping : `Mapping`, optional
        From the first to the second frame.
    currentFrame : `Frame`, optional
        The second frame.
    options : `str`, optional
        Comma-separated attribute assignments.

    Notes
    -----
    Everything given is copied. Indices of frames begin at 1.
    """

    BASE = Ast.BASE
    CURRENT = Ast.CURRENT
    NOFRAME = Ast.NOFRAME

    def __init__(self, frame, mapping=None, currentFrame=None, options=""):
        if isinstance(mapping, str):
            mapping, options = None, mapping
        with astErrors():
            if mapping is None and isinstance(frame, FrameSet):
                self._impl = frame._impl.copy()
                return
            self._impl = Ast.FrameSet(frame._impl.copy(), options)
            if mapping is not None:
                self._impl.addframe(Ast.BASE, mapping._impl.copy(), currentFrame._impl.copy())

    base = attribute("Base", int, "Index of the base frame.")
    current = attribute("Current", int, "Index of the current frame.")
    nFrame = attribute("Nframe", int, "Number of frames.", writable=False)

    def addFrame(self, iframe, map, frame):
        """Add a frame, which becomes the current one.

        Parameters
        ----------
        iframe : `int`
            Frame it is connected to.
        map : `Mapping`
            From that frame to the new one.
        frame : `Frame`
            The new frame, or a `FrameSet` whose frames are all added.
        """
        with astErrors():
            self._impl.addframe(iframe, map._impl.copy(), frame._impl.copy())

    def getFrame(self, iframe, copy=True):
        """Return a frame; without ``copy``, changes to it change the set."""
        with astErrors():
            impl = self._impl.getframe(iframe)
        return wrap(impl.copy() if copy else impl)

    def getMapping(self, from_=Ast.BASE, to=Ast.CURRENT):
        """Return the mapping from one frame to another."""
        with astErrors():
            return wrap(self._impl.getmapping(from_, to).copy())

    def remapFrame(self, iframe, map):
        """Change the connection of a frame with all others by a mapping from the old to the new frame."""
        with astErrors():
            self._impl.remapframe(iframe, map._impl.copy())

    def removeFrame(self, iframe):
        """Remove a frame."""
        with astErrors():
            self._impl.removeframe(iframe)
