# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Bounded fields that are given by an AST mapping from two axes to one."""

import numpy as np

import astshim
from lsst.pex.exceptions import InvalidParameterError

from ._boundedField import BoundedField

__all__ = ["TransformBoundedField"]


class TransformBoundedField(BoundedField):
    """A field evaluated by an `lsst.afw.geom.TransformPoint2ToGeneric` with one output axis.

    Parameters
    ----------
    bbox : `lsst.geom.Box2I`
        Domain.
    transform : `lsst.afw.geom.TransformPoint2ToGeneric`
        The function.

    Raises
    ------
    lsst.pex.exceptions.InvalidParameterError
        Raised if the transform does not have exactly one output axis.
    """

    def __init__(self, bbox, transform):
        super().__init__(bbox)
        nAxes = transform.toEndpoint.nAxes
        if nAxes != 1:
            raise InvalidParameterError(f"To EndPoint of transform must have 1 axis but has {nAxes}")
        self._transform = transform

    def getTransform(self):
        """Return the transform."""
        return self._transform

    def _evaluate(self, x, y):
        if x.shape != y.shape:
            raise InvalidParameterError(f"x length {x.size} != y length {y.size}")
        mapping = self._transform.getMapping()
        return np.asarray(mapping.applyForward(np.stack([x.ravel(), y.ravel()])))[0].reshape(x.shape)

    def _times(self, scale):
        mapping = self._transform.getMapping().then(astshim.ZoomMap(1, scale))
        return TransformBoundedField(self.getBBox(), type(self._transform)(mapping))

    def __eq__(self, other):
        return (isinstance(other, TransformBoundedField) and self.getBBox() == other.getBBox()
                and self._transform.getMapping() == other._transform.getMapping())

    def __repr__(self):
        return "TransformBoundedField"
