# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""The units that tables and configs are in, where radians and nJy will not do."""

from __future__ import annotations

__all__ = ["AB_ZERO_POINT", "ARCSEC", "ARCSEC_PER_DEGREE", "RADIAN"]

import math

ARCSEC = math.pi/180/3600
"""One arcsecond, radians."""

ARCSEC_PER_DEGREE = 3600.0

RADIAN = 180/math.pi
"""One radian, degrees."""

AB_ZERO_POINT = 31.4
"""AB magnitude of 1 nJy: 8.9, that of 1 Jy, and 2.5 log10(1e9), as Rubin rounds it."""
