# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Pages on a survey: making them, against reading the light curves once, and opening them in a browser.

``REPORT=100000x200`` in the environment asks for another number of DIAObjects and images.
"""

import logging
import os
import pathlib
import shutil
import tempfile
import time

import pyarrow.parquet as pq
from lsst.dia.repro.lightCurves.lightCurveFile import LightCurveFile
from lsst.dia.repro.report.diaReport import main

from stack.benchmarks._timing import Row, bestOf, peakMemory
from tests.report.browser import openBrowser
from tests.report.simulatedTables import FIRST_OBJECT, writeSurvey

N_OBJECTS, N_IMAGES = map(int, os.environ.get("REPORT", "10000x40").split("x"))

#: How long the pages may take to open, seconds, by the issue that asked for them.
LIMITS = {"first page": 2.0, "table": 2.0, "object": 0.5, "next object": 0.5, "far object": 0.5}


def makePages(repository, pages, times):
    """Make the pages; write the processor and wall-clock seconds that it took to a file."""
    logging.disable(logging.WARNING)
    begin, wall = time.process_time(), time.monotonic()
    main([repository, "--output", pages, "--stamps", "0"])
    pathlib.Path(times).write_text(f"{time.process_time() - begin} {time.monotonic() - wall}")


def readCurves(path):
    """Read the light curves and nothing else, row group by row group."""
    for _ in LightCurveFile(path).rowGroups():
        pass


def sizeOf(folder):
    """Return the bytes and the number of the files of a folder."""
    sizes = [path.stat().st_size for path in pathlib.Path(folder).rglob("*") if path.is_file()]
    return sum(sizes), len(sizes)


def openPages(pages, downloads):
    """Yield names of pages and the processor and wall-clock seconds until each was ready."""
    pages = pathlib.Path(pages)
    ids = [FIRST_OBJECT + number for number in (0, 1, N_OBJECTS - 1)]
    with openBrowser(downloads) as browser:

        def timeIt(function, *args):
            busy, begin = browser.busySeconds(), time.monotonic()
            function(*args)
            return browser.busySeconds() - busy, time.monotonic() - begin

        def goTo(objectId):
            browser.run("location.hash = arguments[0]", str(objectId))
            browser.wait("return document.body.dataset.object === arguments[0]", str(objectId))

        # The first page of all waits for the browser itself.
        browser.open(pages/"index.html")
        for name, page, anchor in (("first page", "index.html", ""), ("table", "objects.html", ""),
                                   ("object", "object.html", f"#{ids[0]}")):
            browser.driver.get("about:blank")
            yield (name, *timeIt(browser.open, pages/page, anchor))
        for name, objectId in (("next object", ids[1]), ("far object", ids[2])):
            yield (name, *timeIt(goTo, objectId))
        assert browser.findProblems() == []


def run():
    """Yield the rows of the report."""
    with tempfile.TemporaryDirectory() as root:
        repository, pages = os.path.join(root, "repo"), os.path.join(root, "pages")
        writeSurvey(repository, N_OBJECTS, N_IMAGES)
        (curves,) = pathlib.Path(repository).rglob("diaLightCurves.parq")
        times = os.path.join(root, "times")
        memory = peakMemory(makePages, repository, pages, times)
        seconds, wall = map(float, pathlib.Path(times).read_text().split())
        reading = bestOf(readCurves, str(curves), repeats=1)
        label = f"pages on {N_OBJECTS} objects x {N_IMAGES} images"
        yield Row(label, seconds, "reading the light curves", reading)
        size, number = sizeOf(pages)
        yield (f"  {wall:.0f} s by the clock, {number} files of {size/1e6:.0f} MB (light curves "
               f"{curves.stat().st_size/1e6:.0f} MB in {pq.ParquetFile(curves).num_row_groups} row groups), "
               f"peak memory {memory/1e6:.0f} MB")
        if not shutil.which("chromium") or not shutil.which("chromedriver"):
            yield "  there is no Chromium with a chromedriver to open them in"
            return
        for name, busy, clock in openPages(pages, root):
            yield (f"  opening the {name:44s} {busy:9.4f} s, {clock:.2f} s by the clock  "
                   f"limit {LIMITS[name]:g}" + ("" if busy <= LIMITS[name] else "  MISSED"))
