# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Mappings for tests."""

__all__ = ["makeForwardPolyMap", "makePolyMapCoeffs", "makeTwoWayPolyMap"]

import numpy as np

from ._mappings import PolyMap


def makePolyMapCoeffs(nIn, nOut):
    """Make coefficients of out_j = sum over i of 0.001 (i + j + 1) in_i^2.

    Parameters
    ----------
    nIn, nOut : `int`
        Number of axes.

    Returns
    -------
    coeffs : `numpy.ndarray`, shape (nIn*nOut, 2 + nIn)
    """
    squares = 2 * np.eye(nIn)
    return np.array([[0.001 * (i + j + 1), j + 1, *squares[i]] for j in range(nOut) for i in range(nIn)])


def makeTwoWayPolyMap(nIn, nOut):
    """Make a `PolyMap` of the polynomial of `makePolyMapCoeffs` each way; neither inverts the other."""
    return PolyMap(makePolyMapCoeffs(nIn, nOut), makePolyMapCoeffs(nOut, nIn))


def makeForwardPolyMap(nIn, nOut):
    """Make a `PolyMap` of the polynomial of `makePolyMapCoeffs` without an inverse."""
    return PolyMap(makePolyMapCoeffs(nIn, nOut), nOut, "IterInverse=0")
