# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Simulated surveys with known truth: how they are made, and how results score."""
