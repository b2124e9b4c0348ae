# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Which Chebyshev polynomials a fit includes, as a control object and as a configuration."""

import numpy as np
from lsst.pex.config import Config, Field

__all__ = ["ChebyshevBoundedFieldControl", "ChebyshevBoundedFieldConfig"]


class ChebyshevBoundedFieldControl:
    """Orders of a two-dimensional Chebyshev expansion.

    Attributes
    ----------
    orderX, orderY : `int`
        Highest orders.
    triangular : `bool`
        Include only terms whose orders add up to at most the larger of the two?
    """

    def __init__(self):
        self.orderX = 2
        self.orderY = 2
        self.triangular = True

    def _terms(self):
        """Return which coefficients are fit, `bool` of shape (orderY + 1, orderX + 1)."""
        order = np.add.outer(np.arange(self.orderY + 1), np.arange(self.orderX + 1))
        if not self.triangular:
            return np.ones_like(order, dtype=bool)
        return order <= max(self.orderX, self.orderY)

    def computeSize(self):
        """Return the number of coefficients."""
        return int(self._terms().sum())


class ChebyshevBoundedFieldConfig(Config):
    """Orders of a two-dimensional Chebyshev expansion."""

    orderX = Field(dtype=int, default=2, doc="maximum Chebyshev function order in x")
    orderY = Field(dtype=int, default=2, doc="maximum Chebyshev function order in y")
    triangular = Field(dtype=bool, default=True, doc="only include terms where the sum of the x and y order "
                                                     "is less than or equal to max(orderX, orderY)?")

    def makeControl(self):
        """Return the control object with these values."""
        control = ChebyshevBoundedFieldControl()
        control.orderX, control.orderY, control.triangular = self.orderX, self.orderY, self.triangular
        return control

    def readControl(self, control):
        """Set the values to those of a control object."""
        self.update(orderX=control.orderX, orderY=control.orderY, triangular=control.triangular)

    def computeSize(self):
        """Return the number of coefficients."""
        return self.makeControl().computeSize()
