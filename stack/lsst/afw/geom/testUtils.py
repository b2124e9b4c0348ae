# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Helpers of tests."""

__all__ = ["BoxGrid", "TransformTestBaseClass", "makeSipIwcToPixel", "makeSipPixelToIwc"]

import numpy as np

import astshim
from lsst.geom import Box2D, Box2I

from ._transformTestBaseClass import TransformTestBaseClass
from .transform import TransformPoint2ToPoint2
from .wcsUtils import getCdMatrixFromMetadata


class BoxGrid:
    """Boxes of about the same size that tile a box.

    Parameters
    ----------
    box : `lsst.geom.Box2I` or `lsst.geom.Box2D`
    numColRow : sequence of 2 `int`
        Number of columns and rows.

    Raises
    ------
    RuntimeError
        Raised if ``box`` is not a box or ``numColRow`` not two numbers.
    """

    def __init__(self, box, numColRow):
        if len(numColRow) != 2:
            raise RuntimeError(f"numColRow={numColRow!r}; must be a sequence of two integers")
        if not isinstance(box, (Box2I, Box2D)):
            raise RuntimeError(f"Unknown class {type(box)} of box {box}")
        self._numColRow = tuple(int(number) for number in numColRow)
        self._boxClass, self._pointClass = type(box), type(box.getMin())
        isInteger = isinstance(box, Box2I)
        # The last pixel of an integer box is inside it
        self._inclusive = 1 if isInteger else 0
        low, high = box.getMin(), box.getMax()
        self._edges = [
            np.linspace(low[i], high[i] + self._inclusive, self._numColRow[i] + 1) for i in range(2)
        ]
        if isInteger:
            self._edges = [np.floor(edges).astype(int) for edges in self._edges]

    @property
    def numColRow(self):
        """Number of columns and rows (`tuple` [`int`])."""
        return self._numColRow

    def __getitem__(self, colRow):
        low = [self._edges[i][colRow[i]].item() for i in range(2)]
        high = [self._edges[i][colRow[i] + 1].item() - self._inclusive for i in range(2)]
        return self._boxClass(self._pointClass(*low), self._pointClass(*high))

    def __len__(self):
        return self._numColRow[0] * self._numColRow[1]

    def __iter__(self):
        return (self[col, row] for row in range(self._numColRow[1]) for col in range(self._numColRow[0]))


def makeSipPixelToIwc(metadata):
    """Make the transform of pixels, counted from 0, to intermediate world coordinates from TAN-SIP keywords.

    Parameters
    ----------
    metadata : `lsst.daf.base.PropertySet`
        With the matrices A and B.

    Returns
    -------
    transform : `TransformPoint2ToPoint2`
        The forward direction only.
    """
    cdMap = astshim.MatrixMap(getCdMatrixFromMetadata(metadata))
    toRelative = _originMap(metadata).inverted()
    return TransformPoint2ToPoint2(toRelative.then(_sipMap(metadata, "A", "B")).then(cdMap))


def makeSipIwcToPixel(metadata):
    """Make the transform of intermediate world coordinates to pixels, counted from 0, from TAN-SIP keywords.

    Parameters
    ----------
    metadata : `lsst.daf.base.PropertySet`
        With the matrices AP and BP.

    Returns
    -------
    transform : `TransformPoint2ToPoint2`
        The forward direction only.
    """
    fromCd = astshim.MatrixMap(getCdMatrixFromMetadata(metadata)).inverted()
    return TransformPoint2ToPoint2(fromCd.then(_sipMap(metadata, "AP", "BP")).then(_originMap(metadata)))


def _originMap(metadata):
    return astshim.ShiftMap([metadata.getScalar("CRPIX1") - 1, metadata.getScalar("CRPIX2") - 1])


def _sipMap(metadata, *names):
    """Return the `astshim.PolyMap` that adds the polynomials of two SIP matrices."""
    rows = [[1.0, 1, 1, 0], [1.0, 2, 0, 1]]
    for axis, name in enumerate(names, start=1):
        order = metadata.getAsInt(f"{name}_ORDER")
        powers = [(i, j) for i in range(order + 1) for j in range(order + 1)]
        present = [(i, j) for i, j in powers if metadata.exists(f"{name}_{i}_{j}")]
        if not present:
            raise RuntimeError(f"No {name} coefficients found")
        rows += [[metadata.getAsDouble(f"{name}_{i}_{j}"), axis, i, j] for i, j in present]
    return astshim.PolyMap(np.array(rows), 2, "IterInverse=0")
