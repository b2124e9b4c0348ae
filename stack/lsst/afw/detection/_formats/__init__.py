# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""How footprints, peaks and point spread functions are stored."""

from . import footprints, gaussianPsf, peaks
