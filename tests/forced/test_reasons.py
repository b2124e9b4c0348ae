# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Every object that an image covers has a row, and a row without a flux has a reason."""

import lsst.afw.geom as afwGeom
import lsst.afw.image as afwImage
import lsst.afw.table as afwTable
import lsst.geom as geom
import numpy as np
import pytest
from forcedImages import HEIGHT, NOISE, WIDTH, X0, Y0, makeExposure, makeHalfPsf, measure
from lsst.dia.repro.forced.missingFluxReasons import Reason, describeReasons, flagUnmeasured
from lsst.dia.repro.localCalibration import calibrateFluxes
from lsst.pipe.base import TaskError

LEFT, RIGHT = (X0 + 40.3, Y0 + 60.2), (X0 + 150.1, Y0 + 60.4)


def reasonsOf(forced):
    return [Reason(reason).label for reason in forced["reason"]]


def testMeasured():
    forced = measure(makeExposure([(*LEFT, 900.0)]), [LEFT, RIGHT])
    assert reasonsOf(forced) == ["measured", "measured"]
    assert abs(forced["base_PsfFlux_instFlux"][0] - 900.0) < 5*forced["base_PsfFlux_instFluxErr"][0]
    assert not np.array(forced["base_PsfFlux_flag"]).any()


@pytest.mark.parametrize("reasons, text", [
    ([], "Measured 0 of 0 DIAObjects"), ([0, 0], "Measured 2 of 2 DIAObjects"),
    ([2, 0, 1, 2], "Measured 1 of 4 DIAObjects (1 offImage, 2 noData)")])
def testReasonsAreCounted(reasons, text):
    assert describeReasons(np.array(reasons)) == text


def testOffTheImage():
    exposure = makeExposure()
    # The edges of the outermost pixels are half a pixel beyond their centers.
    positions = [LEFT, (X0 - 0.6, Y0 + 50), (X0 - 4.4, Y0 + 50), (X0 - 4.6, Y0 + 50), (X0 + 50, Y0 - 4.4),
                 (X0 + WIDTH + 3.4, Y0 + HEIGHT + 3.4), (X0 + WIDTH + 3.6, Y0 + 50), (X0 - 0.4, Y0 + 50)]
    assert list(measure(exposure, positions)["diaObjectId"]) == [101, 108]
    forced = measure(exposure, positions, edgeMargin=4.0)
    assert list(forced["diaObjectId"]) == [101, 102, 103, 105, 106, 108]
    assert reasonsOf(forced) == ["measured", *["offImage"]*4, "measured"]
    off = np.array(forced["reason"]) == Reason.OFF_IMAGE
    for name in ("base_PsfFlux_instFlux", "base_PsfFlux_flux", "base_PsfFlux_mag", "base_PsfFlux_limitFlux"):
        assert np.isnan(forced[name][off]).all(), name
    assert forced["base_PsfFlux_flag"][off].all() and forced["base_PixelFlags_flag_offimage"][off].all()
    assert not forced["base_PixelFlags_flag_offimage"][~off].any()
    np.testing.assert_allclose(forced["base_TransformedCentroidFromCoord_x"][1:3], [X0 - 0.6, X0 - 4.4],
                               atol=1e-6)
    # What is on the image does not depend on what is beside it.
    alone = measure(exposure, positions)
    assert list(alone["base_PsfFlux_instFlux"]) == list(forced["base_PsfFlux_instFlux"][~off])


def testOutsideTheValidPolygon():
    exposure = makeExposure()
    exposure.getInfo().setValidPolygon(afwGeom.Polygon([
        geom.Point2D(X0, Y0), geom.Point2D(X0 + 100, Y0), geom.Point2D(X0 + 100, Y0 + HEIGHT),
        geom.Point2D(X0, Y0 + HEIGHT)]))
    assert reasonsOf(measure(exposure, [LEFT, RIGHT])) == ["measured", "offImage"]


