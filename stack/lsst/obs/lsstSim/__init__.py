# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""The mapper of simulated LSST data."""

from lsst import _noMixing

from .lsstSimMapper import *
