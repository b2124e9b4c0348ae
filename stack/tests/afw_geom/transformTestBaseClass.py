# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Base of tests of all the transform classes."""

__all__ = ["TransformTestBaseClass"]

import itertools
import os
import pickle

import lsst.utils
import lsst.utils.tests
import numpy as np
from numpy.testing import assert_allclose, assert_array_equal

import astshim
import lsst.afw.geom
from lsst.pex.exceptions import InvalidParameterError

# Enough to tell axes and points apart
_N_POINTS = 7


def makePolyMapCoeffs(nIn, nOut):
    """Make coefficients of out_j = sum over i of 0.001 (i + j + 1) in_i^2, shape (nIn*nOut, 2 + nIn)."""
    squares = 2 * np.eye(nIn)
    return np.array([[0.001 * (i + j + 1), j + 1, *squares[i]] for j in range(nOut) for i in range(nIn)])


def makeTwoWayPolyMap(nIn, nOut):
    """Make a map of the polynomial of `makePolyMapCoeffs` each way; neither inverts the other."""
    return astshim.PolyMap(makePolyMapCoeffs(nIn, nOut), makePolyMapCoeffs(nOut, nIn))


def makeForwardPolyMap(nIn, nOut):
    """Make a map of the polynomial of `makePolyMapCoeffs` without an inverse."""
    return astshim.PolyMap(makePolyMapCoeffs(nIn, nOut), nOut, "IterInverse=0")


