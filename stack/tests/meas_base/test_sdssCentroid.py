# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""SDSS centroids: against the truth, their own errors, and a plain computation with SciPy."""

import numpy as np
import pytest
from forced import makeExposure, measureAt
from forced import makeTask as makeForcedTask
from scipy.ndimage import correlate
from simulated import POINTS, addFlag, getColumns, makeDataset, makeTask, measure, run

import lsst.geom as geom
import lsst.meas.base as measBase
from lsst.afw.detection import GaussianPsf, Psf
from lsst.afw.geom import Quadrupole

NAME = "base_SdssCentroid"
FAR = [(130.3, 120.7), (360.0, 125.5), (125.2, 350.6), (358.9, 352.2)]


def usePeaks(config):
    """Let the centroider start at the peaks, not at the truth."""
    config.slots.centroid = NAME


def getPositions(catalog):
    return np.stack([catalog[NAME + "_x"], catalog[NAME + "_y"]], axis=-1)


def test_findsPointsWithoutNoise():
    catalog, _ = measure(makeDataset(), [NAME], edit=usePeaks)
    assert not catalog[NAME + "_flag"].any()
    assert getPositions(catalog) == pytest.approx(np.array(POINTS), abs=2e-3)


def test_binsWideSources():
    shapes = [Quadrupole(30, 30, 0), Quadrupole(60, 20, 5), Quadrupole(4, 80, 0), Quadrupole(90, 90, 0)]
    catalog, _ = measure(makeDataset(FAR, 1e6, shapes, size=(500, 480)), [NAME], edit=usePeaks)
    assert not catalog[NAME + "_flag"].any()
    assert getPositions(catalog) == pytest.approx(np.array(FAR), abs=0.02)


def test_errorsAreThoseOfTheNoise():
    steps = 25.0 + 30.0 * np.arange(9)
    positions = [(x + 0.31 * i % 1, y + 0.17 * i % 1) for i, y in enumerate(steps) for x in steps]
    dataset = makeDataset(positions, flux=2e4, size=(300, 300), xy0=(0, 0), threshold=50.0)
    pulls = []
    for seed in range(4):
        catalog, _ = measure(dataset, [NAME], noise=30.0, seed=seed)
        offsets = getPositions(catalog) - np.array(positions)
        pulls.append(offsets[:, 0] / catalog[NAME + "_xErr"])
        pulls.append(offsets[:, 1] / catalog[NAME + "_yErr"])
    pulls = np.concatenate(pulls)
    assert np.mean(pulls) == pytest.approx(0.0, abs=0.2)
    assert np.std(pulls) == pytest.approx(1.0, abs=0.15)


def findMaximum(line):
    """Return the position of the maximum of three values, as of a Gaussian to fourth order."""
    fallLow, fallHigh = line[1] - line[0], line[1] - line[2]
    curvature = fallLow + fallHigh
    return (line[2] - line[0]) / (2 * curvature) * (1 + 1.33 * fallLow * fallHigh / (curvature * line[1]))


def test_agreesWithPlainComputation():
    # The lines of maxima of rows and of columns cross where both interpolations are consistent.
    dataset = makeDataset()
    catalog, exposure = measure(dataset, [NAME], noise=20.0, edit=usePeaks)
    kernel = exposure.getPsf().computeKernelImage(geom.Point2D(0, 0)).array
    smooth = correlate(exposure.image.array.astype(float), kernel / kernel.sum(), mode="constant")
    peaks = [record.getFootprint().getPeaks()[0] for record in catalog]
    for (x, y), peak in zip(getPositions(catalog), peaks):
        column, row = peak.getIx() - exposure.getX0(), peak.getIy() - exposure.getY0()
        nine = smooth[row - 1 : row + 2, column - 1 : column + 2]
        alongX, alongY = (
            np.polyfit([-1, 0, 1], [findMaximum(line) for line in lines], 2) for lines in (nine, nine.T)
        )
        px, py = 0.0, 0.0
        for _ in range(20):
            px, py = np.polyval(alongX, py), np.polyval(alongY, px)
        assert (x, y) == pytest.approx((peak.getIx() + px, peak.getIy() + py), abs=2e-3)


def test_catalogAndRecordsAgree():
    shapes = [None, Quadrupole(40, 40, 3), None, Quadrupole(3, 70, 0)]
    dataset = makeDataset(FAR, 3e5, shapes, size=(500, 480))
    task = makeTask([NAME])
    exposure, catalog = dataset.realize(30.0, task.schema)
    single = catalog.copy(deep=True)
    run(task, catalog, exposure)
    for record in single:
        task.plugins[NAME].measure(record, exposure, record, exposure.getWcs())
    for name, values in getColumns(catalog, NAME).items():
        np.testing.assert_array_equal(values, single[name], name)


