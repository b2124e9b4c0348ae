# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""How many threads compiled loops use."""

__all__ = ["runInThreads", "setThreads"]

from concurrent.futures import ThreadPoolExecutor

_FEW = 64  # items that are not worth another thread

_number = 1


def setThreads(number):
    """Set the number of threads that loops over many items may use; the results are the same.

    Parameters
    ----------
    number : `int`
        The number; one at first. Where there are several processes it is to stay one.
    """
    global _number
    _number = number


def runInThreads(loop, n, *args):
    """Run a compiled loop over some items in as many threads as there may be, and wait for all.

    The threads end with it, so that no process is forked while there are any.

    Parameters
    ----------
    loop : callable
        Called with ``*args``, and the first item and the one after the last. It must not hold Python's lock.
    n : `int`
        Number of items.
    *args
        Arguments.
    """
    number = max(1, min(_number, n//_FEW))
    if number == 1:
        loop(*args, 0, n)
        return
    limits = [part*n//number for part in range(number + 1)]
    with ThreadPoolExecutor(number) as pool:
        for done in [pool.submit(loop, *args, *ends) for ends in zip(limits, limits[1:])]:
            done.result()
