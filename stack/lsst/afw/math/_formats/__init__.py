# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""How kernels, functions and bounded fields are stored in archives."""

from . import boundedFields, functions, kernels, warping
