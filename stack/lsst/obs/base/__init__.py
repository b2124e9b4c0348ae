# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""What the mappers of all cameras share."""

from lsst import _noMixing

from .cameraMapper import *
from .exposureIdInfo import *
from .mapping import *
