# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""What exposures hold about their detector: geometry, coordinate systems and amplifiers."""

from ._amplifier import *
from ._cameraSys import *
from ._detector import *
from ._makePixelToTanPixel import *
from ._orientation import *
from ._transformMap import *
