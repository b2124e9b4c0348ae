# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Imports of a command, which a batch system starts a thousand times."""

from __future__ import annotations

__all__ = ["quickImports"]

import contextlib
import gc
from collections.abc import Iterator


@contextlib.contextmanager
def quickImports() -> Iterator[None]:
    """Import without a look for garbage, and keep what was imported out of all later ones.

    What imports make is hardly ever garbage; to look for it takes a sixth of their time. Processes that are
    forked share it for good, as none of them touches it in a look of its own.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
