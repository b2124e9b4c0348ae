# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Point spread functions that Piff fitted; they can be read, evaluated and written back, but not fitted."""

from lsst import _noMixing

from . import _piffPsfFormat
from .piffPsf import *
