# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Fields and transmission curves of coadds, against the mean of those of the exposures."""

import numpy as np
import pytest

from lsst.afw.geom import Polygon, makeCdMatrix, makeSkyWcs
from lsst.afw.image import TransmissionCurve
from lsst.afw.image._transmissionCurve import _SpatiallyConstantTransmissionCurve
from lsst.afw.math import ChebyshevBoundedField
from lsst.geom import Box2D, Box2I, Extent2I, Point2D, Point2I, SpherePoint, arcseconds, degrees
from lsst.meas.algorithms import CoaddBoundedField
from lsst.meas.algorithms._coaddTransmissionCurve import _CoaddTransmissionCurve, _Input
from lsst.pex.exceptions import DomainError, InvalidParameterError

CENTER = SpherePoint(45, -30, degrees)
BOX = Box2I(Point2I(-50, -50), Extent2I(101, 101))


def makeWcs(x, y, angle=0):
    return makeSkyWcs(Point2D(x, y), CENTER, makeCdMatrix(0.2*arcseconds, angle*degrees))


def makeElements(polygon=None):
    fields = [ChebyshevBoundedField(BOX, np.array([[3.0, 0.5], [0.2, 0.0]])),
              ChebyshevBoundedField(BOX, np.array([[5.0, 0.0], [-0.4, 0.1]]))]
    return [CoaddBoundedField.Element(fields[0], makeWcs(0, 0), polygon, 1.0),
            CoaddBoundedField.Element(fields[1], makeWcs(20, 5, 30), None, 2.5)]


def test_weightedMean():
    elements = makeElements(Polygon(Box2D(Point2D(-10, -10), Point2D(50, 50))))
    coadd = CoaddBoundedField(BOX, makeWcs(0, 0), elements, default=-1.0)
    x, y = np.random.default_rng(1).uniform(-90, 90, (2, 50))
    expected = []
    for point in map(Point2D, x, y):
        total = weight = 0.0
        sky = coadd.getCoaddWcs().pixelToSky(point)
        for element in elements:
            here = element.wcs.skyToPixel(sky)
            isValid = element.validPolygon is None or element.validPolygon.contains(here)
            if Box2D(BOX).contains(here) and isValid:
                total += element.weight*element.field.evaluate(here)
                weight += element.weight
        expected.append(total/weight if weight else -1.0)
    assert -1.0 in expected and len(set(expected)) > 10
    np.testing.assert_allclose(coadd.evaluate(x, y), expected, rtol=1e-9)
    strict = CoaddBoundedField(BOX, makeWcs(0, 0), elements)
    with pytest.raises(DomainError):
        strict.evaluate(x, y)


def test_fieldIsStored(tmp_path):
    coadd = CoaddBoundedField(BOX, makeWcs(0, 0), makeElements(), 0.5)
    path = str(tmp_path/"field.fits")
    coadd.writeFits(path)
    back = CoaddBoundedField.readFits(path)
    assert back == coadd and back.getElements() == coadd.getElements() and back.getDefault() == 0.5


def test_transmission(tmp_path):
    wavelengths = np.linspace(5000, 7000, 5)
    inputs = []
    for i, throughput in enumerate((0.2, 0.6)):
        ofVisit = _SpatiallyConstantTransmissionCurve(np.full(5, throughput), wavelengths, 0.0, 0.0)
        bbox = Box2D(Box2I(Point2I(-50 + 40*i, -50), Extent2I(101, 101)))
        inputs.append(_Input(ofVisit, makeWcs(0, 0), None, bbox, 1.0 + i))
    curve = _CoaddTransmissionCurve(makeWcs(0, 0), (5000.0, 7000.0), (0.0, 0.0), inputs)
    path = str(tmp_path/"curve.fits")
    curve.writeFits(path)
    for each in (curve, TransmissionCurve.readFits(path)):
        assert each.getWavelengthBounds() == (5000, 7000)
        np.testing.assert_allclose(each.sampleAt(Point2D(0, 0), wavelengths), (0.2 + 2*0.6)/3)
        np.testing.assert_allclose(each.sampleAt(Point2D(-40, 0), wavelengths), 0.2)
        with pytest.raises(InvalidParameterError):
            each.sampleAt(Point2D(200, 0), wavelengths)
