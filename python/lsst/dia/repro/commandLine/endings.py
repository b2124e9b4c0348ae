# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Ways for a command to end that are no error of its own."""

from __future__ import annotations

__all__ = ["TERMINATED_STATUS"]

#: 128 + SIGTERM, as shells report a command that the signal ended.
TERMINATED_STATUS = 143
