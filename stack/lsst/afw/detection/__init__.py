# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Point spread functions, footprints and peaks."""

from lsst import _noMixing

from ._footprint import *
from ._footprintCtrl import *
from ._gaussianPsf import *
from ._heavyFootprint import *
from ._peak import *
from ._psf import *

from . import _formats  # isort: skip; they stand on all of the above
