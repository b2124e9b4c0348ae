# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""The parameters of background models."""

__all__ = ["BackgroundControl", "INCREASE_NXNYSAMPLE", "REDUCE_INTERP_ORDER", "THROW_EXCEPTION",
           "UndersampleStyle", "stringToUndersampleStyle"]

import enum

from lsst.pex.exceptions import InvalidParameterError, LengthError

from ._approximate import ApproximateControl
from ._interpolate import Interpolate, stringToInterpStyle


class UndersampleStyle(enum.IntEnum):
    """What to do where there are too few points for an interpolation."""

    THROW_EXCEPTION = 0
    REDUCE_INTERP_ORDER = 1
    INCREASE_NXNYSAMPLE = 2


THROW_EXCEPTION, REDUCE_INTERP_ORDER, INCREASE_NXNYSAMPLE = UndersampleStyle


def stringToUndersampleStyle(style):
    """Return the `UndersampleStyle` of a name.

    Raises
    ------
    lsst.pex.exceptions.InvalidParameterError
        If there is none of that name.
    """
    if style not in UndersampleStyle.__members__:
        raise InvalidParameterError(f"Understample style not defined: {style}")
    return UndersampleStyle[style]


def asInterpStyle(style):
    """Return an interpolation style that may be given by name."""
    return stringToInterpStyle(style) if isinstance(style, str) else style


def asUndersampleStyle(style):
    """Return an undersample style that may be given by name."""
    return stringToUndersampleStyle(style) if isinstance(style, str) else style


class BackgroundControl:
    """How the image of a background is made of its cells. Two forms:

    ``BackgroundControl(nxSample, nySample, actrl=actrl)`` and
    ``BackgroundControl(style, nxSample, nySample, undersampleStyle, actrl=actrl)``.

    Parameters
    ----------
    style : `Interpolate.Style` or `str`
        Kind of interpolation; in the first form an Akima spline.
    nxSample, nySample : `int`
        Number of cells in x and y.
    undersampleStyle : `UndersampleStyle` or `str`
        What to do where there are too few points.
    actrl : `ApproximateControl`
        How to approximate, if not to interpolate; by keyword only.

    Raises
    ------
    lsst.pex.exceptions.LengthError
        If a number of cells is not positive.
    """

    def __init__(self, *args, actrl=None, **kwargs):
        names = ["nxSample", "nySample"]
        if "style" in kwargs or "undersampleStyle" in kwargs or (
                args and isinstance(args[0], (str, Interpolate.Style))):
            names = ["style", *names, "undersampleStyle"]
        given = {**dict(zip(names, args)), **kwargs}
        if len(args) > len(names) or given.keys() - set(names):
            raise TypeError(f"BackgroundControl takes {', '.join(names)} and actrl; saw {args} and {kwargs}")
        if "style" not in names and not given.keys() >= {"nxSample", "nySample"}:
            raise TypeError("BackgroundControl needs nxSample and nySample, or a style")
        self.setInterpStyle(given.get("style", Interpolate.AKIMA_SPLINE))
        self.setNxSample(given.get("nxSample", 10))
        self.setNySample(given.get("nySample", 10))
        self.setUndersampleStyle(given.get("undersampleStyle", THROW_EXCEPTION))
        self._approximateControl = actrl or ApproximateControl(ApproximateControl.UNKNOWN, 1)

    def getNxSample(self):
        """Return the number of cells in x."""
        return self._nxSample

    def setNxSample(self, nxSample):
        """Set the number of cells in x."""
        self._nxSample = _positive("nxSample", nxSample)

    def getNySample(self):
        """Return the number of cells in y."""
        return self._nySample

    def setNySample(self, nySample):
        """Set the number of cells in y."""
        self._nySample = _positive("nySample", nySample)

    def getInterpStyle(self):
        """Return the kind of interpolation.

        Raises
        ------
        lsst.pex.exceptions.InvalidParameterError
            If there is none.
        """
        if not 0 <= self._style < Interpolate.NUM_STYLES:
            raise InvalidParameterError(f"Style {int(self._style)} is invalid")
        return self._style

    def setInterpStyle(self, style):
        """Set the kind of interpolation, also by name."""
        self._style = asInterpStyle(style)

    def getUndersampleStyle(self):
        """Return what to do where there are too few points."""
        return self._undersampleStyle

    def setUndersampleStyle(self, undersampleStyle):
        """Set what to do where there are too few points, also by name."""
        self._undersampleStyle = asUndersampleStyle(undersampleStyle)

    def getApproximateControl(self):
        """Return how to approximate."""
        return self._approximateControl

    def setApproximateControl(self, actrl):
        """Set how to approximate."""
        self._approximateControl = actrl


def _positive(name, number):
    if number <= 0:
        raise LengthError(f"{name} must be positive, not {number}")
    return int(number)
