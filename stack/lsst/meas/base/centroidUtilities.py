# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Centroids: their fields, values and checks."""

import enum
import math

import numpy as np

import lsst.pex.exceptions
from lsst.afw.table import CovarianceMatrix2fKey, Point2DKey
from lsst.geom import Point2D

from ._rows import setRows
from .centroidChecker import CentroidChecker

__all__ = ["CentroidChecker", "CentroidResult", "CentroidResultKey", "UncertaintyEnum"]


class UncertaintyEnum(enum.IntEnum):
    """Which uncertainties have fields."""

    NO_UNCERTAINTY = 0
    SIGMA_ONLY = 1
    FULL_COVARIANCE = 2


class CentroidResult:
    """A centroid and its uncertainty (pixels).

    Parameters
    ----------
    x, y : `float`, optional
        Position.
    *uncertainty : optional
        Covariance matrix, or standard deviations of x and y.
    """

    def __init__(self, x=math.nan, y=math.nan, *uncertainty, matrix=None, xErr=None, yErr=None):
        self.x, self.y = x, y
        self.xErr = self.yErr = self.x_y_Cov = math.nan
        if matrix is not None:
            uncertainty = (matrix,)
        elif xErr is not None:
            uncertainty = (xErr, yErr)
        if uncertainty:
            self.setCentroidErr(*uncertainty)

    def getCentroid(self):
        """Return the position (`lsst.geom.Point2D`)."""
        return Point2D(self.x, self.y)

    getPoint = getCentroid

    def setCentroid(self, centroid):
        """Set the position."""
        self.x, self.y = centroid[0], centroid[1]

    def getCentroidErr(self):
        """Return the covariance matrix (`numpy.ndarray`, (2, 2))."""
        return np.array(
            [[self.xErr**2, self.x_y_Cov], [self.x_y_Cov, self.yErr**2]], dtype=np.float32
        )

    def setCentroidErr(self, *uncertainty):
        """Set the covariance matrix, or the standard deviations of x and y."""
        if len(uncertainty) == 1:
            matrix = np.asarray(uncertainty[0])
            self.xErr, self.yErr = np.sqrt(matrix[0, 0]), np.sqrt(matrix[1, 1])
            self.x_y_Cov = matrix[0, 1]
        else:
            self.xErr, self.yErr = uncertainty
            self.x_y_Cov = 0.0


class CentroidResultKey:
    """Keys of a centroid and its uncertainty.

    Parameters
    ----------
    centroid : `lsst.afw.table.Point2DKey` or `lsst.afw.table.SubSchema`, optional
        Key of the position, or where all fields are.
    uncertainty : `lsst.afw.table.CovarianceMatrix2fKey`, optional
        Key of the uncertainty.
    """

    def __init__(self, centroid=None, uncertainty=None):
        if centroid is None or isinstance(centroid, Point2DKey):
            self._centroid = Point2DKey() if centroid is None else centroid
            self._uncertainty = CovarianceMatrix2fKey() if uncertainty is None else uncertainty
            return
        self._centroid = Point2DKey(centroid)
        try:
            self._uncertainty = CovarianceMatrix2fKey(centroid, ["x", "y"])
        except lsst.pex.exceptions.NotFoundError:
            self._uncertainty = CovarianceMatrix2fKey()

    @classmethod
    def addFields(cls, schema, name, doc, uncertainty):
        """Add the fields of a centroid to a schema.

        Parameters
        ----------
        schema : `lsst.afw.table.Schema`
            Schema, changed in place.
        name, doc : `str`
            Prefix of the fields, and documentation of the position.
        uncertainty : `UncertaintyEnum`
            Which uncertainties get fields.

        Returns
        -------
        key : `CentroidResultKey`
            Keys of the new fields.
        """
        centroid = Point2DKey.addFields(schema, name, doc, "pixel")
        if uncertainty == UncertaintyEnum.NO_UNCERTAINTY:
            return cls(centroid)
        sigma = [
            schema.addField(
                f"{name}_{axis}Err", type="F", doc=f"1-sigma uncertainty on {axis} position", units="pixel"
            )
            for axis in "xy"
        ]
        covariance = []
        if uncertainty == UncertaintyEnum.FULL_COVARIANCE:
            doc = "uncertainty covariance in x and y"
            covariance = [schema.addField(f"{name}_x_y_Cov", type="F", doc=doc, units="pixel^2")]
        return cls(centroid, CovarianceMatrix2fKey(sigma, covariance))

    def __eq__(self, other):
        return (self._centroid, self._uncertainty) == (other._centroid, other._uncertainty)

    __hash__ = None

    def get(self, record):
        """Return the centroid of a record."""
        result = CentroidResult()
        result.setCentroid(record.get(self._centroid))
        if self._uncertainty.isValid():
            result.setCentroidErr(record.get(self._uncertainty))
        return result

    def set(self, record, value):
        """Set the centroid of a record."""
        record.set(self._centroid, value.getCentroid())
        if self._uncertainty.isValid():
            record.set(self._uncertainty, value.getCentroidErr())

    def setRows(self, catalog, rows, x, y, xErr=np.nan, yErr=np.nan):
        """Set the centroids of some rows of a catalog.

        Parameters
        ----------
        catalog : `lsst.afw.table.BaseCatalog`
            Catalog to write to.
        rows : `numpy.ndarray`
            Row numbers or a mask.
        x, y : `numpy.ndarray`
            Positions (pixels), one a row.
        xErr, yErr : `numpy.ndarray` or `float`, optional
            Standard deviations (pixels), if there are fields for them.
        """
        setRows(catalog, self.getX(), rows, x)
        setRows(catalog, self.getY(), rows, y)
        if self._uncertainty.isValid():
            for key, values in zip(self._uncertainty._err, (xErr, yErr)):
                setRows(catalog, key, rows, values)

    def isValid(self):
        """Is there a position?"""
        return self._centroid.isValid()

    def getCentroid(self):
        """Return the key of the position."""
        return self._centroid

    def getCentroidErr(self):
        """Return the key of the uncertainty."""
        return self._uncertainty

    def getX(self):
        """Return the key of x."""
        return self._centroid.getX()

    def getY(self):
        """Return the key of y."""
        return self._centroid.getY()
