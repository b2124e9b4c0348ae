# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Functions that make transforms of a plane."""

__all__ = ["linearizeTransform", "makeIdentityTransform", "makeRadialTransform", "makeTransform"]

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


def makeRadialTransform(*coeffs, **kwargs):
    """Make a radially symmetric transform about the origin.

    Parameters
    ----------
    coeffs : sequence of `float`
        Coefficients of the polynomial of radius to radius, the constant first, which must be 0; the linear
        one must not be. Empty for the identity. Called ``forwardCoeffs`` if ``inverseCoeffs`` follow.
    inverseCoeffs : sequence of `float`, optional
        Coefficients of an approximate inverse. Without them the inverse is found by iteration.

    Returns
    -------
    transform : `TransformPoint2ToPoint2`

    Raises
    ------
    lsst.pex.exceptions.InvalidParameterError
        Raised if coefficients are not as described, or only one of two lists is empty.
    """
    names = ("forwardCoeffs", "inverseCoeffs") if len(coeffs) + len(kwargs) > 1 else ("coeffs",)
    coeffs += tuple(kwargs.pop(name) for name in names[len(coeffs) :] if name in kwargs)
    if kwargs or len(coeffs) != len(names):
        raise TypeError("makeRadialTransform takes coeffs, or forwardCoeffs and inverseCoeffs")
    coeffs = [[float(value) for value in values] for values in coeffs]
    if not any(coeffs):
        return makeIdentityTransform()
    if not all(coeffs):
        raise InvalidParameterError(
            "makeRadialTransform must have either both empty or both non-empty coefficient vectors."
        )
    for values in coeffs:
        if len(values) < 2 or values[0] != 0 or values[1] == 0:
            raise InvalidParameterError(f"Invalid coefficient vector: {values}")
    distortion = _radialPolynomial(coeffs[0])
    if len(coeffs) == 2:
        distortion = astshim.TranMap(distortion, _radialPolynomial(coeffs[1]).inverted())
    return TransformPoint2ToPoint2(astshim.makeRadialMapping([0.0, 0.0], distortion))


def _radialPolynomial(coeffs):
    """Return the `astshim.PolyMap` of one variable, without the constant."""
    rows = [[value, 1, power] for power, value in enumerate(coeffs)][1:]
    return astshim.PolyMap(np.array(rows), 1, "IterInverse=1, TolInverse=1e-8, NIterInverse=30")


def makeIdentityTransform():
    """Make the identity `TransformPoint2ToPoint2`."""
    return TransformPoint2ToPoint2(astshim.UnitMap(2))
