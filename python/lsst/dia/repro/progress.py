# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Tell how far a long loop is."""

from __future__ import annotations

__all__ = ["Progress", "trackProgress"]

import logging
import sys
import time
from collections.abc import Iterator, Sequence
from typing import TypeVar

try:
    from tqdm import tqdm
except ImportError:
    # The environment of a stack may be without it: there are plain lines then.
    tqdm = None

T = TypeVar("T")

#: Seconds between two lines in a log.
LOG_INTERVAL = 30.0


class Progress:
    """How far a loop is: a bar on a terminal, elsewhere a line now and then.

    Parameters
    ----------
    total : `int`
        Number of steps.
    log : `logging.Logger`
        Where to log.
    what : `str`
        What is being done, such as "Reading DIASource catalogs".
    """

    def __init__(self, total: int, log: logging.Logger, what: str) -> None:
        self._total, self._log, self._what = total, log, what
        self._nDone = self._nFailed = 0
        self._last = time.monotonic()
        self._firstLine: tuple[int, float] | None = None
        self._bar = None
        if tqdm is not None and sys.stderr.isatty():
            # Its thread, which looks after slow bars, must not be there when processes are forked.
            tqdm.monitor_interval = 0
            self._bar = tqdm(total=total, desc=what, leave=False, file=sys.stderr, dynamic_ncols=True)
            self._eraser = _Eraser()
            logging.getLogger().handlers.insert(0, self._eraser)

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *exceptionInfo: object) -> None:
        self.close()

    def step(self, isFailed: bool = False) -> None:
        """Report that a step is done.

        Parameters
        ----------
        isFailed : `bool`, optional
            Did it fail?
        """
        self._nDone += 1
        self._nFailed += isFailed
        if self._bar is not None:
            if isFailed:
                self._bar.set_postfix_str(f"{self._nFailed} failed", refresh=False)
            self._bar.update()
            return
        now = time.monotonic()
        if now - self._last >= LOG_INTERVAL:
            self._last = now
            self._log.info("%s: %s", self._what, self._describe(now))

    def _describe(self, now: float) -> str:
        """Say how far it is, and from the second line on what time it takes."""
        failed = f", {self._nFailed} failed" if self._nFailed else ""
        text = f"{self._nDone} of {self._total}{failed}"
        if self._firstLine is None:
            # The first steps load and compile what the others find: no rate is to be had from them.
            self._firstLine = self._nDone, now
            return text
        nBefore, before = self._firstLine
        rate = (self._nDone - nBefore)/(now - before)
        return f"{text}, {rate:.3g}/s, {formatDuration((self._total - self._nDone)/rate)} left"

    def close(self) -> None:
        """Take the bar away."""
        if self._bar is not None:
            self._bar.close()
            logging.getLogger().handlers.remove(self._eraser)
            self._bar = None


class _Eraser(logging.Handler):
    """Handler, the first of all, that makes room for a message where the bar is."""

    def emit(self, record: logging.LogRecord) -> None:
        sys.stderr.write("\r\033[K")
        sys.stderr.flush()


def formatDuration(seconds: float) -> str:
    """Return a time of some seconds as hours, minutes and seconds.

    Parameters
    ----------
    seconds : `float`
        The time.

    Returns
    -------
    text : `str`
        Such as "1:02:03".
    """
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes//60}:{minutes%60:02d}:{rest:02d}"


def trackProgress(items: Sequence[T], log: logging.Logger, what: str) -> Iterator[T]:
    """Iterate over a list and report progress; see `Progress`.

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
    with Progress(len(items), log, what) as progress:
        for item in items:
            yield item
            progress.step()
