# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Functions that combine AST objects."""

__all__ = ["append"]

from ._frameSet import FrameSet
from ._mappings import UnitMap


def append(first, second):
    """Return the `FrameSet` of two sets: the current frame of the first is the base of the second."""
    merged = FrameSet(first)
    newFrames = FrameSet(second)
    newFrames.current = newFrames.base
    merged.addFrame(FrameSet.CURRENT, UnitMap(first.nAxes), newFrames)
    merged.current = first.nFrame + second.current
    return merged
