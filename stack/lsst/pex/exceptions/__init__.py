# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Exception hierarchy of the LSST stack."""

from lsst import _noMixing

from ._exceptions import *
