# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Shapes: their fields and values."""

import numpy as np

from lsst.afw.geom.ellipses import Quadrupole
from lsst.afw.table import CoordinateType, CovarianceMatrix3fKey, QuadrupoleKey
from lsst.pex.exceptions import NotFoundError

from ._rows import setRows
from .centroidUtilities import UncertaintyEnum

__all__ = ["ShapeResult", "ShapeResultKey"]

_MOMENTS = ("xx", "yy", "xy")


class ShapeResult:
    """Moments of a source and their uncertainties (pixels squared).

    Parameters
    ----------
    xx, yy, xy : `float`, optional
        Moments.
    *uncertainty : optional
        Covariance matrix, or standard deviations of xx, yy and xy.
    """

    def __init__(
        self, xx=np.nan, yy=np.nan, xy=np.nan, *uncertainty, matrix=None, xxErr=None, yyErr=None, xyErr=None
    ):
        self.xx, self.yy, self.xy = xx, yy, xy
        self.xxErr = self.yyErr = self.xyErr = np.nan
        self.xx_yy_Cov = self.xx_xy_Cov = self.yy_xy_Cov = np.nan
        if matrix is not None:
            uncertainty = (matrix,)
        elif xxErr is not None:
            uncertainty = (xxErr, yyErr, xyErr)
        if uncertainty:
            self.setShapeErr(*uncertainty)

    def getShape(self):
        """Return the moments (`lsst.afw.geom.ellipses.Quadrupole`)."""
        return Quadrupole(self.xx, self.yy, self.xy)

    getQuadrupole = getShape

    def setShape(self, shape):
        """Set the moments."""
        self.xx, self.yy, self.xy = shape.getIxx(), shape.getIyy(), shape.getIxy()

    def getShapeErr(self):
        """Return the covariance matrix (`numpy.ndarray`, (3, 3)) of xx, yy and xy."""
        return np.array(
            [
                [self.xxErr**2, self.xx_yy_Cov, self.xx_xy_Cov],
                [self.xx_yy_Cov, self.yyErr**2, self.yy_xy_Cov],
                [self.xx_xy_Cov, self.yy_xy_Cov, self.xyErr**2],
            ],
            dtype=np.float32,
        )

    def setShapeErr(self, *uncertainty):
        """Set the covariance matrix, or the standard deviations of xx, yy and xy."""
        if len(uncertainty) == 1:
            matrix = np.asarray(uncertainty[0])
            self.xxErr, self.yyErr, self.xyErr = np.sqrt(np.diag(matrix))
            self.xx_yy_Cov, self.xx_xy_Cov, self.yy_xy_Cov = matrix[0, 1], matrix[0, 2], matrix[1, 2]
        else:
            self.xxErr, self.yyErr, self.xyErr = uncertainty
            self.xx_yy_Cov = self.xx_xy_Cov = self.yy_xy_Cov = 0.0


class ShapeResultKey:
    """Keys of a shape and its uncertainty.

    Parameters
    ----------
    shape : `lsst.afw.table.QuadrupoleKey` or `lsst.afw.table.SubSchema`, optional
        Key of the moments, or where all fields are.
    shapeErr : `lsst.afw.table.CovarianceMatrix3fKey`, optional
        Key of the uncertainty.
    """

    def __init__(self, shape=None, shapeErr=None):
        if shape is None or isinstance(shape, QuadrupoleKey):
            self._shape = QuadrupoleKey() if shape is None else shape
            self._shapeErr = CovarianceMatrix3fKey() if shapeErr is None else shapeErr
            return
        self._shape = QuadrupoleKey(shape)
        try:
            self._shapeErr = CovarianceMatrix3fKey(shape, list(_MOMENTS))
        except NotFoundError:
            self._shapeErr = CovarianceMatrix3fKey()

    @classmethod
    def addFields(cls, schema, name, doc, uncertainty, coordType=CoordinateType.PIXEL):
        """Add the fields of a shape to a schema.

        Parameters
        ----------
        schema : `lsst.afw.table.Schema`
            Schema, changed in place.
        name, doc : `str`
            Prefix of the fields, and documentation of the moments.
        uncertainty : `UncertaintyEnum`
            Which uncertainties get fields.
        coordType : `lsst.afw.table.CoordinateType`, optional
            Are the moments in pixels squared, or in radians squared on the sky?

        Returns
        -------
        key : `ShapeResultKey`
            Keys of the new fields.
        """
        shape = QuadrupoleKey.addFields(schema, name, doc, coordType)
        unit = "pixel" if coordType == CoordinateType.PIXEL else "rad"
        if uncertainty == UncertaintyEnum.NO_UNCERTAINTY:
            return cls(shape)
        sigma = [
            schema.addField(
                f"{name}_{moment}Err",
                type="F",
                doc=f"Standard deviation of {moment} moment",
                units=unit + "^2",
            )
            for moment in _MOMENTS
        ]
        covariance = []
        if uncertainty == UncertaintyEnum.FULL_COVARIANCE:
            covariance = [
                schema.addField(
                    f"{name}_{first}_{second}_Cov",
                    type="F",
                    doc=f"uncertainty covariance in {first} and {second}",
                    units=unit + "^4",
                )
                for first, second in (("xx", "yy"), ("xx", "xy"), ("yy", "xy"))
            ]
        return cls(shape, CovarianceMatrix3fKey(sigma, covariance))

    def __eq__(self, other):
        return (self._shape, self._shapeErr) == (other._shape, other._shapeErr)

    __hash__ = None

    def get(self, record):
        """Return the shape of a record."""
        result = ShapeResult()
        result.setShape(record.get(self._shape))
        if self._shapeErr.isValid():
            result.setShapeErr(record.get(self._shapeErr))
        return result

    def set(self, record, value):
        """Set the shape of a record."""
        record.set(self._shape, value.getShape())
        if self._shapeErr.isValid():
            record.set(self._shapeErr, value.getShapeErr())

    def setRows(self, catalog, rows, shapes):
        """Set moments and standard deviations of some rows of a catalog.

        Parameters
        ----------
        catalog : `lsst.afw.table.BaseCatalog`
            Catalog to write to.
        rows : `numpy.ndarray`
            Row numbers or a mask.
        shapes : object
            Has arrays ``xx``, ``yy``, ``xy`` and ``xxErr``, ``yyErr``, ``xyErr``.
        """
        keys = (self._shape.getIxx(), self._shape.getIyy(), self._shape.getIxy())
        for key, sigmaKey, moment in zip(keys, self._shapeErr._err, _MOMENTS):
            setRows(catalog, key, rows, getattr(shapes, moment))
            setRows(catalog, sigmaKey, rows, getattr(shapes, moment + "Err"))

    def isValid(self):
        """Are the moments there?"""
        return self._shape.isValid()

    def getShape(self):
        """Return the key of the moments."""
        return self._shape

    def getShapeErr(self):
        """Return the key of the uncertainty."""
        return self._shapeErr

    def getIxx(self):
        """Return the key of Ixx."""
        return self._shape.getIxx()

    def getIyy(self):
        """Return the key of Iyy."""
        return self._shape.getIyy()

    def getIxy(self):
        """Return the key of Ixy."""
        return self._shape.getIxy()
