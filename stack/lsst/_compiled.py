# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Compilation of inner loops with Numba.

Only modules with such loops import this, and those are imported where they are first used: Numba takes half
a second to import, which commands that measure nothing shall not wait for.
"""

__all__ = ["compiled"]

import numba


def compiled(function=None, **options):
    """Compile a function when it is first called, and keep the code on disk if there is where.

    It does not hold Python's lock, so that `lsst._threads.runInThreads` can run it. Division by zero gives
    infinity or NaN, as in NumPy.

    Parameters
    ----------
    function : callable, optional
        The function. What it calls must be in its own file: only changes of that are noticed.
    **options
        More options of `numba.njit`.

    Returns
    -------
    compiled : callable
        The function, or a decorator if there is none.
    """
    if function is None:
        return lambda function: compiled(function, **options)
    options = dict(options, error_model="numpy", nogil=True)
    try:
        return numba.njit(cache=True, **options)(function)
    except RuntimeError:
        # Neither the package's folder nor the user's can be written to: it is compiled in each process.
        return numba.njit(**options)(function)
