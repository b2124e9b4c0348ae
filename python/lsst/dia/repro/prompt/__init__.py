# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Level 1: associate and measure visit by visit, with a look back, on Rubin's alert production database."""
