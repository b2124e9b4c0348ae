# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Run tasks in processes of their own, and kill these."""

import contextlib
import os
import signal
import time


def startProcess(work):
    """Call a function in a process of its own; return its id."""
    child = os.fork()
    # A group of its own, so that its workers are killed with it; whichever of both comes first makes it.
    os.setpgid(child, child)
    if child:
        return child
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 1)
    os.dup2(null, 2)
    status = 1
    try:
        work()
        status = 0
    finally:
        os._exit(status)


def finish(child):
    """Wait for a process and return its status."""
    _, status = os.waitpid(child, 0)
    return os.WEXITSTATUS(status) if os.WIFEXITED(status) else -os.WTERMSIG(status)


def killAt(child, seconds):
    """Kill a process and its workers after some time; return whether it was still at work."""
    time.sleep(seconds)
    os.killpg(child, signal.SIGKILL)
    wasAtWork = finish(child) == -signal.SIGKILL
    # Its workers may take a moment; what they leave is removed by a run that begins when they are gone.
    with contextlib.suppress(ProcessLookupError):
        for _ in range(20):
            os.killpg(child, 0)
            time.sleep(0.05)
    return wasAtWork
