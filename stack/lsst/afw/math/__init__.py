# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Functions, kernels, warping, statistics and bounded fields."""

from ._boundedField import *  # noqa: F403
from ._chebyshevBoundedField import *  # noqa: F403
from ._chebyshevBoundedFieldControl import *  # noqa: F403
from ._function import *  # noqa: F403
from ._functionLibrary import *  # noqa: F403
from ._kernel import *  # noqa: F403
from ._linearCombinationKernel import *  # noqa: F403
from ._offsetImage import *  # noqa: F403
from ._pixelAreaBoundedField import *  # noqa: F403
from ._polynomials import *  # noqa: F403
from ._productBoundedField import *  # noqa: F403
from ._separableKernel import *  # noqa: F403
from ._simpleKernels import *  # noqa: F403
from ._statistics import *  # noqa: F403
from ._transformBoundedField import *  # noqa: F403
from ._transformImage import *  # noqa: F403
from ._warpImage import *  # noqa: F403
from ._warpingControl import *  # noqa: F403
from ._warpingKernel import *  # noqa: F403
