# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""The plugins that v23 runs by default, and all that it can run, in forced measurement."""

import numpy as np
import pytest
from simulated import getColumns, makeTask, run
from testDataset import TestDataset

import lsst.geom as geom
import lsst.meas.base as measBase
from lsst.afw.geom import Quadrupole


def makeDataset():
    """Make points, galaxies and a blend."""
    dataset = TestDataset(geom.Box2I(geom.Point2I(-7, 5), geom.Extent2I(360, 330)), psfDim=21)
    for index, x in enumerate((90.2, 180.7, 262.1)):
        dataset.addSource(1e5 * (index + 1), geom.Point2D(x, 100.4 + 3 * index))
        dataset.addSource(2e5, geom.Point2D(x + 5.5, 170.9), Quadrupole(12 - index, 8, index))
    return dataset


@pytest.mark.parametrize("replace", [True, False])
def test_neighborsAreReplacedOnRequest(replace):
    dataset = makeDataset()
    with dataset.addBlend() as blend:
        blend.addChild(3e5, geom.Point2D(150.3, 250.2))
        blend.addChild(2e5, geom.Point2D(154.3, 253.2))

    def edit(config):
        config.doReplaceWithNoise = replace
        config.undeblended.names = ["base_PsfFlux"]

    task = makeTask(["base_PsfFlux"], edit=edit)
    exposure, catalog = dataset.realize(20.0, task.schema)
    before = exposure.clone()
    run(task, catalog, exposure)
    np.testing.assert_array_equal(exposure.image.array, before.image.array)
    flux, undeblended = (np.array(catalog[name + "base_PsfFlux_instFlux"]) for name in ("", "undeblended_"))
    # Sources alone, the parent, and the children, which see each other's light unless it is replaced.
    assert flux[:7] == pytest.approx(undeblended[:7], rel=1e-3)
    if replace:
        assert (undeblended[7:] > 1.1*flux[7:]).all()
        assert flux[7:] == pytest.approx([3e5, 2e5], rel=0.02)
    else:
        np.testing.assert_array_equal(flux, undeblended)


def measureAll(dataset, replace):
    """Measure with all plugins; with noise in place of the others it is done one record after the other."""
    def edit(config):
        config.doReplaceWithNoise = replace

    names = [name for name in measBase.ForcedPlugin.registry if name.startswith("base_")]
    task = makeTask(names, edit=edit)
    exposure, catalog = dataset.realize(20.0, task.schema)
    wcs = exposure.getWcs()
    catalog["coord_ra"], catalog["coord_dec"] = wcs.pixelToSkyArray(catalog["truth_x"], catalog["truth_y"])
    run(task, catalog, exposure)
    return catalog


def test_catalogsAreMeasuredAsRecordsAre():
    # Isolated sources: noise that replaces the others changes nothing, but for what reaches far.
    dataset = makeDataset()
    together, oneByOne = (measureAll(dataset, replace) for replace in (False, True))
    far = ("base_CircularApertureFlux_25", "base_CircularApertureFlux_35", "base_CircularApertureFlux_50",
           "base_CircularApertureFlux_70", "base_LocalBackground", "base_Blendedness", "base_PixelFlags",
           "base_CircularApertureFlux_17")
    compared = 0
    for name, values in getColumns(together, "base_").items():
        if not name.startswith(far):
            # Beside the scale of the pixels (radians), elements of a matrix may be zero but for rounding.
            atol = 1e-15 if name.startswith("base_LocalWcs_CDMatrix") else 0.0
            np.testing.assert_allclose(values, oneByOne[name], rtol=1e-9, atol=atol, err_msg=name)
            compared += 1
    assert compared > 70


