# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Detectors: systems, transforms, amplifiers, and what files hold of them."""

import numpy as np
import pytest
from detectorWrapper import DetectorWrapper
from wcsData import SHARED

import astshim
import lsst.pex.exceptions
from lsst.afw.cameraGeom import (
    ACTUAL_PIXELS,
    FIELD_ANGLE,
    FOCAL_PLANE,
    PIXELS,
    TAN_PIXELS,
    Amplifier,
    CameraSys,
    Detector,
    Orientation,
    TransformMap,
)
from lsst.afw.geom import TransformPoint2ToPoint2
from lsst.geom import Box2D, Extent2D, Point2D, degrees


def assertSameDetector(first, second):
    for name in ("Name", "Id", "Type", "Serial", "PhysicalType", "BBox", "PixelSize"):
        assert getattr(first, f"get{name}")() == getattr(second, f"get{name}")(), name
    np.testing.assert_array_equal(first.getCrosstalk(), second.getCrosstalk())
    assert len(first) == len(second)
    for amp1, amp2 in zip(first, second, strict=True):
        assert amp1.getName() == amp2.getName() and amp1.getBBox() == amp2.getBBox()
        assert amp1.getRawXYOffset() == amp2.getRawXYOffset() and amp1.getGain() == amp2.getGain()
        np.testing.assert_array_equal(amp1.getLinearityCoeffs(), amp2.getLinearityCoeffs())
    assert list(first.getTransformMap()) == list(second.getTransformMap())
    for system in (FOCAL_PLANE, TAN_PIXELS, ACTUAL_PIXELS):
        if first.hasTransform(system):
            assert first.getCorners(system) == second.getCorners(system)


def test_roundTrip(tmp_path):
    detector = DetectorWrapper(crosstalk=np.arange(9).reshape(3, 3)).detector
    path = str(tmp_path / "detector.fits")
    detector.writeFits(path)
    assertSameDetector(detector, Detector.readFits(path))


def test_transforms():
    wrapper = DetectorWrapper(orientation=Orientation(Point2D(10, 20), Point2D(0, 0), 90 * degrees))
    detector = wrapper.detector
    # A quarter turn takes +x of pixels to +y of the focal plane
    position = detector.transform(Point2D(100, 0), PIXELS, FOCAL_PLANE)
    assert tuple(position) == pytest.approx((10, 22))
    back = detector.getTransform(FOCAL_PLANE, PIXELS).applyForward([position])
    assert tuple(back[0]) == pytest.approx((100, 0), abs=1e-9)
    assert detector.hasTransform(TAN_PIXELS) and not detector.hasTransform(FIELD_ANGLE)
    with pytest.raises(lsst.pex.exceptions.InvalidParameterError, match="FieldAngle"):
        detector.getCenter(FIELD_ANGLE)
    assert detector["amp 2"].getName() == detector[1].getName() == "amp 2"
    with pytest.raises(lsst.pex.exceptions.InvalidParameterError, match="amp 9"):
        detector["amp 9"]


def test_badTrees():
    a, b, c, d = (CameraSys(name) for name in "abcd")
    ends = ((b, a), (b, c), (c, a), (d, d))
    identity = TransformPoint2ToPoint2(astshim.UnitMap(2))
    connect = [TransformMap.Connection(identity, *pair) for pair in ends]
    assert list(TransformMap(a, connect[:2])) == [a, b, c]
    for bad in ([], connect[:3], connect[3:]):
        with pytest.raises(lsst.pex.exceptions.InvalidParameterError):
            TransformMap(a, bad)
    with pytest.raises(lsst.pex.exceptions.InvalidParameterError, match="Identity"):
        TransformMap(d, connect[3:])


def test_amplifierBuilder():
    builder = Amplifier.Builder()
    builder.setGain(2)
    builder.setRawSerialOverscanBBox(DetectorWrapper().bbox)
    amplifier = builder.finish()
    builder.setGain(3.0)
    assert amplifier.getGain() == 2.0
    assert amplifier.getRawHorizontalOverscanBBox() == DetectorWrapper().bbox
    assert amplifier.rebuild().getGain() == 2.0


@pytest.mark.parametrize("name", ["obs_base_calexp.fits", "cfht_calexp-850587-12.fits.fz"])
def test_realDetectors(name, tmp_path):
    """The transform stored in the file must be that of the orientation stored in it."""
    path = SHARED / "real" / "stack-files" / name
    if not path.exists():
        pytest.skip("files of older stacks are not here (../shared/real/stack-files)")
    image = pytest.importorskip("lsst.afw.image")
    detector = image.ExposureFitsReader(str(path)).readDetector()
    center = Box2D(detector.getBBox()).getCenter()
    size = Extent2D(detector.getPixelSize())
    expected = detector.getOrientation().makePixelFpTransform(size).applyForward(center)
    assert tuple(detector.getCenter(FOCAL_PLANE)) == pytest.approx(tuple(expected), abs=1e-9)
    fieldAngle = detector.getCenter(FIELD_ANGLE)
    assert 0 < np.hypot(*fieldAngle) < np.radians(1)
    detector.writeFits(str(tmp_path / "detector.fits"))
    assertSameDetector(detector, Detector.readFits(str(tmp_path / "detector.fits")))
