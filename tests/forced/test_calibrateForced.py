# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Calibrated columns against PhotoCalib's own conversions and closed forms."""

import lsst.afw.image as afwImage
import lsst.afw.table as afwTable
import lsst.geom as geom
import numpy as np
import pytest
from forcedImages import CALIBRATION, HEIGHT, WIDTH, X0, Y0, makeExposure, measure
from lsst.afw.math import ChebyshevBoundedField
from lsst.meas.base import ApplyApCorrTask
from lsst.meas.base.apCorrRegistry import addApCorrName

NAME = "base_PsfFlux"
SOURCES = [(X0 + 40.3, Y0 + 60.2, 3000.0), (X0 + 150.1, Y0 + 60.4, -2500.0), (X0 + 100.0, Y0 + 120.0, 10.0)]
POSITIONS = [source[:2] for source in SOURCES]


def makeField(coefficients):
    box = geom.Box2I(geom.Point2I(X0, Y0), geom.Extent2I(WIDTH, HEIGHT))
    return ChebyshevBoundedField(box, np.array(coefficients, dtype=float))


@pytest.fixture
def varying():
    """An image with a calibration that varies and has an error."""
    exposure = makeExposure(SOURCES)
    exposure.setPhotoCalib(afwImage.PhotoCalib(CALIBRATION, 0.4, makeField([[3.0, 0.5], [0.3, 0.1]]), False))
    return exposure


@pytest.mark.parametrize("withError", [False, True])
def testNanojanskys(varying, withError):
    forced = measure(varying, POSITIONS, calibration__doCalibrationErr=withError)
    photoCalib = varying.getPhotoCalib()
    for record in forced:
        args = record[NAME + "_instFlux"], record[NAME + "_instFluxErr"], record.getCentroid()
        expected = photoCalib.instFluxToNanojansky(*args)
        assert record[NAME + "_flux"] == pytest.approx(expected.value, rel=1e-12)
        if withError:
            assert record[NAME + "_fluxErr"] == pytest.approx(expected.error, rel=1e-12)
        else:
            scale = photoCalib.getLocalCalibration(record.getCentroid())
            assert record[NAME + "_fluxErr"] == pytest.approx(args[1]*scale, rel=1e-12)


def testMagnitudesWhereTheyMakeSense(varying):
    forced = measure(varying, POSITIONS, calibration__doCalibrationErr=True)
    expected = varying.getPhotoCalib().instFluxToMagnitude(forced, NAME)
    assert forced[NAME + "_mag"][0] == pytest.approx(expected[0, 0], abs=1e-12)
    assert forced[NAME + "_magErr"][0] == pytest.approx(expected[0, 1], rel=1e-12)
    for name in ("_mag", "_magErr"):
        np.testing.assert_array_equal(np.isnan(forced[NAME + name]), [False, True, True])


def testLeastSignificanceOfMagnitudes():
    exposure = makeExposure(SOURCES)
    snr = measure(exposure, POSITIONS)
    snr = snr[NAME + "_flux"][0]/snr[NAME + "_fluxErr"][0]
    for factor, isNan in ((0.999, False), (1.001, True)):
        forced = measure(exposure, POSITIONS, calibration__magnitudeMinSnr=factor*float(snr))
        assert np.isnan(forced[NAME + "_mag"][0]) == isNan


def testLimitingFlux():
    forced = measure(makeExposure(SOURCES), POSITIONS, calibration__limitSigma=2.5)
    np.testing.assert_allclose(forced[NAME + "_limitFlux"], 2.5*forced[NAME + "_fluxErr"], rtol=1e-14)
    assert "2.5" in forced.schema.find(NAME + "_limitFlux").field.getDoc()
    assert forced.schema.find(NAME + "_mag").field.getUnits() == "mag"


def setApCorrMap(exposure, **fields):
    apCorrMap = afwImage.ApCorrMap()
    for name, field in fields.items():
        apCorrMap[name] = field
    exposure.getInfo().setApCorrMap(apCorrMap)


def testApertureCorrectionIsThatOfTheStack():
    """Compare with lsst.meas.base.ApplyApCorrTask."""
    exposure = makeExposure(SOURCES)
    setApCorrMap(exposure, base_PsfFlux_instFlux=makeField([[1.1, 0.1]]),
                 base_PsfFlux_instFluxErr=makeField([[0.01]]))
    forced = measure(exposure, POSITIONS, calibration__doApCorr=True)
    addApCorrName(NAME)
    schema = forced.schema
    mapper = afwTable.SchemaMapper(schema, True)
    mapper.addMinimalSchema(schema, True)
    task = ApplyApCorrTask(schema=mapper.editOutputSchema())
    corrected = afwTable.SourceCatalog(mapper.getOutputSchema())
    corrected.extend(forced, mapper=mapper)
    task.run(corrected, exposure.getInfo().getApCorrMap())
    for kind in ("Flux", "FluxErr"):
        expected = [record[f"{NAME}_inst{kind}"]*CALIBRATION for record in corrected]
        np.testing.assert_allclose(forced[f"{NAME}_apCorr{kind}"], expected, rtol=1e-12)
    assert not np.allclose(forced[NAME + "_apCorrFlux"], forced[NAME + "_flux"], rtol=0.01)


@pytest.mark.parametrize("fields", [None, {}, {"base_PsfFlux_instFlux": [[1.1]]}])
def testMissingApertureCorrection(fields, caplog):
    exposure = makeExposure(SOURCES)
    if fields is not None:
        setApCorrMap(exposure, **{name: makeField(value) for name, value in fields.items()})
    forced = measure(exposure, POSITIONS, calibration__doApCorr=True, doJointFit=True, doControl=True)
    assert np.isnan(forced[NAME + "_apCorrFlux"]).all() and np.isnan(forced[NAME + "_apCorrFluxErr"]).all()
    assert np.isfinite(forced[NAME + "_flux"]).all()
    warnings = [record for record in caplog.records if "aperture-correct" in record.getMessage()]
    assert len(warnings) == 1 and "base_PsfFlux_instFluxErr" in warnings[0].getMessage()


def testFactorThatIsNotPositive():
    exposure = makeExposure(SOURCES)
    setApCorrMap(exposure, base_PsfFlux_instFlux=makeField([[0.0, 1.0]]),
                 base_PsfFlux_instFluxErr=makeField([[0.01]]))
    forced = measure(exposure, POSITIONS, calibration__doApCorr=True)
    np.testing.assert_array_equal(np.isnan(forced[NAME + "_apCorrFlux"]), [True, False, False])


def testApertureFluxesAreCalibratedToo():
    plugins = ["base_TransformedCentroidFromCoord", "base_PsfFlux", "base_CircularApertureFlux",
               "base_LocalPhotoCalib", "base_LocalBackground", "base_PixelFlags"]
    forced = measure(makeExposure(SOURCES), POSITIONS, measurement__plugins__names=plugins)
    name = "base_CircularApertureFlux_9_0"
    np.testing.assert_allclose(forced[name + "_flux"], CALIBRATION*forced[name + "_instFlux"], rtol=1e-13)
    assert "base_LocalBackground_flux" not in forced.schema
