# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""An ellipse as second moments."""

__all__ = ["Quadrupole"]

import numpy as np

from lsst.pex.exceptions import InvalidParameterError

from ._baseCore import BaseCore


class Quadrupole(BaseCore):
    """An ellipse about the origin as second moments.

    Parameters
    ----------
    ixx : `float`, array-like or `BaseCore`, optional
        Moment in x; or the vector xx, yy, xy; or the 2x2 matrix of the moments; or an ellipse to convert.
    iyy : `float`, optional
        Moment in y.
    ixy : `float`, optional
        Mixed moment.
    normalize : `bool`, optional
        Whether to call `normalize`; by default only for a matrix.

    Raises
    ------
    lsst.pex.exceptions.InvalidParameterError
        Raised if the moments are not those of an ellipse.
    """

    __slots__ = ()

    def __init__(self, ixx=1.0, iyy=None, ixy=0.0, normalize=None, *, vector=None, matrix=None):
        given = vector if vector is not None else matrix if matrix is not None else ixx
        if isinstance(given, BaseCore):
            self._params = [0.0, 0.0, 0.0]
            self.assign(given)
        elif np.ndim(given) == 0:
            self._params = [float(given), 1.0 if iyy is None else float(iyy), float(ixy)]
            if normalize:
                self.normalize()
        else:
            self._setFromArray(np.asarray(given, dtype=float), iyy if normalize is None else normalize)

    def _setFromArray(self, array, normalize):
        isMatrix = array.shape == (2, 2)
        if normalize is None:
            normalize = isMatrix
        if isMatrix:
            if normalize and array[0, 1] != array[1, 0]:
                raise InvalidParameterError("Quadrupole matrix must be symmetric.")
            array = np.array([array[0, 0], array[1, 1], array[0, 1]])
        self.setParameterVector(array)
        if normalize:
            self.normalize()

    def normalize(self):
        """Check that these are the moments of an ellipse.

        Raises
        ------
        lsst.pex.exceptions.InvalidParameterError
            Raised if a moment in x or y or the determinant is negative.
        """
        ixx, iyy, _ = self._params
        if ixx < 0 or iyy < 0:
            raise InvalidParameterError("Quadrupole matrix cannot have negative diagonal elements.")
        if self.getDeterminant() < 0:
            raise InvalidParameterError("Quadrupole matrix cannot have negative determinant.")

    def getIxx(self):
        """Return the moment in x (`float`)."""
        return self._params[0]

    def setIxx(self, ixx):
        """Set the moment in x."""
        self._params[0] = float(ixx)

    def getIyy(self):
        """Return the moment in y (`float`)."""
        return self._params[1]

    def setIyy(self, iyy):
        """Set the moment in y."""
        self._params[1] = float(iyy)

    def getIxy(self):
        """Return the mixed moment (`float`)."""
        return self._params[2]

    def setIxy(self, ixy):
        """Set the mixed moment."""
        self._params[2] = float(ixy)

    def getDeterminant(self):
        """Return the determinant of the moments (`float`)."""
        ixx, iyy, ixy = self._params
        return ixx * iyy - ixy * ixy

    def getMatrix(self):
        """Return the moments as a matrix (`numpy.ndarray`, shape (2, 2))."""
        ixx, iyy, ixy = self._params
        return np.array([[ixx, ixy], [ixy, iyy]])

    def _toQuadrupole(self):
        return tuple(self._params)

    def _assignFromQuadrupole(self, ixx, iyy, ixy):
        self._params = [ixx, iyy, ixy]

    def __repr__(self):
        return f"Quadrupole(ixx={self.getIxx()!r}, iyy={self.getIyy()!r}, ixy={self.getIxy()!r})"

    def __str__(self):
        return f"(ixx={self.getIxx()}, iyy={self.getIyy()}, ixy={self.getIxy()})"
