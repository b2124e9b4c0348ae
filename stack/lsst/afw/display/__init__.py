# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Display of images, by default on matplotlib figures."""

from ._colors import *
from ._display import *
