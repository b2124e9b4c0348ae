# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Coordinate frames."""

__all__ = ["CmpFrame", "Frame", "SkyFrame"]

from starlink import Ast

from ._errors import astErrors
from ._mapping import Mapping
from ._object import attribute, wrap


class Frame(Mapping, astName="Frame"):
    """Description of a coordinate system.

    Parameters
    ----------
    naxes : `int` or `Frame`
        Number of axes, or a frame to copy.
    options : `str`, optional
        Comma-separated attribute assignments.
    """

    def __init__(self, naxes, options=""):
        with astErrors():
            self._impl = naxes._impl.copy() if isinstance(naxes, Frame) else Ast.Frame(naxes, options)

    activeUnit = attribute("ActiveUnit", bool, "Do units affect conversion between frames?")
    alignSystem = attribute("AlignSystem", str, "Coordinate system in which frames are aligned.")
    domain = attribute("Domain", str, "Physical domain, in upper case.")
    dut1 = attribute("Dut1", float, "UT1 - UTC in seconds.")
    epoch = attribute("Epoch", float, "Epoch of observation in years.")
    nAxes = attribute("Naxes", int, "Number of axes.", writable=False)
    maxAxes = attribute("MaxAxes", int, "Largest number of axes of a frame this one matches.")
    minAxes = attribute("MinAxes", int, "Smallest number of axes of a frame this one matches.")
    permute = attribute("Permute", bool, "May axes be permuted to match?")
    preserveAxes = attribute("PreserveAxes", bool, "Keep the axes of the target of a match?")
    system = attribute("System", str, "Coordinate system.")
    title = attribute("Title", str, "Title.")

    def getLabel(self, axis):
        """Return the label (`str`) of an axis (from 1)."""
        return self._getForAxis("Label", axis)

    def setLabel(self, axis, label):
        """Set the label of an axis (from 1)."""
        self._setForAxis("Label", axis, label)

    def getUnit(self, axis):
        """Return the unit (`str`) of an axis (from 1)."""
        return self._getForAxis("Unit", axis)

    def setUnit(self, axis, unit):
        """Set the unit of an axis (from 1)."""
        self._setForAxis("Unit", axis, unit)

    def getSymbol(self, axis):
        """Return the symbol (`str`) of an axis (from 1)."""
        return self._getForAxis("Symbol", axis)

    def setSymbol(self, axis, symbol):
        """Set the symbol of an axis (from 1)."""
        self._setForAxis("Symbol", axis, symbol)

    def getBottom(self, axis):
        """Return the lowest value (`float`) that is shown of an axis (from 1)."""
        return float(self._getForAxis("Bottom", axis))

    def setBottom(self, axis, bottom):
        """Set the lowest value that is shown of an axis (from 1)."""
        self._setForAxis("Bottom", axis, bottom)

    def getTop(self, axis):
        """Return the highest value (`float`) that is shown of an axis (from 1)."""
        return float(self._getForAxis("Top", axis))

    def setTop(self, axis, top):
        """Set the highest value that is shown of an axis (from 1)."""
        self._setForAxis("Top", axis, top)

    def _getForAxis(self, name, axis):
        with astErrors():
            return self._impl.get(f"{name}({axis})")

    def _setForAxis(self, name, axis, value):
        with astErrors():
            setattr(self._impl, f"{name}_{axis}", value)

    def convert(self, to, domainlist=""):
        """Return the `FrameSet` that converts to another frame, or `None`."""
        return self._found(self._impl.convert, to, domainlist)

    def findFrame(self, template, domainlist=""):
        """Return the `FrameSet` that converts to the frame that matches a template, or `None`.

        Notes
        -----
        In a `FrameSet` the frame found becomes the current one.
        """
        return self._found(self._impl.findframe, template, domainlist)

    def _found(self, method, frame, domainlist):
        with astErrors():
            impl = method(frame._impl, domainlist)
        return None if impl is None else wrap(impl)

    def distance(self, point1, point2):
        """Return the geodesic distance (`float`) between two points."""
        with astErrors():
            return self._impl.distance(point1, point2)

    def norm(self, value):
        """Return a point (`list` [`float`]) brought into the normal range of the axes."""
        with astErrors():
            return list(self._impl.norm(value))

    def permAxes(self, perm):
        """Permute the axes; ``perm`` has the old index (from 1) of each new axis."""
        with astErrors():
            self._impl.permaxes(perm)

    def under(self, next):
        """Return the `CmpFrame` with the axes of this frame first and those of ``next`` after them."""
        return CmpFrame(self, next)


class CmpFrame(Frame, astName="CmpFrame"):
    """The axes of two frames together.

    Parameters
    ----------
    frame1, frame2 : `Frame`
    options : `str`, optional
        Comma-separated attribute assignments.
    """

    def __init__(self, frame1, frame2, options=""):
        with astErrors():
            self._impl = Ast.CmpFrame(frame1._impl.copy(), frame2._impl.copy(), options)


class SkyFrame(Frame, astName="SkyFrame"):
    """Celestial coordinates in radians.

    Parameters
    ----------
    options : `str` or `SkyFrame`, optional
        Comma-separated attribute assignments, or a frame to copy.
    """

    def __init__(self, options=""):
        with astErrors():
            self._impl = options._impl.copy() if isinstance(options, SkyFrame) else Ast.SkyFrame(options)

    equinox = attribute("Equinox", float, "Epoch of the mean equinox in years.")
    latAxis = attribute("LatAxis", int, "Index of the latitude axis, from 1.", writable=False)
    lonAxis = attribute("LonAxis", int, "Index of the longitude axis, from 1.", writable=False)
    projection = attribute("Projection", str, "Description of the sky projection.")
    skyRefIs = attribute("SkyRefIs", str, "What the reference position is used for.")
    skyTol = attribute("SkyTol", float, "Smallest significant distance in arcseconds.")

    def getSkyRef(self):
        """Return the reference position (`list` of 2 `float`) in radians."""
        return [self._impl.SkyRef_1, self._impl.SkyRef_2]

    def setSkyRef(self, skyRef):
        """Set the reference position in radians."""
        self._impl.SkyRef_1, self._impl.SkyRef_2 = skyRef
