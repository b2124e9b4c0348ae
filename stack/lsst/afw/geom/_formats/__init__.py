# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""How WCSs, transforms, polygons and sets of pixels are stored in archives."""

from . import astTexts, oldWcs, polygon, spanSet
