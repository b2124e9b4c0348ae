# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""How point spread functions and other components of exposures are stored in archives."""

from . import coadds, psfs
