# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""What counts as a measured flux."""

from __future__ import annotations

__all__ = ["isMeasured"]

import numpy as np


def isMeasured(flux: np.ndarray, fluxErr: np.ndarray) -> np.ndarray:
    """Tell where there is a flux with an error, both finite, and the error positive, (n,), bool."""
    return np.isfinite(flux) & np.isfinite(fluxErr) & (fluxErr > 0.0)
