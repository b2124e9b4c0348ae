# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""How detectors and their coordinate systems are stored in archives."""

from . import detector, transformMap
