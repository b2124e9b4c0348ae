# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Ellipses in several parameterizations: `lsst.afw.geom.ellipses`, here since tables hold shapes, too."""

from ._axes import *
from ._baseCore import *
from ._ellipse import *
from ._quadrupole import *