@pytest.mark.parametrize("seed", [1, 2])
def testPointsInPolygon(seed):
    from lsst.dia.repro.forced.imageCoverage import findInPolygon

    random = np.random.RandomState(seed)
    angle = np.sort(random.uniform(0, 2*np.pi, 11))
    radius = random.uniform(2, 10, 11)
    polygon = afwGeom.Polygon([geom.Point2D(r*np.cos(a), r*np.sin(a)) for r, a in zip(radius, angle)])
    x, y = random.uniform(-10, 10, (2, 500))
    expected = [polygon.contains(geom.Point2D(*point)) for point in zip(x, y)]
    assert 50 < sum(expected) < 450
    np.testing.assert_array_equal(findInPolygon(x, y, polygon), expected)


def testNoData():
    exposure = makeExposure()
    exposure.image.array[:, 100:] = np.nan
    exposure.mask.array[:, 140:] |= exposure.mask.getPlaneBitMask("NO_DATA")
    edge = (X0 + 95.0, Y0 + 60.0)
    positions = [LEFT, edge, (X0 + 120.0, Y0 + 60.0), RIGHT]
    assert reasonsOf(measure(exposure, positions)) == ["measured", "nonFinitePixels", "noData", "noData"]


@pytest.mark.parametrize("options", [
    {}, {"nanPolicy": "leaveOut", "minPsfFraction": 0.6, "doJointFit": True, "doControl": True}])
def testNoDataStoredAsZero(options):
    """Stacks since August 2025 have 0 where v23 has NaN: results are those of NaN, and the image stays."""
    zeros, nans = (makeExposure([(*LEFT, 900.0), (X0 + 96.0, Y0 + 60.0, 900.0)]) for _ in range(2))
    for exposure, value in (zeros, 0.0), (nans, np.nan):
        exposure.mask.array[:, 100:140] |= exposure.mask.getPlaneBitMask("NO_DATA")
        exposure.image.array[:, 100:140] = value
    positions = [LEFT, *((X0 + x, Y0 + 60.0) for x in (86.0, 96.0, 99.4, 99.6, 120.0, 150.0, 170.0))]
    before = zeros.image.array.copy()
    forced, expected = (measure(exposure, positions, exposureId=5, **options) for exposure in (zeros, nans))
    assert reasonsOf(forced) == (
        ["measured"]*3 + ["tooFewGoodPixels"] + ["noData"]*2 + ["measured"]*2 if options else
        ["measured"]*2 + ["nonFinitePixels"]*2 + ["noData"]*2 + ["nonFinitePixels", "measured"])
    for name in forced.schema.getNames():
        np.testing.assert_array_equal(np.array(forced[name]), np.array(expected[name]), err_msg=name)
    np.testing.assert_array_equal(zeros.image.array, before)


def testImageStaysWhereMeasuringFails():
    exposure = makeExposure()
    exposure.mask.array[:, 100:] |= exposure.mask.getPlaneBitMask("NO_DATA")
    before = exposure.image.array.copy()
    with pytest.raises(TaskError, match="NOSUCH"):
        measure(exposure, [LEFT], measurement__plugins__base_PixelFlags__masksFpAnywhere=["NOSUCH"])
    np.testing.assert_array_equal(exposure.image.array, before)


def testInvalidPsfIsNoFailureOfAPlugin():
    """It is a field of stacks since 2025, and says nothing of rows that no plugin saw."""
    schema = afwTable.SourceTable.makeMinimalSchema()
    for name in ("base_PsfFlux_flag", "base_InvalidPsf_flag"):
        schema.addField(name, type="Flag", doc="flag")
    forced = afwTable.SourceCatalog(schema)
    forced.resize(2)
    forced = forced.copy(deep=True)
    wasRun = np.array([True, False])
    flagUnmeasured(forced, wasRun, wasRun, np.zeros(2), np.zeros(2))
    assert list(forced["base_PsfFlux_flag"]) == [False, True]
    assert not np.array(forced["base_InvalidPsf_flag"]).any()


@pytest.mark.parametrize("value", [np.nan, np.inf])
@pytest.mark.parametrize("plane", ["image", "variance"])
def testNonFinitePixel(plane, value):
    exposure = makeExposure()
    getattr(exposure, plane).array[60, 35] = value
    forced = measure(exposure, [LEFT, RIGHT])
    assert reasonsOf(forced) == ["nonFinitePixels", "measured"]
    assert np.isnan(forced["base_PsfFlux_instFlux"][0]) and forced["base_PsfFlux_flag"][0]


