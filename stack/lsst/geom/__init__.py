# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Angles, positions on the sphere, points, boxes and affine maps."""

from lsst import _noMixing

from ._affineTransform import *
from ._angle import *
from ._boxD import *
from ._boxI import *
from ._coordinates import *
from ._extent import *
from ._intervalD import *
from ._intervalI import *
from ._linearTransform import *
from ._point import *
from ._spherePoint import *
