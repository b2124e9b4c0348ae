# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Where detectors are in the focal plane."""

from ._orientation import *
