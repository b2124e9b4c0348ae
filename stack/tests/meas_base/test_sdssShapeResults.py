# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""The fields of adaptive moments."""

import numpy as np
import pytest
from simulated import makeDataset, measure

import lsst.geom as geom
import lsst.meas.base as measBase

NAME = "base_SdssShape"


def test_resultsOfRecords():
    catalog, _ = measure(makeDataset(), [NAME], noise=5.0)
    key = measBase.SdssShapeResultKey(catalog.schema[NAME])
    assert key.isValid() and key == measBase.SdssShapeResultKey(catalog.schema[NAME])
    moments = [np.array(catalog[f"{NAME}_{name}"]) for name in ("xx", "yy", "xy")]
    truth = [np.array(catalog[f"truth_{name}"]) for name in ("xx", "yy", "xy")]
    np.testing.assert_allclose(moments, truth, atol=0.02)
    psf = [np.array(catalog[f"{NAME}_psf_{name}"]) for name in ("xx", "yy", "xy")]
    np.testing.assert_allclose(moments, psf, atol=0.02)
    assert catalog[NAME + "_instFlux"] == pytest.approx(1e5, rel=0.01)
    assert not catalog[NAME + "_flag"].any()


def test_withoutPsfShape():
    def edit(config):
        config.plugins[NAME].doMeasurePsf = False

    catalog, _ = measure(makeDataset(), [NAME], edit=edit)
    key = measBase.SdssShapeResultKey(catalog.schema[NAME])
    assert not key.isValid()
    assert NAME + "_flag_psf" not in catalog.schema.getNames()
    assert np.isfinite(catalog[NAME + "_xx"]).all()


def test_infiniteVarianceAtTheCenter():
    """Its Fisher matrix is zero: v23 has errors of NaN there and goes on, and so have the others theirs."""

    def spoil(exposure):
        exposure.variance[geom.Point2I(40, 41)] = np.inf

    catalog, _ = measure(makeDataset(), [NAME], noise=5.0, editExposure=spoil)
    whole, _ = measure(makeDataset(), [NAME], noise=5.0)
    assert not catalog[NAME + "_flag"].any()
    for name in ("_instFlux", "_xx", "_yy", "_xy", "_x", "_y"):
        np.testing.assert_array_equal(catalog[NAME + name], whole[NAME + name])
    for name in ("_instFluxErr", "_xxErr", "_yyErr", "_xyErr", "_instFlux_xx_Cov"):
        assert np.isnan(catalog[NAME + name][0])
        np.testing.assert_array_equal(catalog[NAME + name][1:], whole[NAME + name][1:])
