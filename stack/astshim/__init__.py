# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""The part of LSST's astshim API that afw and its users touch, over starlink-pyast.

``lsst.afw.geom`` hands out AST objects (``SkyWcs.getFrameDict``, ``Transform.getMapping``) as astshim
objects. Both bindings wrap the same C library, so the numbers and the native text of an object are those
of the stack. Classes of AST that astshim lacks, and features of astshim that are not provided here, raise.
"""

from lsst import _noMixing

from ._channel import Channel
from ._fitsChan import CardType, FitsChan, FoundValue
from ._frame import CmpFrame, Frame, SkyFrame
from ._frameDict import FrameDict
from ._frameSet import FrameSet
from ._functional import append
from ._mapping import Mapping
from ._mappings import (
    ChebyMap,
    CmpMap,
    LutMap,
    MathMap,
    MatrixMap,
    NormMap,
    ParallelMap,
    PcdMap,
    PermMap,
    PolyMap,
    RateMap,
    SeriesMap,
    ShiftMap,
    SlaMap,
    SphMap,
    TimeMap,
    TranMap,
    UnitMap,
    UnitNormMap,
    WcsMap,
    WinMap,
    ZoomMap,
)
from ._object import Object
from ._stream import StringStream

__all__ = [
    "CardType",
    "Channel",
    "ChebyMap",
    "CmpFrame",
    "CmpMap",
    "FitsChan",
    "FoundValue",
    "Frame",
    "FrameDict",
    "FrameSet",
    "LutMap",
    "Mapping",
    "MathMap",
    "MatrixMap",
    "NormMap",
    "Object",
    "ParallelMap",
    "PcdMap",
    "PermMap",
    "PolyMap",
    "RateMap",
    "SeriesMap",
    "ShiftMap",
    "SkyFrame",
    "SlaMap",
    "SphMap",
    "StringStream",
    "TimeMap",
    "TranMap",
    "UnitMap",
    "UnitNormMap",
    "WcsMap",
    "WinMap",
    "ZoomMap",
    "append",
]
