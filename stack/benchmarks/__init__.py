# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Timed comparisons. ``python -m benchmarks [NAME ...]`` runs them.

Every number is a ratio of processor times against a reference kernel in the
same run, since machines differ and are noisy. A limit that is missed is told,
and fails nothing.
"""