def runForced(dataset, replace):
    config = measBase.ForcedMeasurementTask.ConfigClass()
    config.doReplaceWithNoise = replace
    task = measBase.ForcedMeasurementTask(dataset.schema, config=config)
    wcs = dataset.makePerturbedWcs(dataset.exposure.getWcs(), randomSeed=4)
    observed = dataset.transform(wcs, psfDim=21)
    exposure, _ = observed.realize(20.0, observed.schema)
    refWcs = dataset.exposure.getWcs()
    catalog = task.generateMeasCat(exposure, dataset.catalog, refWcs)
    task.attachTransformedFootprints(catalog, dataset.catalog, exposure, refWcs)
    task.run(catalog, exposure, dataset.catalog, refWcs, exposureId=5)
    return catalog, observed.catalog


@pytest.mark.parametrize("replace", [True, False])
def test_forced(replace):
    catalog, truth = runForced(makeDataset(), replace)
    assert catalog["slot_Centroid_x"] == pytest.approx(truth["truth_x"], abs=1e-6)
    offsets = np.hypot(catalog["base_SdssCentroid_x"] - truth["truth_x"],
                       catalog["base_SdssCentroid_y"] - truth["truth_y"])
    assert offsets.max() < 0.05
    stars = np.array(truth["truth_isStar"])
    for name in ("base_PsfFlux", "base_CircularApertureFlux_9_0"):
        flux, error = (catalog[f"{name}_{field}"] for field in ("instFlux", "instFluxErr"))
        assert np.abs((flux - truth["truth_instFlux"]) / error)[stars].max() < 4.0
    # The weights have the shape of the reference, not that of the image: a product of Gaussians.
    def computeDeterminant(*prefixes):
        xx, yy, xy = (sum(rows[f"{name}_{m}"] for name, rows in prefixes) for m in ("xx", "yy", "xy"))
        return xx * yy - xy**2

    weights, sources = ("slot_Shape", catalog), ("truth", truth)
    ratio = 2 * np.sqrt(computeDeterminant(weights) / computeDeterminant(weights, sources))
    assert catalog["base_GaussianFlux_instFlux"] == pytest.approx(ratio * truth["truth_instFlux"], rel=0.03)
    flags = [name for name in catalog.schema.getNames() if name.endswith("_flag")]
    near = [name for name in flags if not name.startswith(("base_CircularApertureFlux_50",
                                                           "base_CircularApertureFlux_70"))]
    assert not np.any([catalog[name] for name in near])


def test_everyPluginRunsForced():
    dataset = makeDataset()
    config = measBase.ForcedMeasurementTask.ConfigClass()
    config.doReplaceWithNoise = False
    config.plugins.names = [name for name in measBase.ForcedPlugin.registry if name.startswith("base_")]
    assert len(list(config.plugins.names)) == 19
    task = measBase.ForcedMeasurementTask(dataset.schema, config=config)
    exposure, _ = dataset.realize(20.0, dataset.schema)
    wcs = exposure.getWcs()
    dataset.catalog["coord_ra"], dataset.catalog["coord_dec"] = wcs.pixelToSkyArray(
        np.array(dataset.catalog["truth_x"]), np.array(dataset.catalog["truth_y"])
    )
    catalog = task.generateMeasCat(exposure, dataset.catalog, wcs)
    task.attachPsfShapeFootprints(catalog, exposure)
    task.run(catalog, exposure, dataset.catalog, wcs)
    onlyRecords = {name for name, plugin in task.plugins.items()
                   if not measBase.measuresCatalogs(type(plugin))}
    assert onlyRecords == {"base_PeakCentroid"}  # it needs the footprints of the references
    assert catalog["base_ScaledApertureFlux_instFlux"][::2] == pytest.approx([1e5, 2e5, 3e5], rel=0.05)


def test_noSources():
    dataset = makeDataset()
    task = measBase.ForcedMeasurementTask(dataset.schema)
    exposure, _ = dataset.realize(20.0, dataset.schema)
    empty = dataset.catalog[:0]
    catalog = task.generateMeasCat(exposure, empty, exposure.getWcs())
    task.run(catalog, exposure, empty, exposure.getWcs())
    assert len(catalog) == 0
