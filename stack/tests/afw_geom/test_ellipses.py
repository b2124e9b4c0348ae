# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Parameterizations of ellipses describe the same ellipse."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lsst.geom
import lsst.pex.exceptions as pexExceptions
from lsst.afw.geom import ellipses

classes = [ellipses.Axes, ellipses.Quadrupole]


@pytest.mark.parametrize("cls", classes)
@settings(deadline=None, max_examples=50)
@given(a=st.floats(1, 10), ratio=st.floats(0.05, 0.95), theta=st.floats(-1.5, 1.5))
def test_conversionsRoundTrip(cls, a, ratio, theta):
    axes = ellipses.Axes(a, a * ratio, theta)
    core = cls(axes)
    again = ellipses.Axes(core)
    assert list(again.getParameterVector()) == pytest.approx([a, a * ratio, theta], rel=1e-7, abs=1e-7)
    assert core.getArea() == pytest.approx(math.pi * a * a * ratio)
    assert core.getTraceRadius() == pytest.approx(a * math.sqrt((1 + ratio**2) / 2))


def test_gridTransformTakesTheEllipseToTheUnitCircle():
    core = ellipses.Axes(5, 2, 0.7)
    transform = core.getGridTransform()
    for phi in np.linspace(0, 6, 7):
        on = lsst.geom.LinearTransform.makeRotation(0.7 * lsst.geom.radians)(
            lsst.geom.Point2D(5 * math.cos(phi), 2 * math.sin(phi)))
        assert math.hypot(*transform(on)) == pytest.approx(1.0)


def test_momentsTransformAndAddUp():
    core = ellipses.Quadrupole(4.0, 2.0, 0.5)
    matrix = np.array([[1.0, 2.0], [0.0, 3.0]])
    moved = core.transform(lsst.geom.LinearTransform(matrix))
    np.testing.assert_allclose(moved.getMatrix(), matrix @ core.getMatrix() @ matrix.T)
    total = core.convolve(ellipses.Quadrupole(1.0, 1.0, 0.0))
    assert list(total.getParameterVector()) == [5.0, 3.0, 0.5]


def test_impossibleEllipses():
    with pytest.raises(pexExceptions.InvalidParameterError):
        ellipses.Quadrupole(1.0, 1.0, 2.0, True)
    with pytest.raises(pexExceptions.InvalidParameterError):
        ellipses.Axes(-1.0, 1.0, 0.0, True)
