# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""The command needs neither the Gen2 butler nor what the Gen2 commands share."""

import importlib.util
import os
import pathlib
import subprocess
import sys

from rubinLikeImages import assertSame, makeImages, readCurves, writePositions

COMMAND = pathlib.Path(__file__).parents[2]/"bin"/"forcedLightCurves.py"

PROGRAM = """
import sys
sys.modules.update(dict.fromkeys({absent}))
from lsst.dia.repro.imageFiles.forcedLightCurves import main
sys.exit(main(sys.argv[1:]))
"""


def testWithoutGen2(run, tmp_path):
    images, positions = makeImages(tmp_path/"images", 2), writePositions(tmp_path/"mine.csv")
    absent = ["lsst.daf.persistence", "lsst.dia.repro.commandLine"]
    if importlib.util.find_spec("lsst.pipe.cmdline") is not None:
        # A stack of v23 needs them for its own lsst.pipe.base.
        absent += ["lsst.pipe.cmdline", "lsst.obs"]
    args = [*map(str, images), "--refCat", str(positions), "--output"]
    done = subprocess.run([sys.executable, "-c", PROGRAM.format(absent=absent), *args,
                           str(tmp_path/"alone.parq")], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    done = run("forcedLightCurves.py", *args, tmp_path/"curves.parq")
    assert done.returncode == 0, done.stderr
    # What is asked for goes to files, and the log to the standard error.
    assert done.stdout == "" and "forcedLightCurves, 2 images:" in done.stderr
    assertSame(readCurves(tmp_path/"alone.parq"), readCurves(tmp_path/"curves.parq"))


def testNobodyReadsTheOptions():
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run([sys.executable, COMMAND, "--show", "config"], stdout=writer,
                          stderr=subprocess.PIPE, timeout=120)
    os.close(writer)
    assert done.returncode == 141 and done.stderr == b""
