# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""The concrete mappings."""

__all__ = [
    "ChebyMap",
    "CmpMap",
    "LutMap",
    "MathMap",
    "MatrixMap",
    "NormMap",
    "ParallelMap",
    "PcdMap",
    "PermMap",
    "PolyMap",
    "RateMap",
    "SeriesMap",
    "ShiftMap",
    "SlaMap",
    "SphMap",
    "TimeMap",
    "TranMap",
    "UnitMap",
    "UnitNormMap",
    "WcsMap",
    "WinMap",
    "ZoomMap",
]

import numpy as np
from starlink import Ast

from ._errors import astErrors
from ._mapping import Mapping
from ._object import wrap


class ChebyMap(Mapping, astName="ChebyMap"):
    """Mapping by Chebyshev polynomials; it can be read but not constructed."""


class LutMap(Mapping, astName="LutMap"):
    """Mapping by a lookup table; it can be read but not constructed."""


class MathMap(Mapping, astName="MathMap"):
    """Mapping by algebraic expressions; it can be read but not constructed."""


class RateMap(Mapping, astName="RateMap"):
    """Mapping that gives a rate of change; it can be read but not constructed."""


class SlaMap(Mapping, astName="SlaMap"):
    """Mapping between celestial coordinate systems; it can be read but not constructed."""


class SphMap(Mapping, astName="SphMap"):
    """Mapping of 3-d Cartesian to 2-d spherical coordinates; it can be read but not constructed."""


class TimeMap(Mapping, astName="TimeMap"):
    """Mapping between time systems; it can be read but not constructed."""


class WcsMap(Mapping, astName="WcsMap"):
    """Mapping by a FITS-WCS sky projection; it can be read but not constructed."""


class _Constructible(Mapping):
    """Mapping that its users construct; a lone mapping of the same class is copied."""

    def __init__(self, *args, **kwargs):
        if len(args) == 1 and not kwargs and isinstance(args[0], type(self)):
            self._impl = args[0]._impl.copy()
        else:
            with astErrors():
                self._impl = self._make(*args, **kwargs)


class MatrixMap(_Constructible, astName="MatrixMap"):
    """Multiplication by a matrix.

    Parameters
    ----------
    matrix : array-like, shape (nOut, nIn), or (n,) for a diagonal matrix
    options : `str`, optional
    """

    @staticmethod
    def _make(matrix, options=""):
        return Ast.MatrixMap(np.array(matrix, dtype=float), options)


class NormMap(_Constructible, astName="NormMap"):
    """Normalization of coordinates to the usual range of a frame.

    Parameters
    ----------
    frame : `Frame`
    options : `str`, optional
    """

    @staticmethod
    def _make(frame, options=""):
        return Ast.NormMap(frame._impl.copy(), options)


class PcdMap(_Constructible, astName="PcdMap"):
    """Pincushion or barrel distortion.

    Parameters
    ----------
    disco : `float`
        Distortion coefficient.
    pcdcen : sequence of 2 `float`
        Center of the distortion.
    options : `str`, optional
    """

    @staticmethod
    def _make(disco, pcdcen, options=""):
        return Ast.PcdMap(disco, list(pcdcen), options)


class PermMap(_Constructible, astName="PermMap"):
    """Permutation of axes.

    Parameters
    ----------
    inperm, outperm : sequence of `int`
        For each input the output it goes to and the other way round, from 1; negative for constants.
    constant : sequence of `float`, optional
    options : `str`, optional
    """

    @staticmethod
    def _make(inperm, outperm, constant=(), options=""):
        return Ast.PermMap(list(inperm), list(outperm), list(constant) or None, options)


