# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Measure what quanta cost, and write the tables of the page "Running at scale".

``python -m benchmarks.quantumCosts`` takes about ten minutes on an idle machine.
"""

import csv
import os
import pathlib
import tempfile

import numpy as np
from lsst.daf.butler import Butler

from .bench_running import makeManyObjects
from .gen3Stages import OBJECTS, RUN, makeGen3, runStage

DOC = pathlib.Path(__file__).parents[1]/"doc"/"lsst.dia.repro"

#: Images of next to nothing, 100x100 pixels with 30 DIAObjects, few and many, to tell the cost of a process
#: from that of a quantum.
FEW, MANY = 20, 120

#: Images as those of LSSTCam, each with so many DIAObjects.
N_LARGE, LARGE_SIZE, LARGE_OBJECTS = 4, 4000, 2000

#: Images with so many DIASources each, which are all DIAObjects, too.
N_DENSE, DENSE_SIZE, DENSE_SOURCES = 100, 600, 2000


def slope(many, few, nMany, nFew):
    """Return start and cost of each from the costs of two numbers."""
    each = (many - few)/(nMany - nFew)
    return few - nFew*each, each


def measureSmall(root):
    """Return the stages of all tasks, of few and of many images, and the size of the registry of many."""
    found = {}
    for n in (FEW, MANY):
        place = root/f"small{n}"
        makeGen3(place, n)
        found[n] = {label: runStage(place, label, inputs) for label, inputs in (
            ("forcedDiaPhot", f"{RUN},{OBJECTS}"),
            ("diaObjectMaker", RUN), ("diaLightCurves", f"{RUN},forcedDiaPhot,{OBJECTS}"))}
        found[n]["registry"] = (place/"gen3"/"gen3.sqlite3").stat().st_size
    return found


def measureLarge(root):
    """Return the stage of forced photometry of large images, and the mean size of image and catalog."""
    paths = makeGen3(root/"large", N_LARGE, LARGE_SIZE, LARGE_OBJECTS)
    stage = runStage(root/"large", "forcedDiaPhot", f"{RUN},{OBJECTS}")
    butler = Butler.from_config(str(root/"large"/"gen3"), collections="forcedDiaPhot")
    sizes = [os.path.getsize(butler.getURI(ref).ospath) for ref in butler.query_datasets("forcedDIASource")]
    return stage, np.mean([path.stat().st_size for path in paths]), np.mean(sizes)


def measureDense(root):
    """Return the stages of association, whole and by tiles, and of light curves, and sizes of tables."""
    place = root/"dense"
    makeGen3(place, N_DENSE, DENSE_SIZE, DENSE_SOURCES)
    stages = {"diaObjectMaker": runStage(place, "diaObjectMaker", RUN)}
    stages["forcedDiaPhot"] = runStage(place, "forcedDiaPhot", f"{RUN},diaObjectMaker")
    stages["diaLightCurves"] = runStage(place, "diaLightCurves", f"{RUN},forcedDiaPhot,diaObjectMaker")
    stages["diaObjectMakerTile"] = runStage(place, "diaObjectMakerTile", RUN, "diaTiled.yaml",
                                            ["-c", "diaObjectMakerTile:tileLevel=11"])
    butler = Butler.from_config(str(place/"gen3"), collections=["diaLightCurves", "diaObjectMaker",
                                                                "diaObjectMakerTile"])
    sizes = {name: os.path.getsize(butler.getURI(name, instrument="LSSTSim").ospath)
             for name in ("reproDIAObjects", "reproDIASources", "diaLightCurves")}
    nTiles = len(butler.query_datasets("reproDIAObjects_tile"))
    nRows = butler.get("diaLightCurves", instrument="LSSTSim").num_rows
    return stages, sizes, nTiles, nRows


def measureManyObjects(root):
    """Return the stage of forced photometry of few images when there are many DIAObjects on the sky."""
    place = root/"manyObjects"
    place.mkdir()
    makeGen3(place, FEW, change=makeManyObjects)
    return runStage(place, "forcedDiaPhot", f"{RUN},{OBJECTS}")


def main():
    """Measure, and write what was found."""
    with tempfile.TemporaryDirectory() as directory:
        root = pathlib.Path(directory)
        dense, small = measureDense(root), measureSmall(root)
        large, many = measureLarge(root), measureManyObjects(root)
    with open(DOC/"quantum-costs.csv", "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["what", "seconds", "MB of memory", "bytes"])
        writer.writerows(makeRows(small, dense, large, many))


def makeRows(small, dense, large, many):
    """Yield the rows of the table; numbers of few and of many quanta tell what a process takes, and each."""
    few, more = small[FEW], small[MANY]

    def each(label, part, what="seconds"):
        return slope(getattr(getattr(more[label], part), what), getattr(getattr(few[label], part), what),
                     MANY, FEW)

    start, image = each("forcedDiaPhot", "run")
    yield "a job, to start", f"{start:.1f}", f"{few['forcedDiaPhot'].run.megabytes:.0f}", ""
    yield "an image of 100x100 pixels with 30 DIAObjects", f"{image:.3f}", "", ""
    stage, imageBytes, catalogBytes = large
    seconds = (stage.run.seconds - start)/N_LARGE
    yield (f"an image of {LARGE_SIZE}x{LARGE_SIZE} pixels with {LARGE_OBJECTS} DIAObjects", f"{seconds:.1f}",
           f"{stage.run.megabytes:.0f}", f"{imageBytes/1e6:.0f} MB read, {catalogBytes/1e6:.1f} MB written")
    yield ("a million DIAObjects more, in each forced job",
           f"{many.run.seconds - few['forcedDiaPhot'].run.seconds:.1f}",
           f"{many.run.megabytes - few['forcedDiaPhot'].run.megabytes:.0f}", "")
    yield from _makeDenseRows(dense, each)
    for part, what in (("graph", "graph of quanta, an image"), ("aggregate", "final job, an image")):
        total = sum(each(label, part)[1] for label in ("forcedDiaPhot", "diaObjectMaker", "diaLightCurves"))
        memory = max(each(label, part, "megabytes")[1] for label in ("forcedDiaPhot", "diaObjectMaker",
                                                                     "diaLightCurves"))
        size = sum(more[label].graphBytes - few[label].graphBytes
                   for label in ("forcedDiaPhot", "diaObjectMaker", "diaLightCurves"))/(MANY - FEW)
        yield what, f"{total:.4f}", f"{memory:.3f}", f"{size:.0f}" if part == "graph" else ""
    yield "registry of SQLite, an image", "", "", f"{(more['registry'] - few['registry'])/(MANY - FEW):.0f}"


def _makeDenseRows(dense, each):
    """Yield the rows of the tasks that have all images in one quantum, an image each."""
    stages, sizes, nTiles, nRows = dense
    for label, what, name, n in (
            ("diaObjectMaker", "association", "reproDIASources", N_DENSE*DENSE_SOURCES),
            ("diaLightCurves", "light curves", "diaLightCurves", nRows)):
        run, start = stages[label].run, each(label, "run")[0]
        yield (f"{what}, an image with {n/N_DENSE:.0f} rows", f"{(run.seconds - start)/N_DENSE:.3f}",
               f"{(run.megabytes - each(label, 'run', 'megabytes')[0])/N_DENSE:.2f}",
               f"{sizes[name]/N_DENSE/1e6:.2f} MB written")
    tiled, start = stages["diaObjectMakerTile"].run, each("diaObjectMaker", "run")[0]
    yield (f"association by {nTiles} tiles of 170 arcsec, a tile", f"{(tiled.seconds - start)/nTiles:.2f}",
           f"{tiled.megabytes:.0f}", "")


if __name__ == "__main__":
    main()
