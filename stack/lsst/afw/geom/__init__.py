# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Transforms, celestial WCSs and shapes."""

from lsst import _noMixing

from ._endpoint import *
from ._skyWcsFactory import *
from ._span import *
from ._spanSet import *
from .ellipses import Ellipse, Quadrupole
from .polygon import *
from .skyWcs import *
from .transform import *
from .transformFactory import *
from .wcsUtils import *

from . import _formats  # isort: skip; they stand on all of the above
