# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Time a function, and report it as a ratio."""

import time
import tracemalloc
from typing import NamedTuple, Optional

import numpy as np


class Row(NamedTuple):
    """One line of the report."""

    name: str
    seconds: float
    reference: str
    referenceSeconds: float
    limit: Optional[float] = None

    def __str__(self):
        ratio = self.seconds/self.referenceSeconds
        verdict = ""
        if self.limit is not None:
            verdict = f"  limit {self.limit:g}" + ("" if ratio <= self.limit else "  MISSED")
        return (f"{self.name:58s} {self.seconds:9.4f} s  = {ratio:8.3f} x {self.reference}"
                f" ({self.referenceSeconds:.4f} s){verdict}")


def bestOf(function, *args, repeats=3):
    """Return the least time that a call takes, seconds."""
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        function(*args)
        times.append(time.perf_counter() - start)
    return min(times)


def peakMemory(function, *args):
    """Return the most memory that a call allocates through Python, bytes."""
    tracemalloc.start()
    try:
        function(*args)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def sortSeconds():
    """Return the time of the reference kernel `numpy.sort` of 1e7 doubles."""
    values = np.random.default_rng(0).random(10**7)
    return bestOf(np.sort, values)
