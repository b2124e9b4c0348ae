# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Transforms between spaces of points: AST mappings that know the types of their inputs and outputs."""

__all__ = [
    "TransformGenericToGeneric",
    "TransformGenericToPoint2",
    "TransformGenericToSpherePoint",
    "TransformPoint2ToGeneric",
    "TransformPoint2ToPoint2",
    "TransformPoint2ToSpherePoint",
    "TransformSpherePointToGeneric",
    "TransformSpherePointToPoint2",
    "TransformSpherePointToSpherePoint",
]

import numpy as np

import astshim
from lsst.afw.table.io import Persistable
from lsst.pex.exceptions import InvalidParameterError

from ._endpoint import GenericEndpoint, Point2Endpoint, SpherePointEndpoint

# class name -> class
transformRegistry = {}


def unpickleTransform(cls, state):
    """Make an object of class ``cls`` from the string its ``writeString`` gave."""
    return cls.readString(state)


def reduceTransform(transform):
    """Return what ``__reduce__`` of a transform or a WCS must."""
    return unpickleTransform, (type(transform), transform.writeString())


class Transform(Persistable):
    """Base of the transforms.

    Parameters
    ----------
    mapping : `astshim.Mapping` or `astshim.FrameSet`
        The mapping, which is copied. A frame set is first brought into the form the endpoints need.
    simplify : `bool`, optional
        Simplify the mapping?

    Raises
    ------
    lsst.pex.exceptions.InvalidParameterError
        Raised if the number of axes or the frames do not suit the endpoints.
    """

    def __init_subclass__(cls, fromEndpoint, toEndpoint):
        cls._FromEndpoint, cls._ToEndpoint = fromEndpoint, toEndpoint
        transformRegistry[cls.__name__] = cls

    def __init__(self, mapping=None, simplify=True, *, frameSet=None):
        mapping = frameSet if mapping is None else mapping
        if not isinstance(mapping, astshim.Mapping):
            raise TypeError(f"{type(self).__name__} needs a Mapping, not {type(mapping).__name__}")
        self._setMapping(mapping)
        if isinstance(mapping, astshim.FrameSet):
            mapping = self._normalized(mapping).getMapping()
        self._mapping = mapping.simplified() if simplify else mapping.copy()

    @classmethod
    def _fromMapping(cls, mapping):
        """Wrap a mapping that nobody else holds."""
        self = cls.__new__(cls)
        self._setMapping(mapping)
        self._mapping = mapping
        return self

    def _setMapping(self, mapping):
        self._fromEndpoint = _makeEndpoint(self._FromEndpoint, mapping.nIn)
        self._toEndpoint = _makeEndpoint(self._ToEndpoint, mapping.nOut)

    def _normalized(self, frameSet):
        """Return a copy of a frame set with base and current frame normalized, mappings included.

        AST changes the mappings along with a frame only if that frame is the current one of its set.
        """
        frameSet = astshim.FrameSet(frameSet)
        base, current = frameSet.base, frameSet.current
        self._toEndpoint.normalizeFrame(frameSet)
        frameSet.current = base
        self._fromEndpoint.normalizeFrame(frameSet)
        frameSet.base, frameSet.current = base, current
        return frameSet

    @property
    def fromEndpoint(self):
        """Endpoint of the input."""
        return self._fromEndpoint

    @property
    def toEndpoint(self):
        """Endpoint of the output."""
        return self._toEndpoint

    @property
    def hasForward(self):
        """Is the forward direction defined? (`bool`)."""
        return self._mapping.hasForward

    @property
    def hasInverse(self):
        """Is the inverse direction defined? (`bool`)."""
        return self._mapping.hasInverse

    def getMapping(self):
        """Return a copy of the `astshim.Mapping`."""
        return self._mapping.copy()

    def applyForward(self, point):
        """Transform one point or many, of the types of the endpoints, in the forward direction.

        Raises
        ------
        TypeError
            Raised if a point is of the wrong type.
        RuntimeError
            Raised if the direction is not defined.
        """
        return _apply(self._mapping.applyForward, self._fromEndpoint, self._toEndpoint, point)

    def applyInverse(self, point):
        """Transform one point or many in the inverse direction; see `applyForward`."""
        return _apply(self._mapping.applyInverse, self._toEndpoint, self._fromEndpoint, point)

    def inverted(self):
        """Return the inverse transform."""
        cls = _classFor(self._ToEndpoint, self._FromEndpoint)
        return cls._fromMapping(self._mapping.inverted().simplified())

    def getJacobian(self, x):
        """Return the derivatives at a point as `numpy.ndarray` of shape (output axes, input axes)."""
        at = self._fromEndpoint.dataFromPoint(x)
        rate = self._mapping.rate
        return np.array(
            [
                [rate(at, i + 1, j + 1) for j in range(self._fromEndpoint.nAxes)]
                for i in range(self._toEndpoint.nAxes)
            ]
        )

    def then(self, next, simplify=True):
        """Return the transform that applies this one first, then another.

        Parameters
        ----------
        next : `Transform`
            Its input must be of the type of this transform's output.
        simplify : `bool`, optional
            Simplify the resulting mapping?

        Raises
        ------
        lsst.pex.exceptions.InvalidParameterError
            Raised if the endpoints do not match.
        """
        if self.toEndpoint != next.fromEndpoint:
            raise InvalidParameterError(f"Cannot concatenate {self!r} and {next!r}: endpoints do not match.")
        mapping = self._mapping.then(next._mapping)
        cls = _classFor(self._FromEndpoint, next._ToEndpoint)
        return cls._fromMapping(mapping.simplified() if simplify else mapping)

    def writeString(self):
        """Return the transform as text (`str`): version, class and the mapping in AST's native format."""
        return f"1 {type(self).__name__}{self._mapping.show(False)}"

    @classmethod
    def readString(cls, string):
        """Make a transform from the text of `writeString`.

        Raises
        ------
        lsst.pex.exceptions.InvalidParameterError
            Raised if the text is of another version or class.
        RuntimeError
            Raised if AST cannot read it.
        """
        version, className, body = (string.split(None, 2) + ["", "", ""])[:3]
        if version != "1":
            raise InvalidParameterError(f"Unsupported version {version}")
        if className != cls.__name__:
            raise InvalidParameterError(f"Class name in stream {className} != {cls.__name__}")
        mapping = astshim.Object.fromString(body)
        if not isinstance(mapping, astshim.Mapping):
            raise InvalidParameterError(
                f"The AST serialization was read as a {mapping.className} instead of a Mapping"
            )
        return cls(mapping)

    def __str__(self):
        return f"{type(self).__name__}[{self._fromEndpoint.nAxes}->{self._toEndpoint.nAxes}]"

    def __repr__(self):
        return f"lsst.afw.geom.{self}"

    __reduce__ = reduceTransform


