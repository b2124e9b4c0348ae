# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Forced photometry of ten thousand DIAObjects on one image."""

import functools
import logging
import os
import pathlib
import subprocess
import sys
import tempfile
import time

import lsst.afw.image as afwImage
import lsst.afw.table as afwTable
import lsst.geom as geom
import numpy as np
import sep
from lsst.afw.detection import GaussianPsf
from lsst.afw.geom import makeSkyWcs
from lsst.afw.math import FixedKernel
from lsst.daf.persistence import Butler
from lsst.dia.repro import ForcedDiaPhotTask
from lsst.dia.repro.simulate.gen2Repository import makeRepository
from lsst.dia.repro.simulate.simulatedSurvey import SENSORS
from lsst.meas.algorithms import KernelPsf
from lsst.meas.base import ForcedMeasurementTask
from numba import njit
from threadpoolctl import threadpool_limits

from stack.benchmarks._timing import Row, bestOf, bestOfEach, peakMemory, sortSeconds
from stack.benchmarks.bench_reading import writeOptions

N_OBJECTS, SIZE, STAMP = 10_000, 4000, 41
FIVE = ("base_PixelFlags", "base_TransformedCentroidFromCoord", "base_PsfFlux", "base_LocalPhotoCalib",
        "base_LocalWcs")
SIX = (*FIVE, "base_LocalBackground")
SEVEN = (*SIX, "base_CircularApertureFlux")
DATA_ID = dict(visit=1, filter="r", raft="2,2", sensor="1,1")

#: 60 microseconds an object where sorting 1e7 doubles takes 1.2 s.
SEVEN_LIMIT = 60e-6*N_OBJECTS/1.2


def makeImage():
    """Return a difference image of noise with a KernelPsf, and DIAObjects on it."""
    rng = np.random.default_rng(1)
    exposure = afwImage.ExposureF(SIZE, SIZE)
    exposure.image.array[:] = rng.normal(0, 10, (SIZE, SIZE))
    exposure.variance.array[:] = rng.uniform(90, 110, (SIZE, SIZE))
    exposure.mask.array[:] = (rng.random((SIZE, SIZE)) < 0.001)*exposure.mask.getPlaneBitMask("BAD")
    kernel = GaussianPsf(STAMP, STAMP, 2.0).computeKernelImage(geom.Point2D(0, 0))
    exposure.setPsf(KernelPsf(FixedKernel(kernel)))
    centre = geom.SpherePoint(53.0, -27.0, geom.degrees)
    exposure.setWcs(makeSkyWcs(geom.Point2D(SIZE/2, SIZE/2), centre, np.diag([-0.2, 0.2])/3600))
    exposure.setPhotoCalib(afwImage.PhotoCalib(57.5))
    x, y = rng.uniform(30, SIZE - 30, (2, N_OBJECTS))
    objects = afwTable.SourceCatalog(afwTable.SourceTable.makeMinimalSchema())
    objects.resize(N_OBJECTS)
    objects["id"] = np.arange(1, N_OBJECTS + 1)
    objects["coord_ra"], objects["coord_dec"] = exposure.getWcs().pixelToSkyArray(x, y)
    return exposure, objects, x, y


def shiftAndSum(image, kernel, x, y):
    """Shift a kernel by lanczos5 to each position and sum its product with the image: the bare reference."""
    half = STAMP//2
    ix, iy = np.rint(x).astype(int), np.rint(y).astype(int)
    taps = np.arange(-5, 6)
    padded = np.pad(kernel, 5)
    sums = np.empty(len(x))
    windows = np.lib.stride_tricks.sliding_window_view(image, (STAMP, STAMP))
    # Shifting is a product with a banded matrix on each side.
    bands = np.arange(STAMP)[:, np.newaxis] + np.arange(11)
    for start in range(0, len(x), 500):
        part = slice(start, start + 500)
        weights = [_lanczos5(taps + (centre - position)[part, np.newaxis])
                   for centre, position in ((ix, x), (iy, y))]
        rows, columns = (np.zeros((len(w), STAMP, STAMP + 10)) for w in weights)
        columns[:, np.arange(STAMP)[:, np.newaxis], bands] = weights[0][:, np.newaxis]
        rows[:, np.arange(STAMP)[:, np.newaxis], bands] = weights[1][:, np.newaxis]
        phi = rows @ padded @ columns.transpose(0, 2, 1)
        sums[part] = np.einsum("nij,nij->n", phi, windows[iy[part] - half, ix[part] - half])
    return sums