def testPsfThatFailsForSomeObjects():
    exposure = makeExposure([(*LEFT, 1000.0)])
    exposure.setPsf(makeHalfPsf(exposure))
    forced = measure(exposure, [RIGHT, LEFT, RIGHT])
    assert reasonsOf(forced) == ["psfFailed", "measured", "psfFailed"]
    assert abs(forced["base_PsfFlux_instFlux"][1] - 1000.0) < 6*NOISE*np.sqrt(4*np.pi)*2.0
    assert list(forced["base_PsfFlux_flag"]) == [True, False, True]


def testImageWithoutPsf(caplog):
    exposure = makeExposure()
    exposure.setPsf(None)
    forced = measure(exposure, [LEFT, RIGHT, (X0 - 2, Y0 + 10)], edgeMargin=5.0, doJointFit=True,
                     nanPolicy="leaveOut", doControl=True)
    assert reasonsOf(forced) == ["psfFailed", "psfFailed", "offImage"]
    assert forced["base_PsfFlux_flag"].all()
    assert "no PSF" in caplog.text


def testTooFewGoodPixels():
    exposure = makeExposure()
    exposure.mask.array[30:100, 20:70] |= exposure.mask.getPlaneBitMask("SAT")
    forced = measure(exposure, [LEFT, RIGHT], measurement__plugins__base_PsfFlux__badMaskPlanes=["SAT"])
    assert reasonsOf(forced) == ["tooFewGoodPixels", "measured"]
    assert forced["base_PsfFlux_flag_noGoodPixels"][0]


def testNothingOnTheImage():
    forced = measure(makeExposure(), [(X0 - 1000.0, Y0)], edgeMargin=5.0, doJointFit=True)
    assert len(forced) == 0 and "reason" in forced.schema


def testWithoutPsfFlux():
    plugins = ["base_TransformedCentroidFromCoord", "base_PixelFlags"]
    forced = measure(makeExposure(), [LEFT, RIGHT, (X0 - 1, Y0)], edgeMargin=3, doCalibrate=False,
                     measurement__plugins__names=plugins, measurement__slots__psfFlux=None)
    assert reasonsOf(forced) == ["measured", "measured", "offImage"]


def requireFluxWhereMeasured(forced):
    """Check that what is measured has a flux and an error, and what is not has none in nJy."""
    isMeasured = np.array(forced["reason"]) == Reason.MEASURED
    for kind in ("instFlux", "flux"):
        flux, error = (np.array(forced[f"base_PsfFlux_{kind}{suffix}"]) for suffix in ("", "Err"))
        assert (np.isfinite(flux) & np.isfinite(error) & (error > 0))[isMeasured].all()


@pytest.mark.parametrize("calibration", [np.nan, np.inf, 0.0])
@pytest.mark.parametrize("options", [{}, {"calibration__doCalibrationErr": True}])
def testCalibrationThatIsNoPositiveNumber(calibration, options):
    exposure = makeExposure()
    exposure.setPhotoCalib(afwImage.PhotoCalib(calibration))
    forced = measure(exposure, [LEFT, RIGHT], **options)
    assert reasonsOf(forced) == ["badCalibration"]*2
    for kind in ("flux", "fluxErr", "mag", "limitFlux"):
        assert np.isnan(forced["base_PsfFlux_" + kind]).all()
    assert np.isfinite(forced["base_PsfFlux_instFlux"]).all()


@pytest.mark.parametrize("error", [np.nan, np.inf])
def testErrorOfTheCalibration(error):
    exposure = makeExposure()
    exposure.setPhotoCalib(afwImage.PhotoCalib(3.0, error))
    assert reasonsOf(measure(exposure, [LEFT])) == ["measured"]
    assert reasonsOf(measure(exposure, [LEFT], calibration__doCalibrationErr=True)) == ["badCalibration"]


