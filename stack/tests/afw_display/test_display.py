# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""What is drawn where on matplotlib figures."""

import matplotlib
import numpy as np
import pytest

import lsst.afw.display as afwDisplay
import lsst.afw.image as afwImage
from lsst.afw.geom.ellipses import Axes, Quadrupole
from lsst.geom import Box2I, Extent2I, Point2I

matplotlib.use("Agg")


@pytest.fixture
def display():
    with afwDisplay.Display(1, "matplotlib") as display:
        yield display
    afwDisplay.delAllDisplays()


@pytest.fixture
def exposure():
    exposure = afwImage.ExposureF(Box2I(Point2I(100, 50), Extent2I(20, 10)))
    exposure.image.array[:] = np.arange(200).reshape(10, 20)
    exposure.mask.array[2, 3] = exposure.mask.getPlaneBitMask("SAT")
    exposure.mask.array[4, 5] = exposure.mask.getPlaneBitMask("CR")
    return exposure


def axes(display):
    return display._figure.axes[0]


def test_imageIsAtItsParentCoordinates(display, exposure):
    display.mtv(exposure, title="A title")
    image = axes(display).images[0]
    assert image.get_extent() == [99.5, 119.5, 49.5, 59.5] and image.origin == "lower"
    np.testing.assert_array_equal(image.get_array(), exposure.image.array)
    assert axes(display).get_title() == "A title"
    display.mtv(exposure.image)
    assert len(axes(display).images) == 1
    display.mtv(exposure.mask)
    assert axes(display).images[0].get_array().max() == exposure.mask.array.max()


def test_maskPlanesHaveColors(display, exposure):
    display.setMaskTransparency(25)
    display.setMaskTransparency({"CR": 90})
    display.setMaskPlaneColor("SAT", afwDisplay.ORANGE)
    display.mtv(exposure)
    overlays = {tuple(np.argwhere(image.get_array()[..., 3])[0]): image.get_array()
                for image in axes(display).images[1:]}
    assert set(overlays) == {(2, 3), (4, 5)}
    np.testing.assert_allclose(overlays[2, 3][2, 3], [1, 165/255, 0, 0.75])
    np.testing.assert_allclose(overlays[4, 5][4, 5], [1, 0, 1, 0.1], atol=1e-12)
    display.setMaskPlaneColor({"SAT": "ignore", "CR": "IGNORE"})
    display.mtv(exposure)
    assert len(axes(display).images) == 1


@pytest.mark.parametrize("arguments, limits", [
    (("linear", 10, 20), (10, 20)), (("asinh", "minmax"), (0, 199)),
    (("log", 5, 95, "percent"), (9.95, 189.05)),
    (("sqrt", -1, 2, "sigma"), (99.5 - 57.735, 99.5 + 115.47))])
def test_scale(display, exposure, arguments, limits):
    display.mtv(exposure)
    display.scale(*arguments)
    norm = axes(display).images[0].norm
    np.testing.assert_allclose((norm.vmin, norm.vmax), limits, rtol=1e-4)


def test_scaleMistakes(display, exposure):
    display.mtv(exposure)
    with pytest.raises(RuntimeError, match="specify max"):
        display.scale("linear", 1)
    with pytest.raises(RuntimeError):
        display.scale("linear", "zscale", 3)
    with pytest.raises(ValueError, match="asinh"):
        display.scale("cubic", 0, 1)
    with pytest.raises(RuntimeError, match="Unsupported type"):
        display.mtv([1, 2])


def test_symbols(display, exposure):
    display.mtv(exposure)
    with display.Buffering():
        display.dot("o", 105, 52, size=3, ctype=afwDisplay.RED)
        display.dot("+", 5, 2, size=2, origin=afwImage.LOCAL)
        display.dot(Quadrupole(9, 4, 0), 110, 55)
        display.dot("@:9,0,4", 110, 55)
        display.dot("name", 101, 51)
        display.line([(100, 50), (103, 54)], ctype="cyan")
    circle, *ellipses = axes(display).patches
    assert circle.center == (105, 52) and circle.radius == 3
    assert [(e.center, e.width, e.height) for e in ellipses] == [((110, 55), 6, 4)]*2
    assert Axes(Quadrupole(9, 4, 0)).getA() == 3
    (text,) = axes(display).texts
    assert text.get_text() == "name" and text.get_position() == (101, 51)
    horizontal, vertical, line = axes(display).lines
    assert list(horizontal.get_xdata()) == [103, 107] and list(vertical.get_ydata()) == [50, 54]
    assert list(line.get_xdata()) == [100, 103]
    display.erase()
    assert not [*axes(display).patches, *axes(display).lines, *axes(display).texts]
    assert len(axes(display).images) == 3


def test_zoomAndPan(display, exposure):
    display.mtv(exposure)
    display.zoom(4, 110, 53)
    assert axes(display).get_xlim() == (107.5, 112.5) and axes(display).get_ylim() == (51.75, 54.25)
    display.pan(5, 4, origin=afwImage.LOCAL)
    assert axes(display).get_xlim() == (102.5, 107.5)


def test_frames(exposure):
    afwDisplay.setDefaultFrame(3)
    display = afwDisplay.getDisplay()
    assert display.frame == 3 and afwDisplay.getDisplay(3) is display
    with pytest.raises(RuntimeError, match="does not exist"):
        afwDisplay.getDisplay(4, "")
    assert afwDisplay.incrDefaultFrame() == 4
    afwDisplay.setDefaultFrame(0)
    figure = matplotlib.figure.Figure()
    afwDisplay.Display(figure).mtv(exposure)
    assert len(figure.axes) == 2
    afwDisplay.delAllDisplays()


def test_backends(exposure):
    display = afwDisplay.Display(2, "virtualDevice")
    display.mtv(exposure)
    display.dot("o", 1, 2)
    display.close()
    with pytest.raises(ImportError, match="firefly; there are matplotlib"):
        afwDisplay.Display(2, "firefly")
    with pytest.raises(RuntimeError, match="Unable to set backend to ds8"):
        afwDisplay.setDefaultBackend("ds8")
    assert afwDisplay.getDefaultBackend() == "matplotlib"
