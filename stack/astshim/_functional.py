# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Functions that combine AST objects."""

__all__ = ["append", "makeRadialMapping"]

from ._frameSet import FrameSet
from ._mappings import UnitMap, UnitNormMap


def append(first, second):
    """Return the `FrameSet` of two sets: the current frame of the first is the base of the second."""
    merged = FrameSet(first)
    newFrames = FrameSet(second)
    newFrames.current = newFrames.base
    merged.addFrame(FrameSet.CURRENT, UnitMap(first.nAxes), newFrames)
    merged.current = first.nFrame + second.current
    return merged


def makeRadialMapping(center, mapping1d):
    """Make a radially symmetric mapping.

    Parameters
    ----------
    center : sequence of `float`
        Center of symmetry.
    mapping1d : `Mapping`
        From distance to distance; one input and one output.

    Returns
    -------
    mapping : `Mapping`

    Raises
    ------
    ValueError
        If ``mapping1d`` is not one-dimensional.
    """
    if mapping1d.nIn != 1:
        raise ValueError(f"mapping1d has {mapping1d.nIn} inputs, instead of 1")
    if mapping1d.nOut != 1:
        raise ValueError(f"mapping1d has {mapping1d.nOut} outputs, instead of 1")
    unitNorm = UnitNormMap(center)
    return unitNorm.then(UnitMap(len(center)).under(mapping1d)).then(unitNorm.inverted())
