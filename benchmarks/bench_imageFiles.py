# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""What forcedLightCurves.py costs beyond reading and measuring."""

import contextlib
import io
import logging
import pathlib
import tempfile
import time

import lsst.afw.table as afwTable
import numpy as np
from lsst.dia.repro.forced.forcedDiaMeasurement import ForcedDiaMeasurementTask, ForcedDiaPhotConfig
from lsst.dia.repro.forced.refCatFile import readRefCat
from lsst.dia.repro.imageFiles.forcedLightCurves import main
from lsst.dia.repro.imageFiles.imageFile import readImage

from benchmarks.bench_starting import processSeconds
from stack.benchmarks._timing import Row
from tests.smallSurvey import makeSmallSurvey

COMMAND = pathlib.Path(__file__).parents[1]/"bin"/"forcedLightCurves.py"

#: Images, their width and height in pixels, and how many positions each has.
N_IMAGES, SIZE, N_OBJECTS = 40, 1000, 500

#: Reading and measuring are the reference, and part of the command.
LIMIT = 1.3


def writePositions(root):
    """Write the positions of the survey's objects as a user would; return the path."""
    objects = afwTable.SourceCatalog.readFits(str(root/"deepDiff"/"reproDIAObjects.fits"))
    path = root/"mine.csv"
    columns = [objects["id"], np.degrees(objects["coord_ra"]), np.degrees(objects["coord_dec"])]
    np.savetxt(path, np.transpose(columns), fmt=("%d", "%.12f", "%.12f"), delimiter=",", header="id,ra,dec",
               comments="")
    return str(path)


def measure(paths, positions):
    """Read and measure images, and drop the result."""
    task = ForcedDiaMeasurementTask(config=ForcedDiaPhotConfig())
    sky = readRefCat(positions)[0]
    for path in paths:
        task.run(readImage(str(path)), sky)


def cpuSeconds(function, *args):
    start = time.process_time()
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        function(*args)
    return time.process_time() - start


def run():
    """Yield the rows of the report."""
    logging.getLogger("lsst").setLevel(logging.ERROR)
    with tempfile.TemporaryDirectory() as directory:
        root = pathlib.Path(directory)/"repo"
        paths = makeSmallSurvey(root, N_IMAGES, SIZE, N_OBJECTS)
        positions = writePositions(root)
        arguments = [*map(str, paths), "--refCat", positions, "--clobber-output", "--output",
                     str(root/"curves.parq")]
        # Of both, so that all is loaded; then by turns, since what else runs here comes and goes.
        measure(paths[:2], positions)
        main(arguments)
        pairs = [(cpuSeconds(main, arguments), cpuSeconds(measure, paths, positions)) for _ in range(3)]
        whole, reference = (min(times) for times in zip(*pairs))
        yield Row(f"forcedLightCurves.py, {N_IMAGES} images, {N_OBJECTS} positions each", whole,
                  "reading and measuring", reference, LIMIT)
        yield Row("forcedLightCurves.py --help: to start", processSeconds(str(COMMAND), "--help"),
                  "import lsst.pipe.base", processSeconds("-c", "import lsst.pipe.base"))
