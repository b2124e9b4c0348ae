# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Forced photometry of ten thousand DIAObjects on one image."""

import lsst.afw.table as afwTable
import lsst.geom as geom
import numpy as np
from lsst.dia.repro import ForcedDiaPhotTask
from lsst.dia.repro.simulate._difference import makeDifference
from lsst.dia.repro.simulate._survey import Sensor, planVisits
from threadpoolctl import threadpool_limits

from ._timing import Row, bestOf

N_OBJECTS, SIZE, STAMP = 10_000, 4000, 41


def makeImage():
    """Return a blank difference image with a KernelPsf, and DIAObjects on it."""
    rng = np.random.default_rng(1)
    visit = planVisits(rng, 53.0, -27.0, 3, (59580.0, 59640.0))[2]._replace(number=3)
    nothing = (np.zeros(0), np.zeros(0), np.zeros(0))
    exposure = makeDifference(rng, visit, Sensor("2,2", "1,1", 0, 0), SIZE, lambda wcs: nothing)[0]
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


def _lanczos5(x):
    weights = np.sinc(x)*np.sinc(x/5)*(np.abs(x) < 5)
    return weights/weights.sum(axis=1)[:, np.newaxis]


def makeTask(plugins):
    """Return a task with some plugins."""
    config = ForcedDiaPhotTask.ConfigClass()
    config.measurement.plugins.names = plugins
    return ForcedDiaPhotTask(config=config)


def run():
    """Yield the rows of the report."""
    exposure, objects, x, y = makeImage()
    kernel = exposure.getPsf().computeKernelImage(geom.Point2D(0, 0)).array
    image = np.asarray(exposure.image.array, dtype=float)
    plugins = ["base_PixelFlags", "base_TransformedCentroidFromCoord", "base_PsfFlux", "base_LocalPhotoCalib",
               "base_LocalWcs"]
    # As the commands do: more cores are used by -j.
    with threadpool_limits(1):
        reference = bestOf(shiftAndSum, image, kernel, x, y)
        five = bestOf(makeTask(plugins).run, exposure, objects, repeats=2)
        yield Row("forced photometry, 1e4 objects, five plugins", five, "shift and sum", reference)
        six = bestOf(makeTask([*plugins, "base_LocalBackground"]).run, exposure, objects, repeats=2)
        yield Row("forced photometry, with LocalBackground", six, "shift and sum", reference)
