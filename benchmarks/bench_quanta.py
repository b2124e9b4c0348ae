# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""What a job of many quanta costs beyond the Gen2 command on the same images."""

import pathlib
import sys
import tempfile

from stack.benchmarks._timing import Row

from .gen3Stages import OBJECTS, RUN, makeGen3, measure, runStage

BIN = pathlib.Path(__file__).parents[1]/"bin"

#: Images of a job, as bps/diaJobs.yaml has it, each a few tenths of a second.
N_IMAGES, SIZE, N_OBJECTS = 50, 1000, 5000


def run():
    """Yield the rows of the report."""
    with tempfile.TemporaryDirectory() as directory:
        root = pathlib.Path(directory)
        makeGen3(root, N_IMAGES, SIZE, N_OBJECTS)
        gen2 = measure(sys.executable, BIN/"forcedDiaPhot.py", root/"gen2", "--id", "--no-versions", "-L",
                       "fatal")
        gen3 = runStage(root, "forcedDiaPhot", f"{RUN},{OBJECTS}")
        yield Row(f"job of {N_IMAGES} forced quanta, an image", gen3.run.seconds/N_IMAGES, "forcedDiaPhot.py",
                  gen2.seconds/N_IMAGES, 1.3)