@njit(fastmath=True)
def shiftAndSumCompiled(image, variance, padded, x, y, weightsX, weightsY, sums):
    """Do the like for sum(phi d) and sum(phi^2 v), compiled, one position after the other."""
    taps = weightsX.shape[1]
    size = padded.shape[0] - taps + 1
    columns = np.empty((size + taps - 1, size))
    phi = np.empty(size)
    for i in range(len(x)):
        x0, y0 = int(np.rint(x[i])) - size//2, int(np.rint(y[i])) - size//2
        for row in range(size + taps - 1):
            columns[row] = 0.0
            for t in range(taps):
                for column in range(size):
                    columns[row, column] += weightsX[i, t]*padded[row, column + t]
        flux = error = 0.0
        for row in range(size):
            phi[:] = 0.0
            for t in range(taps):
                for column in range(size):
                    phi[column] += weightsY[i, t]*columns[row + t, column]
            for column in range(size):
                flux += phi[column]*image[y0 + row, x0 + column]
                error += phi[column]*phi[column]*variance[y0 + row, x0 + column]
        sums[:, i] = flux, error


def makeCompiled(exposure, kernel, x, y):
    """Return the bare compiled kernel as a function without arguments, which has been compiled."""
    taps = np.arange(-5, 6)
    weights = [_lanczos5(taps + (np.rint(centre) - centre)[:, np.newaxis]) for centre in (x, y)]
    planes = exposure.image.array, exposure.variance.array
    expected = shiftAndSum(np.asarray(planes[0], dtype=float), kernel, x[:100], y[:100])
    sums, kernel = np.zeros((2, len(x))), np.pad(kernel, 5)
    shiftAndSumCompiled(*planes, kernel, x, y, *weights, sums)
    np.testing.assert_allclose(sums[0, :100], expected, atol=1e-8)
    return functools.partial(shiftAndSumCompiled, *planes, kernel, x, y, *weights, sums)


def _lanczos5(x):
    weights = np.sinc(x)*np.sinc(x/5)*(np.abs(x) < 5)
    return weights/weights.sum(axis=1)[:, np.newaxis]


def makeConfig(plugins):
    """Return the config of the task with some plugins."""
    config = ForcedDiaPhotTask.ConfigClass()
    config.measurement.plugins.names = list(plugins)
    return config


def makeMeasurement(plugins, exposure, objects):
    """Return a function that measures objects with some plugins, and nothing else."""
    config = makeConfig(plugins).measurement.value
    if "base_SdssShape" in plugins:
        config.slots.shape = "base_SdssShape"
    task = ForcedMeasurementTask(objects.schema, config=config)
    wcs = exposure.getWcs()

    def measure():
        catalog = task.generateMeasCat(exposure, objects, wcs)
        task.attachPsfShapeFootprints(catalog, exposure)
        task.run(catalog, exposure, objects, wcs)
        return catalog

    return measure


def sumBySep(exposure, x, y, radii):
    """Sum the pixels in circles with sep."""
    for radius in radii:
        sep.sum_circle(exposure.image.array, x, y, radius, var=exposure.variance.array, subpix=1)


def writeSurvey(root, exposure, objects):
    """Write a repository with an image and DIAObjects."""
    butler = makeRepository(root, [(1, "r", 59580.0)], SENSORS[:1])
    butler.put(exposure, "deepDiff_differenceExp", DATA_ID)
    butler.put(objects, "reproDIAObjects")


class Stopwatch:
    """Adds up the processor time of some methods.

    Parameters
    ----------
    *methods : `tuple`
        Object and name of each.
    """

    def __init__(self, *methods):
        self.seconds = 0.0
        for owner, name in methods:
            setattr(owner, name, self._time(getattr(owner, name)))

    def _time(self, method):
        def timed(*args, **kwargs):
            start = time.process_time()
            try:
                return method(*args, **kwargs)
            finally:
                self.seconds += time.process_time() - start

        return timed


def timeCommand(ref, plugins, repeats=3):
    """Return the processor time of the command beyond reading the image and measuring, and that of those."""
    task = ForcedDiaPhotTask(config=makeConfig(plugins))
    watch = Stopwatch((ref, "get"), (task.measurement, "run"))
    results = []
    for _ in range(repeats):
        watch.seconds = 0.0
        whole = bestOf(task.runDataRef, ref, repeats=1)
        results.append((whole - watch.seconds, watch.seconds))
    return min(results)


def runCommand(root, plugins):
    """Run the command's task on the image of a repository."""
    ref = Butler(root).dataRef("deepDiff_differenceExp", dataId=DATA_ID)
    with threadpool_limits(1):
        return ForcedDiaPhotTask(config=makeConfig(plugins)).runDataRef(ref).forcedSources


