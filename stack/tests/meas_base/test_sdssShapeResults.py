# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Results of adaptive moments as objects, and their transform to the sky."""

import numpy as np
import pytest
from simulated import makeDataset, measure

import lsst.geom as geom
import lsst.meas.base as measBase
from lsst.afw.geom import Quadrupole
from lsst.afw.table import BaseCatalog, SchemaMapper, SourceCatalog

NAME = "base_SdssShape"


def test_resultsOfRecords():
    catalog, exposure = measure(makeDataset(), [NAME], noise=5.0)
    key = measBase.SdssShapeResultKey(catalog.schema[NAME])
    assert key.isValid() and key == measBase.SdssShapeResultKey(catalog.schema[NAME])
    for record in catalog:
        result = key.get(record)
        for field in ("xx", "yyErr", "x", "instFlux", "instFluxErr", "instFlux_xy_Cov"):
            assert getattr(result, field) == pytest.approx(record[f"{NAME}_{field}"], rel=1e-6)
        again = measBase.SdssShapeAlgorithm.computeAdaptiveMoments(
            exposure.getMaskedImage(), record.getCentroid()
        )
        assert again.xx == result.xx and again.instFlux == result.instFlux
        assert key.getPsfShape(record).getIxx() == record[NAME + "_psf_xx"]
        result.xx, result.flags[measBase.SdssShapeAlgorithm.SHIFT.number] = 7.0, True
        key.set(record, result)
        assert record[NAME + "_xx"] == 7.0 and record[NAME + "_flag_shift"]
        assert result.getFlag("flag_shift") and not result.getFlag("flag")


def test_withoutPsfShape():
    def edit(config):
        config.plugins[NAME].doMeasurePsf = False

    catalog, _ = measure(makeDataset(), [NAME], edit=edit)
    key = measBase.SdssShapeResultKey(catalog.schema[NAME])
    assert not key.isValid()
    assert NAME + "_flag_psf" not in catalog.schema.getNames()
    assert key.get(catalog[0]).xx == catalog[0][NAME + "_xx"]


def test_shapeTransformMatrix():
    linear = geom.LinearTransform(np.array([[1.2, -0.3], [0.4, 2.0]]))
    shape = Quadrupole(5.0, 3.0, -1.0)
    expected = shape.transform(linear)
    moments = measBase.makeShapeTransformMatrix(linear) @ [5.0, 3.0, -1.0]
    assert moments == pytest.approx([expected.getIxx(), expected.getIyy(), expected.getIxy()])


def test_transformToTheSky():
    catalog, exposure = measure(makeDataset(), [NAME], noise=5.0)
    mapper = SchemaMapper(catalog.schema)
    transform = measBase.SdssShapeTransform(measBase.SdssShapeControl(), NAME, mapper)
    result = BaseCatalog(mapper.getOutputSchema())
    result.extend(catalog, mapper=mapper)
    transform(SourceCatalog(catalog), result, exposure.getWcs(), exposure.getPhotoCalib())
    radians = np.radians(0.2 / 3600)
    # The WCS has square pixels, and x runs to the west.
    assert result[NAME + "_xx"] == pytest.approx(catalog[NAME + "_xx"] * radians**2, rel=1e-4)
    assert result[NAME + "_xxErr"] == pytest.approx(catalog[NAME + "_xxErr"] * radians**2, rel=1e-3)
    sign = -np.sign(np.linalg.det(exposure.getWcs().getCdMatrix()))
    pixels = result[NAME + "_xy"] * sign / radians**2
    assert pixels == pytest.approx(-catalog[NAME + "_xy"], abs=1e-4)
    magnitude = 31.4 - 2.5 * np.log10(4 * catalog[NAME + "_instFlux"])
    assert result[NAME + "_mag"] == pytest.approx(magnitude, abs=1e-3)
    for record, source in zip(result, catalog):
        position = exposure.getWcs().pixelToSky(geom.Point2D(source[NAME + "_x"], source[NAME + "_y"]))
        assert record[NAME + "_ra"].asRadians() == pytest.approx(position.getRa().asRadians(), abs=1e-12)
    schema = mapper.getOutputSchema()
    assert schema.find(NAME + "_xx").field.getUnits() == "rad^2"
    assert schema.find(NAME + "_xx_yy_Cov").field.getUnits() == "rad^4"
    assert not result[NAME + "_flag_unweighted"].any()
