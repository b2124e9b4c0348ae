# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Functions, kernels, bounded fields and background models."""

from lsst import _noMixing

from ._approximate import *
from ._background import *
from ._backgroundControl import *
from ._backgroundList import *
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

from . import _formats  # isort: skip; they stand on all of the above