def _makeEndpoint(cls, nAxes):
    return cls(nAxes) if cls is GenericEndpoint else cls._forAxes(nAxes)


def _apply(function, inEndpoint, outEndpoint, points):
    if inEndpoint._isPoint(points):
        return outEndpoint.pointFromData(function(inEndpoint.dataFromPoint(points)))
    return outEndpoint.arrayFromData(function(inEndpoint.dataFromArray(points)))


def _classFor(fromEndpoint, toEndpoint):
    return transformRegistry[f"Transform{fromEndpoint.getClassPrefix()}To{toEndpoint.getClassPrefix()}"]


class TransformGenericToGeneric(Transform, fromEndpoint=GenericEndpoint, toEndpoint=GenericEndpoint):
    """`Transform` of points with any number of axes to points with any number of axes."""


class TransformGenericToPoint2(Transform, fromEndpoint=GenericEndpoint, toEndpoint=Point2Endpoint):
    """`Transform` of points with any number of axes to `lsst.geom.Point2D`."""


class TransformGenericToSpherePoint(Transform, fromEndpoint=GenericEndpoint, toEndpoint=SpherePointEndpoint):
    """`Transform` of points with any number of axes to `lsst.geom.SpherePoint`."""


class TransformPoint2ToGeneric(Transform, fromEndpoint=Point2Endpoint, toEndpoint=GenericEndpoint):
    """`Transform` of `lsst.geom.Point2D` to points with any number of axes."""


class TransformPoint2ToPoint2(Transform, fromEndpoint=Point2Endpoint, toEndpoint=Point2Endpoint):
    """`Transform` of `lsst.geom.Point2D` to `lsst.geom.Point2D`."""


class TransformPoint2ToSpherePoint(Transform, fromEndpoint=Point2Endpoint, toEndpoint=SpherePointEndpoint):
    """`Transform` of `lsst.geom.Point2D` to `lsst.geom.SpherePoint`."""


class TransformSpherePointToGeneric(Transform, fromEndpoint=SpherePointEndpoint, toEndpoint=GenericEndpoint):
    """`Transform` of `lsst.geom.SpherePoint` to points with any number of axes."""


class TransformSpherePointToPoint2(Transform, fromEndpoint=SpherePointEndpoint, toEndpoint=Point2Endpoint):
    """`Transform` of `lsst.geom.SpherePoint` to `lsst.geom.Point2D`."""


class TransformSpherePointToSpherePoint(
    Transform, fromEndpoint=SpherePointEndpoint, toEndpoint=SpherePointEndpoint
):
    """`Transform` of `lsst.geom.SpherePoint` to `lsst.geom.SpherePoint`."""
