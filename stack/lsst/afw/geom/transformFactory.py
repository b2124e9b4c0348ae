# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Functions that make transforms of a plane."""

__all__ = ["linearizeTransform", "makeTransform"]

import numpy as np

import astshim
from lsst.geom import AffineTransform
from lsst.pex.exceptions import InvalidParameterError

from .transform import TransformPoint2ToPoint2


def linearizeTransform(original, point):
    """Approximate a transform near a point.

    Parameters
    ----------
    original : `TransformPoint2ToPoint2`
    point : `lsst.geom.Point2D`

    Returns
    -------
    affine : `lsst.geom.AffineTransform`
        Equal to the original, and with the same derivatives, at the point.

    Raises
    ------
    lsst.pex.exceptions.InvalidParameterError
        Raised if the transform or its derivative is not finite there.
    """
    outPoint = original.applyForward(point)
    jacobian = original.getJacobian(point)
    if not np.isfinite([outPoint[0], outPoint[1]]).all():
        raise InvalidParameterError(f"Transform ill-defined: {point} -> {outPoint}")
    if not np.isfinite(jacobian).all():
        raise InvalidParameterError(f"Transform not continuous at {point}: J = {jacobian}")
    offset = np.array([outPoint[0], outPoint[1]]) - jacobian @ [point[0], point[1]]
    return AffineTransform(jacobian, offset)


def makeTransform(affine):
    """Make a `TransformPoint2ToPoint2` from a `lsst.geom.AffineTransform`."""
    offset = affine.getTranslation()
    matrixMap = astshim.MatrixMap(affine.getLinear().getMatrix())
    return TransformPoint2ToPoint2(matrixMap.then(astshim.ShiftMap([offset[0], offset[1]])))
