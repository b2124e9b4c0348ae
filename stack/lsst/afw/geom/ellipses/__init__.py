# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Ellipses in several parameterizations."""

from lsst.geom._ellipses import *

from ._pixelRegion import *
