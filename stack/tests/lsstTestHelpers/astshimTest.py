# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Stands in for ``astshim.test``: polynomial mappings for tests."""

import numpy as np

from astshim import PolyMap


def makePolyMapCoeffs(nIn, nOut):
    """Make coefficients of out_j = sum over i of 0.001 (i + j + 1) in_i^2, for ``nIn`` and ``nOut`` axes."""
    squares = 2 * np.eye(nIn)
    return np.array([[0.001 * (i + j + 1), j + 1, *squares[i]] for j in range(nOut) for i in range(nIn)])


def makeTwoWayPolyMap(nIn, nOut):
    """Make a `PolyMap` of that polynomial each way; neither inverts the other."""
    return PolyMap(makePolyMapCoeffs(nIn, nOut), makePolyMapCoeffs(nOut, nIn))


def makeForwardPolyMap(nIn, nOut):
    """Make a `PolyMap` of that polynomial without an inverse."""
    return PolyMap(makePolyMapCoeffs(nIn, nOut), nOut, "IterInverse=0")
