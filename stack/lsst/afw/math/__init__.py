# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Functions, kernels, warping, statistics and bounded fields."""

from ._boundedField import *
from ._chebyshevBoundedField import *
from ._chebyshevBoundedFieldControl import *
from ._function import *
from ._functionLibrary import *
from ._kernel import *
from ._linearCombinationKernel import *
from ._offsetImage import *
from ._pixelAreaBoundedField import *
from ._polynomials import *
from ._productBoundedField import *
from ._separableKernel import *
from ._simpleKernels import *
from ._statistics import *
from ._transformBoundedField import *
from ._transformImage import *
from ._warpImage import *
from ._warpingControl import *
from ._warpingKernel import *
