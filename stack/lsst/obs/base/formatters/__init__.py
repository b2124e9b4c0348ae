# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Formatters of the Gen3 butler, under the names that repositories store; they need ``lsst-daf-butler``."""
