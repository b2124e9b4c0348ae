# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Transmission curves against direct interpolation."""

import numpy as np
import pytest
from scipy.interpolate import RegularGridInterpolator

from lsst.afw.image import ExposureF, TransmissionCurve
from lsst.afw.image._transmissionCurve import _RadialTransmissionCurve, _SpatiallyConstantTransmissionCurve
from lsst.geom import Point2D
from lsst.pex.exceptions import InvalidParameterError, LengthError, LogicError

WAVELENGTHS = np.array([4000.0, 5000.0, 7000.0])
CONSTANT = _SpatiallyConstantTransmissionCurve([0.1, 0.9, 0.5], WAVELENGTHS, 0.0, 0.2)
RADII = np.array([1.0, 10.0])
VALUES = np.array([[0.2, 0.4], [0.6, 0.8], [0.3, 0.1]])
RADIAL = _RadialTransmissionCurve(VALUES.T, WAVELENGTHS, RADII, 0.0, 0.0)
SAMPLES = np.array([3000.0, 4000.0, 4600.0, 6999.0, 8000.0])


def testConstant():
    assert CONSTANT.sampleAt(Point2D(1, 2), SAMPLES) == pytest.approx([0.0, 0.1, 0.58, 0.5002, 0.2])
    assert CONSTANT.getWavelengthBounds() == (4000, 7000) and CONSTANT.getThroughputAtBounds() == (0.0, 0.2)


def testRadial():
    grid = RegularGridInterpolator((WAVELENGTHS, RADII), VALUES)
    for x, y, radius in ((3, 4, 5), (0, 0, 1), (60, 80, 10)):
        assert RADIAL.sampleAt(Point2D(x, y), SAMPLES[1:4]) == pytest.approx(
            grid([(wavelength, radius) for wavelength in SAMPLES[1:4]]))


def testProducts():
    product = CONSTANT*RADIAL
    point = Point2D(3, 4)
    assert product.sampleAt(point, SAMPLES) == pytest.approx(
        CONSTANT.sampleAt(point, SAMPLES)*RADIAL.sampleAt(point, SAMPLES))
    identity = TransmissionCurve.makeIdentity()
    assert identity*CONSTANT is CONSTANT and CONSTANT*identity is CONSTANT
    wider = _SpatiallyConstantTransmissionCurve([1.0, 1.0], [3000.0, 9000.0], 0.0, 0.0)
    assert (RADIAL*wider).getWavelengthBounds() == (4000.0, 7000.0)


def testInvalid():
    with pytest.raises(LengthError):
        CONSTANT.sampleAt(Point2D(1, 2), SAMPLES, out=np.zeros(1))
    with pytest.raises(LogicError):
        _SpatiallyConstantTransmissionCurve([1.0, 1.0, 1.0], WAVELENGTHS[::-1], 0.0, 0.0)
    with pytest.raises(InvalidParameterError):
        _SpatiallyConstantTransmissionCurve([1.0, 1.0, 1.0], WAVELENGTHS, np.nan, 0.0)


@pytest.mark.parametrize("curve", [TransmissionCurve.makeIdentity(), CONSTANT, RADIAL, CONSTANT*RADIAL])
def testFiles(tmp_path, curve):
    path = str(tmp_path/"curve.fits")
    curve.writeFits(path)
    read = TransmissionCurve.readFits(path)
    point = Point2D(2, 3)
    assert np.array_equal(read.sampleAt(point, SAMPLES), curve.sampleAt(point, SAMPLES))


def testOfARealExposure(shared):
    exposure = ExposureF(str(shared/"real"/"stack-files"/"obs_base_calexp.fits"))
    curve = exposure.info.getTransmissionCurve()
    # An HSC-I exposure: nothing below 6500 or above 9000 Angstrom, most of the light between 7200 and 8200.
    throughput = curve.sampleAt(Point2D(30, 15), np.array([6000.0, 7700.0, 9500.0]))
    assert throughput[0] < 0.01 and throughput[2] < 0.01 and 0.2 < throughput[1] < 1.0
