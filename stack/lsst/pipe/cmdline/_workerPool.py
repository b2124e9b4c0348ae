# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Runs a function on many items in several processes."""

import multiprocessing
import signal
import sys
import time

__all__ = ["mapInProcesses"]

_CHUNKS_PER_PROCESS = 4  # As multiprocessing.Pool.map, which v23 uses.


def mapInProcesses(function, items, numProcesses, timeout, onTimeout):
    """Call a function with each item, in forked processes.

    Parameters
    ----------
    function : callable
        What to call; it is pickled.
    items : `list`
        Its arguments; they are pickled.
    numProcesses : `int`
        Number of processes at a time. One process serves a few items and then ends, which frees its
        memory.
    timeout : `float`
        Time for all items together (seconds).
    onTimeout : callable
        Called with each item that has no result by then; its value takes the result's place.

    Returns
    -------
    results : `list`
        What the function returned for each item, in order.

    Raises
    ------
    Exception
        What the function raised first.
    """
    size = -(-len(items) // (_CHUNKS_PER_PROCESS * numProcesses))
    chunks = [items[i : i + size] for i in range(0, len(items), size)]
    # Forked workers inherit the log configuration, as on Linux with every Python that ran v23.
    context = multiprocessing.get_context("fork")
    sys.stdout.flush()
    end = time.monotonic() + timeout
    results = []
    with context.Pool(numProcesses, initializer=_ignoreInterrupts, maxtasksperchild=1) as pool:
        pending = [pool.apply_async(_callEach, (function, chunk)) for chunk in chunks]
        for chunk, result in zip(chunks, pending):
            try:
                results += result.get(max(end - time.monotonic(), 0))
            except multiprocessing.TimeoutError:
                results += [onTimeout(item) for item in chunk]
    return results


def _ignoreInterrupts():
    """Leave Ctrl-C, which reaches all processes, to the one that can end the others."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _callEach(function, items):
    return [function(item) for item in items]
