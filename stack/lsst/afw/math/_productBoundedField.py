# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Bounded fields that are products of others."""

import numpy as np

from lsst.pex.exceptions import InvalidParameterError, LengthError, LogicError

from ._boundedField import BoundedField
from ._chebyshevBoundedField import ChebyshevBoundedField

__all__ = ["ProductBoundedField"]


class ProductBoundedField(BoundedField):
    """The product of fields on the same box.

    Parameters
    ----------
    factors : `list` [`BoundedField`]
        The factors.

    Raises
    ------
    lsst.pex.exceptions.LengthError
        Raised if there are no factors.
    lsst.pex.exceptions.InvalidParameterError
        Raised if their boxes differ.
    """

    def __init__(self, factors):
        factors = list(factors)
        if not factors:
            raise LengthError("ProductBoundedField requires at least one BoundedField factor.")
        bbox = factors[0].getBBox()
        for factor in factors[1:]:
            if factor.getBBox() != bbox:
                raise InvalidParameterError(
                    f"Inconsistency in ProductBoundedField bboxes: {bbox} != {factor.getBBox()}")
        super().__init__(bbox)
        self._factors = factors

    def getFactors(self):
        """Return the factors (`list` [`BoundedField`])."""
        return list(self._factors)

    def _evaluate(self, x, y):
        if x.shape != y.shape:
            raise InvalidParameterError(f"Inconsistent shapes: {x.shape} != {y.shape}")
        result = np.ones(x.shape)
        for factor in self._factors:
            result = result * factor._evaluate(x, y)
        return result

    def _times(self, scale):
        factors = list(self._factors)
        for i, factor in enumerate(factors):
            try:
                factors[i] = factor * scale
                return ProductBoundedField(factors)
            except LogicError:
                continue
        return ProductBoundedField(factors + [ChebyshevBoundedField(self.getBBox(), np.array([[scale]]))])

    def __eq__(self, other):
        return (isinstance(other, ProductBoundedField) and self.getBBox() == other.getBBox()
                and self._factors == other._factors)

    def __repr__(self):
        return "ProductBoundedField([" + "".join(f"{factor!r}, " for factor in self._factors) + "])"
