# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Timed comparisons. ``python -m benchmarks [NAME ...]`` runs them.

Every number is a ratio against a reference kernel in the same run, since
machines differ and are noisy.
"""
