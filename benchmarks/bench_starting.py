# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""How long it takes until a command does something."""

import pathlib
import resource
import subprocess
import sys

from stack.benchmarks._timing import Row

BIN = pathlib.Path(__file__).parents[1]/"bin"

#: Help comes when all is imported: the Gen3 butler, which PyPI's lsst.pipe.base brings along and is the
#: reference, then SciPy, the stack and the tasks, without a look for garbage, which takes a sixth of the
#: reference: 1.2 times, and with the database of diaPrompt.py 1.4. What is more is for a library that has
#: crept in.
MAX_RATIO = 1.7


def processSeconds(*arguments, repeats=3):
    """Return the least processor time that a Python process takes, seconds."""
    times = []
    for _ in range(repeats):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        times.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return min(times)


def run():
    """Yield the rows of the report."""
    reference = processSeconds("-c", "import lsst.pipe.base")
    for path in sorted(BIN.glob("*.py")):
        yield Row(f"{path.name} --help", processSeconds(str(path), "--help"), "import lsst.pipe.base",
                  reference, MAX_RATIO)
