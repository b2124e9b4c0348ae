# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""What goes into a transform and comes out of it: the types of single points and of many."""

__all__ = ["GenericEndpoint", "Point2Endpoint", "SpherePointEndpoint"]

import numpy as np

import astshim
from lsst.geom import Point2D, SpherePoint, radians
from lsst.pex.exceptions import InvalidParameterError


class BaseEndpoint:
    """Base of the endpoints.

    Parameters
    ----------
    nAxes : `int`
        Number of axes of a point.

    Raises
    ------
    lsst.pex.exceptions.InvalidParameterError
        Raised if ``nAxes`` is not positive.

    Notes
    -----
    Data of many points are arrays of shape (``nAxes``, number of points), as AST takes them.
    """

    __hash__ = None

    def __init__(self, nAxes):
        if nAxes <= 0:
            raise InvalidParameterError(f"nAxes = {nAxes}; must be > 0")
        self._nAxes = nAxes

    @property
    def nAxes(self):
        """Number of axes of a point (`int`)."""
        return self._nAxes

    @classmethod
    def getClassPrefix(cls):
        """Return the name of the class without "Endpoint" (`str`)."""
        return cls.__name__[: -len("Endpoint")]

    def makeFrame(self):
        """Return an `astshim.Frame` suitable for the points."""
        return astshim.Frame(self.nAxes)

    def normalizeFrame(self, frame):
        """Bring a frame, or the current frame of a frame set, into the form the points need, in place."""

    def _assertNAxes(self, nAxes):
        if nAxes != self.nAxes:
            raise ValueError(f"number of axes provided {nAxes} != {self.nAxes} required")

    def _dataAxes(self, data):
        """Return point data after checking its number of axes."""
        self._assertNAxes(len(data))
        return data

    def __eq__(self, other):
        return type(self) is type(other) and self.nAxes == other.nAxes

    def __str__(self):
        return f"{type(self).__name__}()"

    def __repr__(self):
        return f"lsst.afw.geom.{self}"


class GenericEndpoint(BaseEndpoint):
    """Points with any number of axes: a list of `float`, or an array of shape (``nAxes``, n) for many.

    Parameters
    ----------
    nAxes : `int`
        Number of axes of a point.
    """

    def getNPoints(self, arr):
        """Return the number of points (`int`) in an array."""
        return arr.shape[1]

    def dataFromPoint(self, point):
        """Return a point as `list` [`float`]."""
        return [float(value) for value in self._dataAxes(point)]

    def dataFromArray(self, arr):
        """Return points as an array of shape (``nAxes``, n)."""
        return np.array(self._dataAxes(arr), dtype=float)

    def pointFromData(self, data):
        """Return a point from data of one point."""
        return self.dataFromPoint(data)

    def arrayFromData(self, data):
        """Return points from an array of shape (``nAxes``, n)."""
        return self.dataFromArray(data)

    def _isPoint(self, value):
        return np.ndim(value) < 2

    def __str__(self):
        return f"GenericEndpoint({self.nAxes})"


class _VectorEndpoint(BaseEndpoint):
    """Points of a class of their own; many of them are a list."""

    def __init__(self):
        super().__init__(2)

    @classmethod
    def _forAxes(cls, nAxes):
        if nAxes != 2:
            raise InvalidParameterError(f"nAxes = {nAxes} != 2")
        return cls()

    def getNPoints(self, arr):
        """Return the number of points (`int`) in a list."""
        return len(arr)

    def dataFromArray(self, arr):
        """Return points as an array of shape (2, n)."""
        data = [self.dataFromPoint(point) for point in arr]
        return np.array(data, dtype=float).reshape(len(data), 2).T.copy()

    def arrayFromData(self, data):
        """Return a list of points from an array of shape (2, n)."""
        self._assertNAxes(len(data))
        return [self.pointFromData(column) for column in np.transpose(data).tolist()]

    def _isPoint(self, value):
        return isinstance(value, self._Point)


class Point2Endpoint(_VectorEndpoint):
    """Points that are `lsst.geom.Point2D`."""

    _Point = Point2D

    def dataFromPoint(self, point):
        """Return the coordinates as `list` [`float`]."""
        if not isinstance(point, Point2D):
            raise TypeError(f"Expected a Point2D, not {type(point).__name__}")
        return [point[0], point[1]]

    def pointFromData(self, data):
        """Return a `lsst.geom.Point2D` from its coordinates."""
        x, y = self._dataAxes(data)
        return Point2D(x, y)

    def normalizeFrame(self, frame):
        """Check that a frame, or the current frame of a frame set, is a plain frame.

        Raises
        ------
        lsst.pex.exceptions.InvalidParameterError
            Raised if it is of another class.
        """
        className = _currentFrame(frame).className
        if className != "Frame":
            raise InvalidParameterError(f"frame is a {className}, not a Frame")


class SpherePointEndpoint(_VectorEndpoint):
    """Points that are `lsst.geom.SpherePoint`; their data are in radians."""

    _Point = SpherePoint

    def dataFromPoint(self, point):
        """Return longitude and latitude in radians as `list` [`float`]."""
        if not isinstance(point, SpherePoint):
            raise TypeError(f"Expected a SpherePoint, not {type(point).__name__}")
        return [point.getLongitude().asRadians(), point.getLatitude().asRadians()]

    def pointFromData(self, data):
        """Return a `lsst.geom.SpherePoint` from longitude and latitude in radians."""
        longitude, latitude = self._dataAxes(data)
        return SpherePoint(longitude, latitude, radians)

    def makeFrame(self):
        """Return an `astshim.SkyFrame`."""
        return astshim.SkyFrame()

    def normalizeFrame(self, frame):
        """Put the axes of a sky frame, or of the current frame of a frame set, in order longitude, latitude.

        Raises
        ------
        lsst.pex.exceptions.InvalidParameterError
            Raised if it is not a sky frame.
        """
        current = _currentFrame(frame)
        if not isinstance(current, astshim.SkyFrame):
            raise InvalidParameterError(f"frame is a {current.className}, not a SkyFrame")
        if current.lonAxis != 1:
            frame.permAxes([2, 1])


def _currentFrame(frame):
    return frame.getFrame(astshim.FrameSet.CURRENT) if isinstance(frame, astshim.FrameSet) else frame
