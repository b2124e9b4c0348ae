# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Profiling of a command."""

import contextlib
from cProfile import Profile

__all__ = ["profile"]


@contextlib.contextmanager
def profile(filename, log=None):
    """Profile the enclosed code with `cProfile`.

    Parameters
    ----------
    filename : `str` or `None`
        Where the statistics go; nothing is profiled if empty or `None`.
    log : `logging.Logger`, optional
        Told when profiling begins and where the result went.

    Yields
    ------
    profiler : `cProfile.Profile` or `None`
        The active profiler.
    """
    if not filename:
        yield None
        return
    profiler = Profile()
    if log is not None:
        log.info("Enabling cProfile profiling")
    profiler.enable()
    try:
        yield profiler
    finally:
        profiler.disable()
        profiler.dump_stats(filename)
    if log is not None:
        log.info("cProfile stats written to %s", filename)
