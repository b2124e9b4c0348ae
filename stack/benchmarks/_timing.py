# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Time a function, and report it as a ratio."""

import multiprocessing
import os
import pathlib
import subprocess
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from typing import NamedTuple, Optional

import numpy as np

#: Names of old and new versions of NumPy; it passes over those that it does not know.
_VECTOR_SORTS = "AVX2 AVX512F AVX512_SKX AVX512_ICL AVX512_SPR X86_V3 X86_V4"


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
    """Return the least processor time that a call takes, seconds: what else runs here does not count."""
    return bestOfEach([lambda: function(*args)], repeats)[0]


def bestOfEach(functions, repeats=3):
    """Return the least processor time of each of some calls, seconds.

    They take turns, so that where a machine is slow for a while none of them has all of it.
    """
    times = [[_processorTime(function) for function in functions] for _ in range(repeats)]
    return [min(each) for each in zip(*times)]


def _processorTime(function):
    start = time.process_time()
    function()
    return time.process_time() - start


def peakMemory(function, *args):
    """Return the most memory that a call takes beyond its imports, bytes.

    It is the resident memory of a process of its own, so that what compiled
    libraries allocate counts, too.
    """
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        return pool.submit(_residentPeak, function, args).result()


def _residentPeak(function, args):
    before = _peakSoFar()
    function(*args)
    return _peakSoFar() - before


def _peakSoFar():
    # Not getrusage: its number outlives the exec that started the process.
    status = pathlib.Path("/proc/self/status").read_text()
    return 1024*int(status.split("VmHWM:")[1].split()[0])


def sortSeconds():
    """Return the time of the reference kernel: `numpy.sort` of 1e7 doubles, seconds.

    It sorts without the vector instructions that NumPy knows since 2.0, as where
    the real stack was timed; they alone would change the scale fivefold.
    """
    environment = {**os.environ, "NPY_DISABLE_CPU_FEATURES": _VECTOR_SORTS}
    script = "from benchmarks._timing import timeSort; print(timeSort())"
    done = subprocess.run([sys.executable, "-c", script], env=environment, check=True, capture_output=True,
                          cwd=pathlib.Path(__file__).parents[1], text=True)
    return float(done.stdout)


def timeSort():
    """Return the time of that sort in this process, seconds."""
    return bestOf(np.sort, np.random.default_rng(0).random(10**7))
