# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Base of all mappings, and the way numbers go through them."""

__all__ = ["Mapping"]

import numpy as np
from starlink import Ast

from ._errors import astErrors
from ._object import Object, attribute, wrap


class Mapping(Object, astName="Mapping"):
    """Transformation of ``nIn`` to ``nOut`` coordinates, and maybe back."""

    nIn = attribute("Nin", int, "Number of input axes.", writable=False)
    nOut = attribute("Nout", int, "Number of output axes.", writable=False)
    isSimple = attribute("IsSimple", bool, "Has the mapping been simplified?", writable=False)
    isLinear = attribute("IsLinear", bool, "Is the mapping linear?", writable=False)
    hasForward = attribute("TranForward", bool, "Is the forward direction defined?", writable=False)
    hasInverse = attribute("TranInverse", bool, "Is the inverse direction defined?", writable=False)
    isInverted = attribute("Invert", bool, "Is this the inverse of the mapping constructed?", writable=False)
    report = attribute("Report", bool, "Report transformed coordinates to stdout?")

    def applyForward(self, from_):
        """Transform coordinates in the forward direction.

        Parameters
        ----------
        from_ : `numpy.ndarray`, shape (``nIn``, n), or flat sequence of `float`
            Positions; a flat sequence has all values of the first axis first.

        Returns
        -------
        to : `numpy.ndarray`, shape (``nOut``, n), or `list` [`float`]
            Of the kind given. NaN where AST cannot transform.

        Raises
        ------
        ValueError
            If the first dimension is not ``nIn``.
        RuntimeError
            If the direction is not defined.
        """
        return self._apply(from_, True)

    def applyInverse(self, from_):
        """Transform coordinates in the inverse direction; see `applyForward`."""
        return self._apply(from_, False)

    def _apply(self, from_, forward):
        if isinstance(from_, np.ndarray) and from_.ndim == 2:
            return self._tran(from_, forward)
        nFrom, nTo = (self.nIn, self.nOut) if forward else (self.nOut, self.nIn)
        flat = np.array(from_, dtype=float).ravel()
        if flat.size % nFrom != 0:
            raise ValueError(f"vec length = {flat.size} not a multiple of nAxes = {nFrom}")
        return self._tran(flat.reshape(nFrom, -1), forward).reshape(nTo * (flat.size // nFrom)).tolist()

    def _tran(self, points, forward):
        """Transform an array of shape (axes, n): the one place where numbers go into AST."""
        if points.shape[1] == 0:
            return np.empty((self.nOut if forward else self.nIn, 0))
        try:
            result = self._impl.tran(points, forward)
        except Ast.AstError as error:
            raise RuntimeError(str(error)) from error
        result[result == Ast.BAD] = np.nan
        return result

    def rate(self, at, ax1, ax2):
        """Return the rate of change (`float`) of output ``ax1`` with input ``ax2``, from 1, at a point."""
        if len(at) != self.nIn:
            raise ValueError(f"at.size = {len(at)} != nIn = {self.nIn}")
        with astErrors():
            return self._impl.rate(at, ax1, ax2)

    def inverted(self):
        """Return the inverse as a new mapping."""
        impl = self._impl.copy()
        impl.invert()
        return wrap(impl)

    def simplified(self):
        """Return a simplified copy."""
        with astErrors():
            return wrap(self._impl.simplify().copy())

    def then(self, next):
        """Return the `SeriesMap` that applies this mapping first, then ``next``."""
        return self._combined(next, True)

    def under(self, next):
        """Return the `ParallelMap` of this mapping on the first axes and ``next`` on the others."""
        return self._combined(next, False)

    def _combined(self, next, series):
        with astErrors():
            return wrap(Ast.CmpMap(self._impl.copy(), next._impl.copy(), series))
