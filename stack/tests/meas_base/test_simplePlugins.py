# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Plugins without algorithm: positions, areas, variances, counts."""

import numpy as np
import pytest
from simulated import POINTS, getColumns, makeDataset, makeTask, measure, run

import lsst.afw.image as afwImage
import lsst.afw.table as afwTable
import lsst.geom as geom
import lsst.meas.base as measBase
from lsst.afw.geom import Ellipse, Quadrupole, SpanSet, makeCdMatrix, makeSkyWcs


def measureRecords(dataset, plugins, editExposure=None, noise=0.01):
    """Measure with whole catalogs and again record by record; they must agree."""
    task = makeTask(plugins)
    exposure, catalog = dataset.realize(noise, task.schema)
    if editExposure is not None:
        editExposure(exposure)
    single = catalog.copy(deep=True)
    run(task, catalog, exposure)
    for record in single:
        task.callMeasure(record, exposure, record, exposure.getWcs())
    for name, values in getColumns(catalog, "base_").items():
        np.testing.assert_allclose(values, single[name], rtol=1e-11, err_msg=name)
    return catalog, exposure


def test_variance():
    dataset = makeDataset([*POINTS, (30.0, 30.0)], shapes=[None] * 4 + [Quadrupole(20, 8, 3)])

    def edit(exposure):
        exposure.variance.array[:] = np.random.default_rng(1).uniform(1, 5, exposure.variance.array.shape)

    catalog, exposure = measureRecords(dataset, ["base_Variance"], edit)
    masked = exposure.mask.getPlaneBitMask(["DETECTED", "DETECTED_NEGATIVE", "BAD", "SAT"])
    for record in catalog:
        ellipse = Ellipse(record.getShape(), record.getCentroid())
        ellipse.scale(5.0)
        spans = SpanSet.fromShape(ellipse).clippedTo(exposure.getBBox())
        variance, mask = (
            spans.flatten(plane.array, exposure.getXY0()) for plane in (exposure.variance, exposure.mask)
        )
        assert record["base_Variance_value"] == np.median(variance[(mask & masked) == 0])
    assert not catalog["base_Variance_flag"].any()


def test_varianceWithoutPixelsOrShape():
    dataset = makeDataset()

    def edit(catalog):
        catalog["truth_xx"] = [4.0, np.nan, 4.0, 4.0]
        catalog["truth_y"] = [40.0, 45.0, np.nan, 1000.0]

    def mask(exposure):
        exposure.mask.array[:60, :60] |= exposure.mask.getPlaneBitMask("BAD")

    catalog, _ = measure(dataset, ["base_Variance"], editCatalog=edit, editExposure=mask)
    assert np.isnan(catalog["base_Variance_value"]).all()
    assert catalog["base_Variance_flag"].all()
    assert catalog["base_Variance_flag_emptyFootprint"].tolist() == [True, True, False, True]


def test_hugeShapesStayOnTheImage():
    def edit(catalog):
        catalog["truth_xx"] = 1e12
        catalog["truth_yy"] = 1e12

    catalog, _ = measure(makeDataset(), ["base_Variance"], editCatalog=edit, noise=3.0)
    assert catalog["base_Variance_value"] == pytest.approx(9.0)


def addInputs(exposure, boxes):
    """Say that a coadd was made of images, given by their boxes in the pixels of the coadd."""
    schema = afwTable.ExposureTable.makeMinimalSchema()
    ccds = afwTable.ExposureCatalog(schema)
    for x, y, width, height in boxes:
        ccd = ccds.addNew()
        ccd.setBBox(geom.Box2I(geom.Point2I(0, 0), geom.Extent2I(width, height)))
        origin = exposure.getWcs().pixelToSky(geom.Point2D(x, y))
        cd = makeCdMatrix(scale=0.2 * geom.arcseconds)
        ccd.setWcs(makeSkyWcs(geom.Point2D(0, 0), origin, cd))
    visits = afwTable.ExposureCatalog(schema)
    exposure.getInfo().setCoaddInputs(afwImage.CoaddInputs(visits, ccds))


def test_inputCount():
    boxes = [(-10, 0, 300, 300), (0, 0, 100, 100), (100, 80, 60, 60), (0, 80, 300, 100)]
    catalog, exposure = measureRecords(
        makeDataset(), ["base_InputCount"], lambda image: addInputs(image, boxes)
    )
    expected = [
        sum(x0 <= x < x0 + width and y0 <= y < y0 + height for x0, y0, width, height in boxes)
        for x, y in POINTS
    ]
    assert catalog["base_InputCount_value"].tolist() == expected
    contained = exposure.getInfo().getCoaddInputs().ccds.subsetContaining(
        geom.Point2D(*POINTS[3]), exposure.getWcs()
    )
    assert len(contained) == expected[3]


def test_inputCountOfNoCoadd():
    catalog, _ = measure(makeDataset(), ["base_InputCount"])
    assert catalog["base_InputCount_flag"].all() and catalog["base_InputCount_flag_noInputs"].all()


def test_inputCountWithoutPosition():
    def edit(catalog):
        catalog["truth_x"] = [np.nan, 60.0, 60.0, 60.0]

    catalog, _ = measure(
        makeDataset(),
        ["base_InputCount"],
        editCatalog=edit,
        editExposure=lambda image: addInputs(image, [(-100, -100, 500, 500)]),
    )
    assert catalog["base_InputCount_flag"].tolist() == [True, False, False, False]
    assert catalog["base_InputCount_value"].tolist() == [0, 1, 1, 1]


def test_transformedShapes():
    dataset = makeDataset(shapes=[Quadrupole(9, 4, 2), None, Quadrupole(30, 5, -4), None])
    dataset.catalog["truth_flag"] = np.array([True, False, False, False])
    config = measBase.ForcedMeasurementTask.ConfigClass()
    config.plugins.names = ["base_TransformedCentroid", "base_TransformedShape"]
    task = measBase.ForcedMeasurementTask(dataset.schema, config=config)
    wcs = dataset.makePerturbedWcs(dataset.exposure.getWcs(), randomSeed=2)
    exposure = dataset.transform(wcs).exposure
    refWcs = dataset.exposure.getWcs()
    catalog = task.generateMeasCat(exposure, dataset.catalog, refWcs)
    single = catalog.copy(deep=True)
    task._runPlugins(
        measBase.DummyNoiseReplacer(), catalog, exposure, (dataset.catalog, refWcs), None, None
    )
    for record, reference in zip(single, dataset.catalog):
        task.callMeasure(record, exposure, reference, refWcs)
    for name in ("xx", "yy", "xy"):
        np.testing.assert_allclose(
            catalog["base_TransformedShape_" + name], single["base_TransformedShape_" + name], atol=1e-7
        )
    # The area of a source on the sky does not depend on the pixels.
    for record, reference in zip(catalog, dataset.catalog):
        scales = [
            image.getPixelScale(source.getCentroid()).asArcseconds()
            for image, source in ((wcs, record), (refWcs, reference))
        ]
        areas = [source.getShape().getArea() for source in (record, reference)]
        assert areas[0] * scales[0] ** 2 == pytest.approx(areas[1] * scales[1] ** 2, rel=1e-8)
    assert catalog["base_TransformedCentroid_flag"].tolist() == [True, False, False, False]
