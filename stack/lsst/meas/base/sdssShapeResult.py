# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""The fields of adaptive moments."""

import numpy as np

from lsst.afw.table import QuadrupoleKey
from lsst.pex.exceptions import NotFoundError

from . import _sdssShapeFlags as flags
from ._rows import setRows
from .centroidUtilities import CentroidResultKey, UncertaintyEnum
from .flagHandler import FlagHandler
from .fluxUtilities import FluxResultKey
from .shapeUtilities import ShapeResultKey

__all__ = ["SdssShapeResultKey"]

_COVARIANCES = ("instFlux_xx_Cov", "instFlux_yy_Cov", "instFlux_xy_Cov")


class SdssShapeResultKey:
    """Keys of all fields of adaptive moments.

    Parameters
    ----------
    subSchema : `lsst.afw.table.SubSchema`
        Where the fields are; those of the PSF may be missing.
    """

    def __init__(self, subSchema):
        self._shape = ShapeResultKey(subSchema)
        self._centroid = CentroidResultKey(subSchema)
        self._flux = FluxResultKey(subSchema)
        self._covariances = [subSchema[name].asKey() for name in _COVARIANCES]
        try:
            self._psf = QuadrupoleKey(subSchema["psf"])
            self._flagHandler = FlagHandler(subSchema, flags.definitions)
        except NotFoundError:
            self._psf = QuadrupoleKey()
            self._flagHandler = FlagHandler(subSchema, flags.definitions, flags.excludedWithoutPsf)

    @classmethod
    def addFields(cls, schema, name, doMeasurePsf):
        """Add the fields of adaptive moments to a schema.

        Parameters
        ----------
        schema : `lsst.afw.table.Schema`
            Schema, changed in place.
        name : `str`
            Prefix of the fields.
        doMeasurePsf : `bool`
            Add fields for the shape of the PSF, too?

        Returns
        -------
        key : `SdssShapeResultKey`
            Keys of the new fields.
        """
        doc = "elliptical Gaussian adaptive moments"
        ShapeResultKey.addFields(schema, name, doc, UncertaintyEnum.SIGMA_ONLY)
        CentroidResultKey.addFields(schema, name, doc, UncertaintyEnum.NO_UNCERTAINTY)
        FluxResultKey.addFields(schema, name, doc)
        if doMeasurePsf:
            doc = "adaptive moments of the PSF model at the object position"
            QuadrupoleKey.addFields(schema, name + "_psf", doc)
        for moment in ("xx", "yy", "xy"):
            schema.addField(
                f"{name}_instFlux_{moment}_Cov",
                type="F",
                doc=f"uncertainty covariance between {name}_instFlux and {name}_{moment}",
                units="count*pixel^2",
            )
        excluded = None if doMeasurePsf else flags.excludedWithoutPsf
        FlagHandler.addFields(schema, name, flags.definitions, excluded)
        return cls(schema[name])

    def __eq__(self, other):
        return isinstance(other, SdssShapeResultKey) and self._keys() == other._keys()

    __hash__ = None

    def _keys(self):
        return (self._shape, self._centroid, self._flux, self._psf, self._covariances)

    def setRows(self, catalog, rows, shapes):
        """Set the results of some rows of a catalog, without those of the PSF.

        Parameters
        ----------
        catalog : `lsst.afw.table.BaseCatalog`
            Catalog to write to.
        rows : `numpy.ndarray`
            Row numbers.
        shapes : `lsst.meas.base._adaptiveShapes.AdaptiveShapes`
            The results, one a row.
        """
        self._shape.setRows(catalog, rows, shapes)
        self._flux.setRows(catalog, rows, shapes.instFlux, shapes.instFluxErr)
        for key, values in (
            (self._centroid.getX(), shapes.x),
            (self._centroid.getY(), shapes.y),
            *zip(self._covariances, (getattr(shapes, name) for name in _COVARIANCES)),
            (self._findFlag(flags.FAILURE), shapes.failed),
            (self._findFlag(flags.UNWEIGHTED_BAD), shapes.unweightedBad),
            (self._findFlag(flags.UNWEIGHTED), shapes.unweighted),
            (self._findFlag(flags.SHIFT), shapes.shift),
            (self._findFlag(flags.MAXITER), shapes.maxIter),
        ):
            setRows(catalog, key, rows, values)

    def setPsfRows(self, catalog, rows, moments):
        """Set the shape of the PSF of some rows of a catalog, and the flag where there is none.

        Parameters
        ----------
        catalog : `lsst.afw.table.BaseCatalog`
            Catalog to write to.
        rows : `numpy.ndarray`
            Row numbers.
        moments : `numpy.ndarray`, (n, 3)
            Moments Ixx, Iyy, Ixy; NaN where there are none.
        """
        good = np.isfinite(moments).all(axis=1)
        keys = (self._psf.getIxx(), self._psf.getIyy(), self._psf.getIxy())
        for key, values in zip(keys, moments.T):
            setRows(catalog, key, rows[good], values[good])
        setRows(catalog, self._findFlag(flags.PSF_SHAPE_BAD), rows, ~good)

    def _findFlag(self, flag):
        return self._flagHandler._findKey(flag.number)

    def isValid(self):
        """Are all fields there, those of the PSF included?"""
        parts = (self._shape, self._centroid, self._flux, self._psf, *self._covariances)
        return all(key.isValid() for key in parts)

    def getFlagHandler(self):
        """Return the handler of the flags."""
        return self._flagHandler