class PolyMap(_Constructible, astName="PolyMap"):
    """Polynomials in all input coordinates.

    Parameters
    ----------
    coeff_f : `numpy.ndarray`, shape (n, 2 + nIn)
        Rows of coefficient, output axis (from 1) and the power of every input axis.
    coeff_i : `numpy.ndarray`, shape (m, 2 + nOut), or `int`
        Likewise for the inverse; or the number of output axes.
    options : `str`, optional
        Such as ``"IterInverse=1"``.

    Raises
    ------
    ValueError
        If there are no coefficients or their rows are too short.
    """

    iterInverse = property(lambda self: bool(self._impl.IterInverse), doc="Is the inverse iterative?")
    nIterInverse = property(lambda self: self._impl.NiterInverse, doc="Maximum number of iterations.")
    tolInverse = property(lambda self: self._impl.TolInverse, doc="Relative error aimed at.")

    @classmethod
    def _make(cls, coeff_f, coeff_i, options="IterInverse=0"):
        forward = cls._coefficients("coeff_f", coeff_f)
        if isinstance(coeff_i, (int, np.integer)):
            inverse, nOut = None, int(coeff_i)
        else:
            inverse = cls._coefficients("coeff_i", coeff_i)
            nOut = inverse.shape[1] - 2
            inverse = inverse if len(inverse) else None
        if nOut <= 0:
            raise ValueError(f"nout = {nOut} <= 0")
        if len(forward) == 0:
            if inverse is None:
                raise ValueError("Must specify forward transform (coeff_f is empty)")
            raise NotImplementedError("PolyMap without forward coefficients")
        if inverse is None and forward[:, 1].max() < nOut:
            # pyast takes the number of outputs from the coefficients
            forward = np.vstack([forward, [0.0, nOut] + [0.0] * (forward.shape[1] - 2)])
        return Ast.PolyMap(forward, inverse, options)

    @staticmethod
    def _coefficients(name, rows):
        rows = np.array(rows, dtype=float)
        if rows.ndim != 2 or rows.shape[1] < 3:
            raise ValueError(f"{name} row length is too short; length = n + 2 and n must be > 0")
        return rows


class ShiftMap(_Constructible, astName="ShiftMap"):
    """Addition of a constant to each axis.

    Parameters
    ----------
    shift : sequence of `float`
    options : `str`, optional
    """

    @staticmethod
    def _make(shift, options=""):
        return Ast.ShiftMap(list(shift), options)


class TranMap(_Constructible, astName="TranMap"):
    """Forward direction of one mapping, inverse direction of another.

    Parameters
    ----------
    map1, map2 : `Mapping`
    options : `str`, optional
    """

    @staticmethod
    def _make(map1, map2, options=""):
        return Ast.TranMap(map1._impl.copy(), map2._impl.copy(), options)


class UnitMap(_Constructible, astName="UnitMap"):
    """Identity.

    Parameters
    ----------
    ncoord : `int`
    options : `str`, optional
    """

    @staticmethod
    def _make(ncoord, options=""):
        return Ast.UnitMap(ncoord, options)


class UnitNormMap(_Constructible, astName="UnitNormMap"):
    """Unit vector from a center, and distance from it as an additional last axis.

    Parameters
    ----------
    centre : sequence of `float`
    options : `str`, optional
    """

    @staticmethod
    def _make(centre, options=""):
        return Ast.UnitNormMap(list(centre), options)


class WinMap(_Constructible, astName="WinMap"):
    """Scale and shift of each axis that maps one box onto another.

    Parameters
    ----------
    ina, inb, outa, outb : sequence of `float`
        Opposite corners of the input box, and what they map to.
    options : `str`, optional
    """

    @staticmethod
    def _make(ina, inb, outa, outb, options=""):
        return Ast.WinMap(list(ina), list(inb), list(outa), list(outb), options)


class ZoomMap(_Constructible, astName="ZoomMap"):
    """Multiplication of all axes by one number.

    Parameters
    ----------
    ncoord : `int`
    zoom : `float`
    options : `str`, optional
    """

    zoom = property(lambda self: self._impl.Zoom, doc="The factor (`float`).")

    @staticmethod
    def _make(ncoord, zoom, options=""):
        return Ast.ZoomMap(ncoord, zoom, options)


class CmpMap(_Constructible):
    """Two mappings in series or in parallel.

    Parameters
    ----------
    map1, map2 : `Mapping`
    series : `bool`
    options : `str`, optional
    """

    series = property(lambda self: bool(self._impl.decompose()[2]), doc="One after the other?")

    def __len__(self):
        return 2

    def __getitem__(self, i):
        """Return a copy of component 0 or 1, as it is used."""
        if i not in (0, 1):
            raise IndexError(f"i = {i}; must be 0 or 1")
        decomposed = self._impl.decompose()
        component = decomposed[i].copy()
        if bool(component.Invert) != bool(decomposed[3 + i]):
            component.invert()
        return wrap(component)

    @staticmethod
    def _make(map1, map2, series, options=""):
        return Ast.CmpMap(map1._impl.copy(), map2._impl.copy(), series, options)


class SeriesMap(CmpMap, astName="SeriesMap"):
    """Two mappings, one after the other.

    Parameters
    ----------
    map1, map2 : `Mapping`
    options : `str`, optional
    """

    @staticmethod
    def _make(map1, map2, options=""):
        return CmpMap._make(map1, map2, True, options)


class ParallelMap(CmpMap, astName="ParallelMap"):
    """Two mappings, each on its own axes.

    Parameters
    ----------
    map1, map2 : `Mapping`
    options : `str`, optional
    """

    @staticmethod
    def _make(map1, map2, options=""):
        return CmpMap._make(map1, map2, False, options)
