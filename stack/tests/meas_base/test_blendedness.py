# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Blendedness: against integrals over Gaussians."""

import numpy as np
import pytest
from scipy.integrate import quad
from simulated import makeTask
from testDataset import TestDataset

import lsst.geom as geom
import lsst.meas.base as measBase
from lsst.pex.exceptions import LogicError

NAME = "base_Blendedness"
SIGMA = 2.0


def measureBlend(distance, ratio, replace=True, noise=1.0, edit=None):
    """Measure a blend of two points."""
    dataset = TestDataset(geom.Box2I(geom.Point2I(-5, 3), geom.Extent2I(120, 110)))
    dataset.addSource(1e5, geom.Point2D(30.2, 90.1))
    with dataset.addBlend() as blend:
        blend.addChild(1e5, geom.Point2D(50.1, 40.2))
        blend.addChild(1e5 * ratio, geom.Point2D(50.1 + distance, 40.2))

    def editConfig(config):
        config.doReplaceWithNoise = replace
        if edit is not None:
            edit(config)

    task = makeTask([NAME], edit=editConfig)
    exposure, catalog = dataset.realize(noise, task.schema)
    task.run(catalog, exposure)
    return catalog


@pytest.mark.parametrize("distance, ratio", [(4.0, 1.0), (6.0, 2.0), (8.0, 0.5)])
def test_blendOfTwoPoints(distance, ratio):
    catalog = measureBlend(distance, ratio)
    # Neighbors count by the integral of the product of two Gaussians of equal width. That the weights end
    # at 3 sigma hardly matters, but for their own integral.
    share = ratio * np.exp(-(distance**2) / (4 * SIGMA**2))
    child = catalog[2]
    for kind in ("raw", "abs"):
        assert child[f"{NAME}_{kind}"] == pytest.approx(1 - 1 / (1 + share), abs=0.01)
        assert child[f"{NAME}_{kind}_child_instFlux"] == pytest.approx(1e5 * (1 - np.exp(-4.5)), rel=2e-3)
        assert child[f"{NAME}_{kind}_child_xx"] == pytest.approx(SIGMA**2, rel=0.06)
        assert child[f"{NAME}_{kind}_parent_xx"] > child[f"{NAME}_{kind}_child_xx"]
    assert child[NAME + "_old"] == pytest.approx(share, rel=0.02)
    assert not child[NAME + "_flag"]


def test_sourceAloneIsNotBlended():
    source = measureBlend(6.0, 1.0)[0]
    assert source[NAME + "_raw"] == pytest.approx(0.0, abs=1e-9)
    assert source[NAME + "_old"] == 0.0


def test_withoutNoiseReplacementNothingIsBlended():
    catalog = measureBlend(6.0, 1.0, replace=False)
    assert catalog[NAME + "_raw"] == pytest.approx(0.0, abs=1e-12)


def test_fieldsOnRequestOnly():
    def edit(config):
        config.plugins[NAME].doOld = config.plugins[NAME].doShape = False

    catalog = measureBlend(6.0, 1.0, edit=edit)
    names = [name for name in catalog.schema.getNames() if name.startswith(NAME)]
    assert NAME + "_raw" in names and NAME + "_old" not in names and NAME + "_raw_child_xx" not in names


def test_sourcesWithoutPositionOrShapeAreFlagged():
    dataset = TestDataset(geom.Box2I(geom.Point2I(0, 0), geom.Extent2I(100, 100)))
    for x in (20.0, 50.0, 80.0):
        dataset.addSource(1e5, geom.Point2D(x, 50.0))
    task = makeTask([NAME])
    exposure, catalog = dataset.realize(1.0, task.schema)
    catalog["truth_x"] = [np.nan, 50.0, 80.0]
    catalog["truth_xx"] = [4.0, -1.0, 4.0]
    task.run(catalog, exposure)
    assert catalog[NAME + "_flag"].tolist() == [True, True, False]
    assert catalog[NAME + "_flag_noCentroid"].tolist() == [True, False, False]
    assert catalog[NAME + "_flag_noShape"].tolist() == [False, True, False]
    assert np.isnan(catalog[NAME + "_raw"]).tolist() == [True, True, False]


def test_footprintsAreNeeded():
    task = makeTask([NAME])
    dataset = TestDataset(geom.Box2I(geom.Point2I(0, 0), geom.Extent2I(100, 100)))
    dataset.addSource(1e5, geom.Point2D(50.0, 50.0))
    exposure, catalog = dataset.realize(1.0, task.schema)
    catalog[0].setFootprint(None)
    with pytest.raises(LogicError):
        task.run(catalog, exposure)


@pytest.mark.parametrize("value", [-4.0, -0.5, 0.0, 1.0, 5.0])
@pytest.mark.parametrize("sigma", [0.3, 1.5])
def test_expectationOfAbsoluteValues(value, sigma):
    def likelihood(x):
        return np.exp(-0.5 * ((x - value) / sigma) ** 2)

    top = max(value, 0.0) + 12 * sigma
    norm = quad(likelihood, 0, top, points=[max(value, 0.0)])[0]
    mean = quad(lambda x: x * likelihood(x), 0, top, points=[max(value, 0.0)])[0] / norm
    expectation = measBase.BlendednessAlgorithm.computeAbsExpectation(value, sigma**2)
    assert expectation == pytest.approx(mean, rel=1e-2 if value < -10 * sigma else 1e-4)
    true = abs(value)
    bias = quad(lambda x: (abs(x) - true) * np.exp(-0.5 * ((x - true) / sigma) ** 2), true - 12 * sigma,
                true + 12 * sigma, points=[0.0, true])[0] / (np.sqrt(2 * np.pi) * sigma)
    assert measBase.BlendednessAlgorithm.computeAbsBias(true, sigma**2) == pytest.approx(bias, abs=1e-6)
