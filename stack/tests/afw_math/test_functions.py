# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Functions against formulas written out here."""

import math

import numpy as np
import pytest

import lsst.afw.math as afwMath
from lsst.geom import Box2D, Point2D
from lsst.pex.exceptions import InvalidParameterError, NotFoundError


def test_polynomialOrderOfTerms():
    function = afwMath.PolynomialFunction2D([1.0, 2.0, 3.0, 4.0, 5.0, 6.0])
    x, y = 0.3, -1.7
    assert function(x, y) == pytest.approx(1 + 2*x + 3*y + 4*x*x + 5*x*y + 6*y*y, rel=1e-14)
    assert function.getDFuncDParameters(x, y) == pytest.approx([1, x, y, x*x, x*y, y*y], rel=1e-14)
    assert function.getOrder() == 2


def test_chebyshevIsCosineOfMultipleAngle():
    box = Box2D(Point2D(-10, 20), Point2D(30, 60))
    params = np.zeros(10)
    params[8] = 1.0  # order 3: x^3, x^2 y, x y^2, y^3 are parameters 6 to 9
    function = afwMath.Chebyshev1Function2D(params, box)
    x, y = 3.0, 51.0
    angleX, angleY = math.acos((x - 10)/20), math.acos((y - 40)/20)
    assert function(x, y) == pytest.approx(math.cos(angleX)*math.cos(2*angleY), rel=1e-13)


def test_arraysGiveTheSameAsScalars():
    rng = np.random.default_rng(1)
    x, y = rng.uniform(-3, 3, (2, 20))
    for function in (afwMath.GaussianFunction2D(1.2, 0.7, 0.4), afwMath.DoubleGaussianFunction2D(1, 2, 0.1),
                     afwMath.PolynomialFunction2D(rng.random(10)),
                     afwMath.Chebyshev1Function2D(rng.random(15))):
        assert function._evaluate(x, y) == pytest.approx([function(a, b) for a, b in zip(x, y)], rel=1e-14)


def test_singlePrecisionRounds():
    value = afwMath.GaussianFunction2D(1.3, 1.3)(0.4, 0.0)
    rounded = afwMath.GaussianFunction2F(1.3, 1.3)(0.4, 0.0)
    assert rounded != value
    assert rounded == np.float32(value)


def test_cloneIsIndependent():
    function = afwMath.PolynomialFunction2D(1)
    copy = function.clone()
    function.setParameters([1, 2, 3])
    assert copy.getParameters() == [0, 0, 0]
    assert type(copy) is type(function)


def test_badArguments():
    with pytest.raises(InvalidParameterError, match="order is not an integer"):
        afwMath.PolynomialFunction2D([1.0, 2.0])
    with pytest.raises(InvalidParameterError, match="3 entries instead of 1"):
        afwMath.GaussianFunction1D(1.0).setParameters([1, 2, 3])
    with pytest.raises(NotFoundError):
        afwMath.GaussianFunction2D(1, 1).getDFuncDParameters(0, 0)
