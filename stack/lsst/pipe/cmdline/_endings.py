# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Ways for a command to end that are no error of its own."""

import contextlib
import os
import sys

__all__ = ["dropOutput", "endQuietly"]

_BROKEN_PIPE_STATUS = 141  # 128 + SIGPIPE, as shells report a command that the signal ended.
_INTERRUPTED_STATUS = 130  # 128 + SIGINT.


def dropOutput(stream):
    """Send what goes to a stream to nowhere, since nobody reads it any more.

    Parameters
    ----------
    stream : file-like
        `sys.stdout` or `sys.stderr`.
    """
    with contextlib.suppress(OSError, ValueError, AttributeError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)


@contextlib.contextmanager
def endQuietly():
    """End the process without a traceback if its reader is gone or its user interrupts it.

    Raises
    ------
    SystemExit
        With status 141 if the standard output was closed, 130 upon Ctrl-C.
    """
    try:
        try:
            yield
        finally:
            sys.stdout.flush()  # Else the interpreter would do it, and complain, after the last handler.
    except BrokenPipeError:
        dropOutput(sys.stdout)
        sys.exit(_BROKEN_PIPE_STATUS)
    except KeyboardInterrupt:
        print("Interrupted", file=sys.stderr)
        sys.exit(_INTERRUPTED_STATUS)
