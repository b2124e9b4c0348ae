# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""A folder of pages on a survey: the run, its objects and their light curves."""