def test_tooCloseToTheEdge():
    dataset = makeDataset([(1.2, 60.0), (60.0, 60.0)])
    catalog, _ = measure(dataset, [NAME], edit=usePeaks)
    assert catalog[NAME + "_flag_edge"].tolist() == catalog[NAME + "_flag"].tolist() == [True, False]
    assert catalog[NAME + "_x"][0] == catalog[0].getFootprint().getPeaks()[0].getFx()  # better than nothing
    assert np.isnan(catalog[NAME + "_xErr"][0])


def test_minimaAndPlainsAreNoMaxima():
    def edit(exposure):
        exposure.image.array[:] *= -1
        exposure.image.array[:, 80:] = 5.0

    catalog, _ = measure(makeDataset(), [NAME], editExposure=edit, noise=0.0)
    assert catalog[NAME + "_flag"].all()
    assert catalog[NAME + "_flag_notAtMaximum"].tolist() == [True, False, True, False]
    assert catalog[NAME + "_flag_noSecondDerivative"].tolist() == [False, True, False, True]


def test_negativeSourcesThatSaySo():
    dataset = makeDataset()
    task = makeTask([NAME], schema=addFlag("flags_negative"))
    exposure, catalog = dataset.realize(0.01, task.schema)
    exposure.image.array[:] *= -1
    catalog["flags_negative"] = np.array([True, True, False, True])
    run(task, catalog, exposure)
    assert catalog[NAME + "_flag_notAtMaximum"].tolist() == [False, False, True, False]
    good = [0, 1, 3]
    assert getPositions(catalog)[good] == pytest.approx(np.array(POINTS)[good], abs=2e-3)


def test_infinitePixelsAreFlagged():
    def edit(exposure):
        exposure.image.array[:] = np.nan

    catalog, _ = measure(makeDataset(), [NAME], editExposure=edit)
    assert catalog[NAME + "_flag"].all() and catalog[NAME + "_flag_badError"].all()
    assert catalog[NAME + "_flag_resetToPeak"].all()


def test_withoutPsfNothingIsMeasured():
    with pytest.raises(measBase.FatalAlgorithmError):
        measure(makeDataset(), [NAME], editExposure=lambda exposure: exposure.setPsf(None))


@pytest.mark.parametrize("maxDistance", [-1.0, 0.3])
def test_checkIsTheSameForFootprintsThatAreMadeLater(maxDistance):
    # Noise sends some centroids out of their footprints.
    def edit(config):
        config.plugins[NAME].maxDistToPeak = maxDistance

    task = makeForcedTask(("base_TransformedCentroidFromCoord", NAME), edit)
    exposure = makeExposure(width=300, height=300, x0=-40, y0=10)
    grid = np.arange(12) * 20.0 + 30.0
    x, y = (values.ravel() for values in np.meshgrid(grid - 40, grid + 10))
    lazy = measureAt(task, exposure, x, y)
    made = lazy.copy(deep=True)
    plugin = task.plugins[NAME]
    for name in (NAME + "_flag", NAME + "_flag_resetToPeak"):
        made[name] = False
    for record in made:
        record.getFootprint()
    task.doCatalogMeasurement(plugin, made, exposure, made, exposure.getWcs())
    for name, values in getColumns(lazy, NAME).items():
        np.testing.assert_array_equal(values, made[name], name)
    assert 0 < lazy[NAME + "_flag_resetToPeak"].sum() < len(lazy)


def test_infiniteVarianceOfThePeakIsAnInfiniteError():
    def edit(exposure):
        exposure.variance.array[45 - 7, 120 + 3] = np.inf  # at the second source

    catalog, _ = measure(makeDataset(), [NAME], editExposure=edit)
    assert np.isinf(catalog[NAME + "_xErr"]).tolist() == [False, True, False, False]
    assert not catalog[NAME + "_flag"].any()


def test_psfsOfVaryingSize():
    # A PSF that is warped has images of a size of their own at each position.
    class Growing(Psf):
        def _choose(self, position):
            return GaussianPsf(*(2 * [17 + 2 * int(position.getX() // 60)]), 2.0)

        def _doComputeKernelImage(self, position=None, color=None):
            return self._choose(position).computeKernelImage(position)

        def _doComputeShape(self, position=None, color=None):
            return self._choose(position).computeShape(position)

    psf = Growing(isFixed=False)
    sizes = {psf.computeKernelImage(geom.Point2D(*position)).getWidth() for position in POINTS}
    assert len(sizes) == 3
    fixed, _ = measure(makeDataset(), [NAME], noise=20.0)
    varied, _ = measure(makeDataset(), [NAME], noise=20.0, editExposure=lambda image: image.setPsf(psf))
    assert getPositions(varied) == pytest.approx(getPositions(fixed), abs=2e-4)
    assert not varied[NAME + "_flag"].any()
