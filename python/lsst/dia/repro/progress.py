# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Tell how far a long loop has come."""

from __future__ import annotations

__all__ = ["trackProgress"]

import logging
import sys
import time
from collections.abc import Iterator, Sequence
from typing import TypeVar

T = TypeVar("T")

#: Seconds between two reports, on a terminal and in a log.
TERMINAL_INTERVAL, LOG_INTERVAL = 0.2, 30.0


def trackProgress(items: Sequence[T], log: logging.Logger, what: str) -> Iterator[T]:
    """Iterate over a list and report progress.

    On a terminal one line is rewritten; elsewhere a line is logged now and
    then.

    Parameters
    ----------
    items : `list`
        What to iterate over.
    log : `logging.Logger`
        Where to log.
    what : `str`
        What is being done, such as "Reading DIASource catalogs".

    Yields
    ------
    item : `object`
        Each item in turn.
    """
    onTerminal = sys.stderr.isatty()
    interval = TERMINAL_INTERVAL if onTerminal else LOG_INTERVAL
    last = time.monotonic()
    for number, item in enumerate(items, 1):
        yield item
        now = time.monotonic()
        if now - last >= interval:
            last = now
            if onTerminal:
                sys.stderr.write(f"\r{what}: {number} of {len(items)}")
                sys.stderr.flush()
            else:
                log.info("%s: %d of %d", what, number, len(items))
    if onTerminal and items:
        sys.stderr.write("\r\033[K")