@pytest.mark.parametrize("scale", [np.nan, np.inf, -np.inf, 0.0, -0.0, -2.0])
def testFluxesHaveNoUnitWithoutACalibration(scale):
    catalog = {"a_instFlux": np.array([3.0, -3.0]), "a_instFluxErr": np.array([1.0, 1.0])}
    flux, fluxErr = calibrateFluxes(catalog, "a", np.array([scale, 2.0]))
    np.testing.assert_array_equal([flux, fluxErr], [[np.nan, -6.0], [np.nan, 2.0]])


@pytest.mark.parametrize("variance, reason", [
    (0.0, "noError"), (np.inf, "noData"), (np.nan, "noData"), (-1.0, "nonFinitePixels")])
@pytest.mark.parametrize("doCalibrationErr", [False, True])
def testVarianceOfAllPixels(variance, reason, doCalibrationErr):
    exposure = makeExposure(calibrationErr=0.1)
    exposure.variance.array[20:100, 10:70] = variance
    options = dict(calibration__doCalibrationErr=doCalibrationErr, doJointFit=True)
    for policy in ("fail", "leaveOut"):
        forced = measure(exposure, [LEFT, (LEFT[0] + 3, LEFT[1]), RIGHT], nanPolicy=policy, **options)
        assert reasonsOf(forced) == [reason, reason, "measured"]
        assert list(forced["joint_PsfFlux_flag"]) == [True, True, False]
        requireFluxWhereMeasured(forced)


def testOnePixelWithoutVariance():
    """It has a weight like the others, and the error is that of the others."""
    exposure = makeExposure()
    exposure.variance.array[60, 40] = 0.0
    assert reasonsOf(measure(exposure, [LEFT])) == ["measured"]


@pytest.mark.filterwarnings("error")
def testPropertiesOfRandomImages():
    """Whatever an image has, what is measured has a flux with an error, and NumPy does not warn."""
    random = np.random.RandomState(11)
    found = set()
    for _ in range(12):
        exposure = makeExposure(seed=random.randint(100))
        for plane, values in (("image", [np.nan, np.inf, 0.0]), ("variance", [np.nan, np.inf, 0.0, -1.0])):
            for _ in range(4):
                x, y, size = random.randint(0, 180), random.randint(0, 160), random.randint(1, 60)
                getattr(exposure, plane).array[y:y + size, x:x + size] = random.choice(values)
        exposure.setPhotoCalib(afwImage.PhotoCalib(random.choice([3.0, 3.0, 3.0, 0.0, np.nan])))
        positions = np.transpose([random.uniform(X0 - 5, X0 + WIDTH + 5, 40),
                                  random.uniform(Y0 - 5, Y0 + HEIGHT + 5, 40)])
        forced = measure(exposure, positions, edgeMargin=10.0, nanPolicy=random.choice(["fail", "leaveOut"]),
                         doJointFit=True)
        requireFluxWhereMeasured(forced)
        isGood = ~np.array(forced["joint_PsfFlux_flag"])
        assert np.isfinite(forced["joint_PsfFlux_instFlux"][isGood]).all()
        assert (forced["joint_PsfFlux_instFluxErr"][isGood] > 0).all()
        found |= set(reasonsOf(forced))
    assert {"measured", "offImage", "nonFinitePixels", "noError", "badCalibration"} <= found


def testNumbersOfReasonsNeverChange():
    assert {reason.label: int(reason) for reason in Reason} == {
        "measured": 0, "offImage": 1, "noData": 2, "psfFailed": 3, "nonFinitePixels": 4,
        "tooFewGoodPixels": 5, "failed": 6, "noError": 7, "badCalibration": 8, "imageUnread": 9}


@pytest.mark.parametrize("option, field", [
    ("measurement__plugins__base_PixelFlags__masksFpAnywhere", "NOSUCH"),
    ("measurement__plugins__base_PsfFlux__badMaskPlanes", "badMaskPlanes"),
])
def testUnknownMaskPlane(option, field):
    with pytest.raises(TaskError, match="NOSUCH") as error:
        measure(makeExposure(), [LEFT], **{option: ["NOSUCH"]})
    assert field in str(error.value) and "\n" not in str(error.value)
