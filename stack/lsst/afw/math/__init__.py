# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Functions, kernels, bounded fields and background models."""

import importlib

from lsst import _noMixing

from ._boundedField import *
from ._chebyshevBoundedField import *
from ._function import *
from ._functionLibrary import *
from ._interpolate import *
from ._kernel import *
from ._linearCombinationKernel import *
from ._offsetImage import *
from ._pixelAreaBoundedField import *
from ._polynomials import *
from ._productBoundedField import *
from ._separableKernel import *
from ._simpleKernels import *
from ._transformBoundedField import *
from ._warpingControl import *
from ._warpingKernel import *

# What stands on images, which in turn stand on this package.
_LATE = {name: module for module, names in {
    "._approximate": ("ApproximateControl", "ApproximateF", "makeApproximate"),
    "._background": ("Background", "BackgroundMI"),
    "._backgroundControl": ("BackgroundControl", "INCREASE_NXNYSAMPLE", "REDUCE_INTERP_ORDER",
                            "THROW_EXCEPTION", "UndersampleStyle", "stringToUndersampleStyle"),
    "._backgroundList": ("BackgroundList",),
}.items() for name in names}


def __getattr__(name):
    if name not in _LATE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(_LATE[name], __name__), name)


def __dir__():
    return sorted([*globals(), *_LATE])
