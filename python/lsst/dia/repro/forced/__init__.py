# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""The parts of forced photometry that the measurement plugins do not do, a module each."""
