# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Results do not depend on the number of threads, and other threads run meanwhile."""

import threading
import time

import numpy as np
import pytest
from forced import DIA_PLUGINS, makeExposure, makeTask, measureAt
from test_psfFlux import makeKernelPsf

from lsst import _threads
from lsst.meas.base._annulusStatistics import measureAnnuli

PLUGINS = (*DIA_PLUGINS, "base_CircularApertureFlux", "base_SdssShape", "base_GaussianFlux")


def makeImage():
    """Make an image with masked and missing pixels, and positions on it."""
    exposure = makeExposure(260, 250, seed=11)
    rng = np.random.default_rng(12)
    exposure.variance.array[:] = rng.uniform(1, 9, (250, 260))
    exposure.image.array[::40, ::30] = np.nan
    exposure.mask.array[::9, ::7] = 5
    limits = [(low, low + size - 1) for low, size in zip(exposure.getXY0(), exposure.getDimensions())]
    return exposure, *(rng.uniform(*ends, 1000) for ends in limits)


@pytest.fixture
def setThreads():
    """The function that sets the number of threads, which is one again afterwards."""
    yield _threads.setThreads
    _threads.setThreads(1)


@pytest.mark.parametrize("kind", ["fixed", "varying", "any"])
def test_threadsChangeNoBit(kind, setThreads, monkeypatch):
    exposure, x, y = makeImage()
    exposure.setPsf(makeKernelPsf(kind))

    def edit(config):
        config.plugins["base_PsfFlux"].badMaskPlanes = ["BAD"]

    used = []
    monkeypatch.setattr(_threads, "ThreadPoolExecutor",
                        lambda n, original=_threads.ThreadPoolExecutor: used.append(n) or original(n))
    task = makeTask(PLUGINS, edit)
    expected = measureAt(task, exposure, x, y)
    assert used == []
    for number in (2, 3, 7):
        setThreads(number)
        catalog = measureAt(task, exposure, x, y)
        # Annuli, sinc apertures, circles, PSF fits.
        assert used.count(number) >= 4
        for name in catalog.schema.getNames():
            np.testing.assert_array_equal(catalog[name], expected[name], err_msg=name)


def test_otherThreadsRunMeanwhile():
    exposure, x, y = makeImage()
    args = exposure, 4, (7.0, 15.0), np.stack([x, y], axis=1).repeat(30, axis=0), 3.0, 3
    measureAnnuli(*args)
    times = []
    loop = threading.Thread(target=measureAnnuli, args=args)
    loop.start()
    while loop.is_alive():
        times.append(time.perf_counter())
        time.sleep(0.001)
    # Were Python's lock held, there would be one long pause.
    assert len(times) > 5 and max(np.diff(times)) < 0.5 * (times[-1] - times[0])