class TransformTestBaseClass(lsst.utils.tests.TestCase):
    """Base of tests of the classes Transform<From>To<To>, where From and To are prefixes of endpoints.

    Subclasses that have their own ``setUp`` must call the one here.
    """

    def getTestDir(self):
        """Return a directory to write test files in; packages other than afw must override this."""
        return os.path.join(lsst.utils.getPackageDir("afw"), "tests")

    def setUp(self):
        """Set which endpoints there are and which numbers of axes they take."""
        self.endpointPrefixes = ("Generic", "Point2", "SpherePoint")
        self.goodNAxes = {"Generic": (1, 2, 3, 4), "Point2": (2,), "SpherePoint": (2,)}
        self.badNAxes = {"Generic": (), "Point2": (1, 3, 4), "SpherePoint": (1, 3, 4)}

    @staticmethod
    def makeRawPointData(nAxes, delta=0.123):
        """Return coordinates of one point (`list` [`float`])."""
        return [axis * delta for axis in range(nAxes)]

    @staticmethod
    def makeRawArrayData(nPoints, nAxes, delta=0.123):
        """Return coordinates of many points (shape (nAxes, nPoints)); pairs of axes suit a sphere."""
        data = delta * np.arange(nAxes)[:, np.newaxis] + np.arange(float(nPoints))
        return data * (0.4999 * np.pi / data[1].max()) if nAxes == 2 else data

    @staticmethod
    def makeEndpoint(name, nAxes=None):
        """Return an endpoint of the class with prefix ``name``."""
        cls = getattr(lsst.afw.geom, f"{name}Endpoint")
        if name != "Generic":
            return cls()
        if nAxes is None:
            raise TypeError("nAxes must be an integer for GenericEndpoint")
        return cls(nAxes)

    @classmethod
    def makeGoodFrame(cls, name, nAxes=None):
        """Return a frame that suits an endpoint."""
        return cls.makeEndpoint(name, nAxes).makeFrame()

    @staticmethod
    def makeBadFrames(name):
        """Return frames that do not suit an endpoint (`list`)."""
        plain = [astshim.Frame(nAxes) for nAxes in (1, 2, 3)]
        return {
            "Generic": [],
            "Point2": [astshim.SkyFrame(), plain[0], plain[2]],
            "SpherePoint": plain,
        }[name]

    @staticmethod
    def makeFrameSet(baseFrame, currFrame):
        """Return a frame set of four frames with a polynomial between the second and third."""
        nIn, nOut = baseFrame.nAxes, currFrame.nAxes
        frameSet = astshim.FrameSet(baseFrame)
        for mapping, frame in (
            (astshim.UnitMap(nIn), astshim.Frame(nIn)),
            (makeTwoWayPolyMap(nIn, nOut), astshim.Frame(nOut)),
            (astshim.UnitMap(nOut), currFrame),
        ):
            frameSet.addFrame(astshim.FrameSet.CURRENT, mapping, frame)
        return frameSet

    @staticmethod
    def permuteFrameSetIter(frameSet):
        """Iterate over copies of a frame set with all choices of base and current sky frame permuted."""
        numbers = {frameSet.base, frameSet.current}
        skies = [number for number in sorted(numbers) if frameSet.getFrame(number).className == "SkyFrame"]
        for count in range(len(skies) + 1 if skies else 0):
            for chosen in itertools.combinations(skies, count):
                permuted = frameSet.copy()
                for number in chosen:
                    permuted.current = number
                    permuted.permAxes([2, 1])
                permuted.current = frameSet.current
                yield permuted

    @staticmethod
    def makeJacobian(nIn, nOut, inPoint):
        """Return the derivatives (shape (nOut, nIn)) of what `astshim.test.makePolyMapCoeffs` describes."""
        i, j = np.arange(nIn), np.arange(nOut)[:, np.newaxis]
        return 0.002 * (i + j + 1) * np.array(inPoint)

    def transformClass(self, fromName, toName):
        """Return the class for two endpoints."""
        return getattr(lsst.afw.geom, f"Transform{fromName}To{toName}")

    def allNAxes(self, *names):
        """Iterate over all numbers of axes of some endpoints."""
        return itertools.product(*(self.goodNAxes[name] for name in names))

    def checkTransformation(self, transform, mapping, msg=""):
        """Check that a transform does what a mapping does, for a point and for many, both ways."""
        for endpoints, applied, expected, has in (
            (
                (transform.fromEndpoint, transform.toEndpoint),
                (transform.applyForward, transform.getMapping().applyForward),
                (mapping.applyForward, mapping.hasForward, mapping.nIn),
                transform.hasForward,
            ),
            (
                (transform.toEndpoint, transform.fromEndpoint),
                (transform.applyInverse, transform.getMapping().applyInverse),
                (mapping.applyInverse, mapping.hasInverse, mapping.nOut),
                transform.hasInverse,
            ),
        ):
            expectedApply, expectedHas, nAxes = expected
            self.assertEqual(endpoints[0].nAxes, nAxes, msg=msg)
            self.assertEqual(has, expectedHas, msg=msg)
            if has:
                self._checkDirection(*endpoints, *applied, expectedApply, msg)

    def _checkDirection(self, inEndpoint, outEndpoint, apply, applyRaw, expected, msg):
        point = self.makeRawPointData(inEndpoint.nAxes)
        result = outEndpoint.dataFromPoint(apply(inEndpoint.pointFromData(point)))
        assert_allclose(result, expected(point), err_msg=msg)
        assert_allclose(result, applyRaw(point), err_msg=msg)
        array = self.makeRawArrayData(_N_POINTS, inEndpoint.nAxes)
        result = outEndpoint.dataFromArray(apply(inEndpoint.arrayFromData(array)))
        assert_allclose(result, expected(array), err_msg=msg)
        assert_allclose(result, applyRaw(array), err_msg=msg)

    def checkInverseTransformation(self, forward, inverse, msg=""):
        """Check that one transform does backwards exactly what another does forwards."""
        self.assertEqual(forward.fromEndpoint, inverse.toEndpoint, msg=msg)
        self.assertEqual(forward.toEndpoint, inverse.fromEndpoint, msg=msg)
        self.assertEqual(forward.hasForward, inverse.hasInverse, msg=msg)
        self.assertEqual(forward.hasInverse, inverse.hasForward, msg=msg)
        for has, endpoint, first, second in (
            (forward.hasForward, forward.fromEndpoint, forward.applyForward, inverse.applyInverse),
            (forward.hasInverse, forward.toEndpoint, forward.applyInverse, inverse.applyForward),
        ):
            if has:
                point = endpoint.pointFromData(self.makeRawPointData(endpoint.nAxes))
                self.assertEqual(first(point), second(point), msg=msg)
                array = endpoint.arrayFromData(self.makeRawArrayData(_N_POINTS, endpoint.nAxes))
                assert_array_equal(first(array), second(array), err_msg=msg)

    def checkTransformFromMapping(self, fromName, toName):
        """Check construction from mappings."""
        cls = self.transformClass(fromName, toName)
        for nIn, nOut in self.allNAxes(fromName, toName):
            msg = f"{cls.__name__}, nIn={nIn}, nOut={nOut}"
            mapping = makeTwoWayPolyMap(nIn, nOut)
            transform = cls(mapping)
            self.checkDescription(transform)
            self.checkTransformation(transform, mapping, msg=msg)
            for oneWay in (makeForwardPolyMap(nIn, nOut), makeForwardPolyMap(nOut, nIn).inverted()):
                self.checkTransformation(cls(oneWay), oneWay, msg=msg)
            self.checkPersistence(transform)
        good, bad = self.goodNAxes, self.badNAxes
        for nIn, nOut in itertools.chain(
            itertools.product(good[fromName], bad[toName]),
            itertools.product(bad[fromName], good[toName] + bad[toName]),
        ):
            with self.assertRaises(InvalidParameterError, msg=f"{cls.__name__}, nIn={nIn}, nOut={nOut}"):
                cls(makeTwoWayPolyMap(nIn, nOut))

    def checkTransformFromFrameSet(self, fromName, toName):
        """Check construction from frame sets, also such with permuted sky frames."""
        cls = self.transformClass(fromName, toName)
        for nIn, nOut in self.allNAxes(fromName, toName):
            msg = f"{cls.__name__}, nIn={nIn}, nOut={nOut}"
            base, current = self.makeGoodFrame(fromName, nIn), self.makeGoodFrame(toName, nOut)
            badBases, badCurrents = self.makeBadFrames(fromName), self.makeBadFrames(toName)
            for frames in itertools.chain(
                itertools.product(badBases, [current, *badCurrents]), itertools.product([base], badCurrents)
            ):
                with self.assertRaises(InvalidParameterError, msg=msg):
                    cls(self.makeFrameSet(*frames))
            frameSet = self.makeFrameSet(base, current)
            transform = cls(frameSet)
            self.checkDescription(transform)
            self.checkPersistence(transform)
            mapping = makeTwoWayPolyMap(nIn, nOut)
            for variant in itertools.chain([frameSet], self.permuteFrameSetIter(frameSet)):
                self.checkTransformation(cls(variant), mapping, msg=msg)

    def checkDescription(self, transform):
        """Check ``str`` and ``repr``."""
        nIn, nOut = transform.fromEndpoint.nAxes, transform.toEndpoint.nAxes
        self.assertEqual(str(transform), f"{type(transform).__name__}[{nIn}->{nOut}]")
        self.assertEqual(repr(transform), f"lsst.afw.geom.{transform}")

    def checkInverted(self, fromName, toName):
        """Check the method ``inverted``."""
        cls = self.transformClass(fromName, toName)
        for nIn, nOut in self.allNAxes(fromName, toName):
            for mapping in (
                makeTwoWayPolyMap(nIn, nOut),
                makeForwardPolyMap(nIn, nOut),
                makeForwardPolyMap(nOut, nIn).inverted(),
            ):
                msg = f"{cls.__name__}, nIn={nIn}, nOut={nOut}, forward={mapping.hasForward}"
                inverse = cls(mapping).inverted()
                self.checkInverseTransformation(cls(mapping), inverse, msg=msg)
                self.checkInverseTransformation(inverse, inverse.inverted(), msg=msg)
                self.checkTransformation(inverse.inverted(), mapping, msg=msg)

    def checkGetJacobian(self, fromName, toName):
        """Check the method ``getJacobian``."""
        cls = self.transformClass(fromName, toName)
        for nIn, nOut in self.allNAxes(fromName, toName):
            transform = cls(makeForwardPolyMap(nIn, nOut))
            for delta in (0.123, 0.111):
                data = self.makeRawPointData(nIn, delta)
                jacobian = transform.getJacobian(transform.fromEndpoint.pointFromData(data))
                assert_allclose(jacobian, self.makeJacobian(nIn, nOut, data), err_msg=str(transform))

    def checkThen(self, fromName, midName, toName):
        """Check the method ``then``, and that it refuses endpoints that do not match."""
        cls1, cls2 = self.transformClass(fromName, midName), self.transformClass(midName, toName)
        for nIn, nMid, nOut in self.allNAxes(fromName, midName, toName):
            msg = f"{cls1.__name__}.then({cls2.__name__}), nIn={nIn}, nMid={nMid}, nOut={nOut}"
            first, second = cls1(makeTwoWayPolyMap(nIn, nMid)), cls2(makeTwoWayPolyMap(nMid, nOut))
            both = first.then(second)
            inEndpoint, outEndpoint = first.fromEndpoint, second.toEndpoint
            point = inEndpoint.pointFromData(self.makeRawPointData(nIn))
            assert_allclose(
                outEndpoint.dataFromPoint(both.applyForward(point)),
                outEndpoint.dataFromPoint(second.applyForward(first.applyForward(point))),
                err_msg=msg,
            )
            point = outEndpoint.pointFromData(self.makeRawPointData(nOut))
            assert_allclose(
                inEndpoint.dataFromPoint(both.applyInverse(point)),
                inEndpoint.dataFromPoint(first.applyInverse(second.applyInverse(point))),
                err_msg=msg,
            )
        nIn, nOut = self.goodNAxes[fromName][0], self.goodNAxes[toName][0]
        if midName == "Generic":
            with self.assertRaises(InvalidParameterError):
                cls1(makeTwoWayPolyMap(nIn, 3)).then(cls2(makeTwoWayPolyMap(2, nOut)))
        if fromName != midName:
            transform = cls1(makeTwoWayPolyMap(2, 2))
            with self.assertRaises(InvalidParameterError):
                transform.then(transform)

    def assertTransformsEqual(self, transform1, transform2):
        """Check that transforms are of the same class and hold equal mappings."""
        self.assertIs(type(transform1), type(transform2))
        self.assertEqual(transform1.fromEndpoint, transform2.fromEndpoint)
        self.assertEqual(transform1.toEndpoint, transform2.toEndpoint)
        self.assertEqual(transform1.getMapping(), transform2.getMapping())
        self.checkTransformation(transform1, transform2.getMapping())

    def checkPersistence(self, transform):
        """Check strings, pickles and FITS files."""
        text = transform.writeString()
        version, className, body = text.split(" ", 2)
        self.assertEqual((version, className), ("1", type(transform).__name__))
        for bad in (f"2 {className} {body}", f"1 x{className} {body}"):
            with self.assertRaises(InvalidParameterError):
                transform.readString(bad)
        self.assertTransformsEqual(transform, transform.readString(text))
        self.assertTransformsEqual(transform, pickle.loads(pickle.dumps(transform)))
        with lsst.utils.tests.getTempFilePath(".fits") as fileName:
            transform.writeFits(fileName)
            self.assertTransformsEqual(transform, type(transform).readFits(fileName))