def plugins(exposure, objects, x, y):
    """Yield the rows on measuring alone."""
    kernel = exposure.getPsf().computeKernelImage(geom.Point2D(0, 0)).array
    image = np.asarray(exposure.image.array, dtype=float)
    shift = functools.partial(shiftAndSum, image, kernel, x, y)
    five, reference = bestOfEach([makeMeasurement(FIVE, exposure, objects), shift])
    yield Row("1e4 objects, five plugins", five, "shift and sum", reference, 3)
    six, compiled = bestOfEach([makeMeasurement(SIX, exposure, objects),
                                makeCompiled(exposure, kernel, x, y)], repeats=10)
    yield Row("1e4 objects, six plugins", six, "compiled shift and sums", compiled, 1.5)
    sorting = sortSeconds()
    seven = bestOf(makeMeasurement(SEVEN, exposure, objects))
    yield Row("1e4 objects, seven plugins", seven, "sort of 1e7", min(sorting, sortSeconds()), SEVEN_LIMIT)
    config = makeConfig(SEVEN).measurement.value.plugins["base_CircularApertureFlux"]
    config.radii = [radius for radius in config.radii if radius > config.maxSincRadius]
    naive, bySep = bestOfEach([functools.partial(makeApertures, exposure, x, y, config),
                               functools.partial(sumBySep, exposure, x, y, config.radii)])
    yield Row(f"1e4 objects, {len(config.radii)} apertures beyond the sinc radius", naive, "sep", bySep, 3)
    few = objects[: N_OBJECTS//10].copy(deep=True)
    shapes = bestOf(makeMeasurement((*FIVE, "base_SdssShape", "base_GaussianFlux"), exposure, few))
    yield Row("1e3 objects, five plugins, SdssShape, GaussianFlux", shapes, "sort of 1e7", sorting)


def makeApertures(exposure, x, y, config):
    """Measure circular apertures at positions."""
    from lsst.meas.base.apertureFlux import computeCircularFluxes

    computeCircularFluxes(exposure, x, y, list(config.radii), config)


def command(root, exposure, objects):
    """Yield the rows on the whole command."""
    writeSurvey(root, exposure, objects)
    for number, names in (("six", SIX), ("seven", SEVEN)):
        beyond, needed = timeCommand(Butler(root).dataRef("deepDiff_differenceExp", dataId=DATA_ID), names)
        yield Row(f"forcedDiaPhot beyond reading and measuring, {number}", beyond, "those two", needed, 0.3)
    peak = peakMemory(runCommand, root, SIX)
    catalog = runCommand(root, SIX)
    planes = (exposure.image, exposure.mask, exposure.variance)
    allowed = sum(plane.array.nbytes for plane in planes) + 200*len(catalog)*len(catalog.schema.getNames())
    yield f"{'memory of forcedDiaPhot: an image and 200 bytes a value':58s} {describeRatio(peak, allowed)}"
    yield from compressed(root, exposure)


def compressed(root, exposure):
    """Yield the rows on an image with RICE compression."""
    ref = Butler(root).dataRef("deepDiff_differenceExp", dataId=DATA_ID)
    (path,) = ref.get("deepDiff_differenceExp_filename")
    exposure.writeFits(path, *(writeOptions("RICE", isFloat) for isFloat in (True, False, True)))
    for number, names in (("six", SIX), ("seven", SEVEN)):
        task = ForcedDiaPhotTask(config=makeConfig(names))
        whole, reading = bestOfEach([functools.partial(task.runDataRef, ref), functools.partial(
            ref.get, "deepDiff_differenceExp", immediate=True)], repeats=5)
        limit = 1.6 if names == SIX else None
        yield Row(f"forcedDiaPhot of an image in RICE, {number}", whole, "reading it", reading, limit)


def timeFirstUse(exposure, objects):
    """Return the processor time that the seven plugins take when they are compiled, beyond that of others."""
    measure = makeMeasurement(SEVEN, exposure, objects)
    first = bestOf(measure, repeats=1)
    return first - bestOf(measure, repeats=1)


def firstUse():
    """Yield the row on compilation, in a process that finds no compiled code."""
    script = ("from benchmarks.bench_forced import makeImage, timeFirstUse; "
              "print(timeFirstUse(*makeImage()[:2]))")
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run([sys.executable, "-c", script], env={**os.environ, "NUMBA_CACHE_DIR": folder},
                              cwd=pathlib.Path(__file__).parents[1], check=True, stdout=subprocess.PIPE)
    yield Row("compilation of the seven plugins, once", float(done.stdout), "20 s", 20.0, 1)


def describeRatio(size, allowed):
    """Describe an amount of memory and a limit."""
    verdict = "" if size <= allowed else "  MISSED"
    return f"{size/2**20:9.0f} MB = {size/allowed:8.3f} x {allowed/2**20:.0f} MB  limit 1{verdict}"


def run():
    """Yield the rows of the report."""
    logging.disable(logging.WARNING)
    exposure, objects, x, y = makeImage()
    # As the commands do: more cores are used by -j.
    with threadpool_limits(1), tempfile.TemporaryDirectory() as root:
        yield from plugins(exposure, objects, x, y)
        yield from command(root, exposure, objects)
        yield from firstUse()
    logging.disable(logging.NOTSET)
