# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Simulated surveys with known truth: how they are made, and how results score."""

from ._command import main

__all__ = ["main", "simulateRepository"]


def __getattr__(name):
    if name != "simulateRepository":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from ._repository import simulateRepository

    return simulateRepository
