# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Ways for a command to end that are no error of its own."""

from __future__ import annotations

__all__ = ["TERMINATED_STATUS", "endUponClosedOutput", "endUponTermination"]

import contextlib
import os
import signal
import sys
import threading
from collections.abc import Iterator
from types import FrameType

#: 128 + SIGTERM, as shells report a command that the signal ended.
TERMINATED_STATUS = 143

#: 128 + SIGPIPE, likewise.
CLOSED_OUTPUT_STATUS = 141


@contextlib.contextmanager
def endUponClosedOutput() -> Iterator[None]:
    """End the command without a word when nobody reads its standard output any more.

    Raises
    ------
    SystemExit
        Raised then, with status 141.
    """
    try:
        try:
            yield
        finally:
            # Else the interpreter would do it in the end, and complain.
            sys.stdout.flush()
    except BrokenPipeError:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
        raise SystemExit(CLOSED_OUTPUT_STATUS) from None


@contextlib.contextmanager
def endUponTermination() -> Iterator[None]:
    """Let SIGTERM end the command as Ctrl-C does, through all its cleaning up.

    Raises
    ------
    SystemExit
        Raised when the signal comes, with status 143.
    """
    # Python has signals in its main thread alone, and what the caller does with them stays.
    if (threading.current_thread() is not threading.main_thread()
            or signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL):
        yield
        return
    signal.signal(signal.SIGTERM, _terminate)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)


def _terminate(number: int, frame: FrameType | None) -> None:
    """End the process through all its cleaning up, which no second signal shall disturb."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    # Not through a stream, which may be in the middle of something.
    with contextlib.suppress(OSError):
        os.write(2, b"Terminated\n")
    raise SystemExit(TERMINATED_STATUS)
