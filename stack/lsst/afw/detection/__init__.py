# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Point spread functions, footprints and peaks."""

from ._gaussianPsf import *  # noqa: F403
from ._psf import *  # noqa: F403
