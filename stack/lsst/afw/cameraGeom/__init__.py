# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Detectors: geometry, coordinate systems and amplifiers."""

from lsst import _noMixing

from ._amplifier import *
from ._cameraSys import *
from ._detector import *
from ._orientation import *
from ._transformMap import *

from . import _formats  # isort: skip; they stand on all of the above

NullLinearityType = "None"  # The linearity of amplifiers that need no correction.
