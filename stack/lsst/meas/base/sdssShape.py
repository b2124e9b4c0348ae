# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Shape, centroid and flux by adaptive moments."""


import numpy as np
from lsst.afw.table import QuadrupoleKey
from lsst.pex.exceptions import LogicError

from ._adaptiveShapes import computeAdaptiveShapes
from ._control import Control, ControlField
from ._rows import Failure, setRows
from .algorithm import SimpleAlgorithm
from .centroidUtilities import CentroidResultKey, UncertaintyEnum
from .flagHandler import FlagDefinitionList, FlagHandler
from .fluxUtilities import FluxResultKey
from .inputUtilities import SafeCentroidExtractor
from .shapeUtilities import ShapeResultKey

__all__ = ["SdssShapeAlgorithm", "SdssShapeControl"]

_flags = FlagDefinitionList()

_EPSILON = 1.0e-6  # smallest determinant of the moments, relative to Ixy^2


class SdssShapeControl(Control):
    """Settings of `SdssShapeAlgorithm`."""

    background = ControlField("double", 0.0, "value to subtract from the pixels")
    maxIter = ControlField("int", 100, "largest number of iterations")
    maxShift = ControlField("double", 0.0, "largest shift of the centroid (pixels), limited to 2 ... 10")
    tol1 = ControlField("float", 1e-5, "tolerance of the ellipticities")
    tol2 = ControlField("float", 1e-4, "tolerance of the width")
    doMeasurePsf = ControlField("bool", True, "record the shape of the PSF, too?")


class SdssShapeAlgorithm(SimpleAlgorithm):
    """Shape, centroid and flux by adaptive moments, and the shape of the PSF.

    Parameters
    ----------
    ctrl : `SdssShapeControl`
        Settings.
    name : `str`
        Prefix of the fields.
    schema : `lsst.afw.table.Schema`
        Gets the fields.
    """

    Control = SdssShapeControl

    FAILURE = _flags.addFailureFlag()
    UNWEIGHTED_BAD = _flags.add(
        "flag_unweightedBad", "Both weighted and unweighted moments were invalid"
    )
    UNWEIGHTED = _flags.add(
        "flag_unweighted", "Weighted moments converged to an invalid value; using unweighted moments"
    )
    SHIFT = _flags.add("flag_shift", "centroid shifted by more than the maximum allowed amount")
    MAXITER = _flags.add("flag_maxIter", "Too many iterations in adaptive moments")
    PSF_SHAPE_BAD = _flags.add("flag_psf", "Failure in measuring PSF model shape")

    def __init__(self, ctrl, name, schema):
        doc = "elliptical Gaussian adaptive moments"
        self._ctrl = ctrl
        self._logName = name
        self._shapeKey = ShapeResultKey.addFields(schema, name, doc, UncertaintyEnum.SIGMA_ONLY)
        self._centroidKey = CentroidResultKey.addFields(schema, name, doc, UncertaintyEnum.NO_UNCERTAINTY)
        self._fluxKey = FluxResultKey.addFields(schema, name, doc)
        self._psfKey = None
        if ctrl.doMeasurePsf:
            self._psfKey = QuadrupoleKey.addFields(
                schema, name + "_psf", "adaptive moments of the PSF model at the object position"
            )
        self._covarianceKeys = [
            schema.addField(
                f"{name}_instFlux_{moment}_Cov",
                type="F",
                doc=f"uncertainty covariance between {name}_instFlux and {name}_{moment}",
                units="count*pixel^2",
            )
            for moment in ("xx", "yy", "xy")
        ]
        excluded = FlagDefinitionList([] if ctrl.doMeasurePsf else [self.PSF_SHAPE_BAD])
        self._flagHandler = FlagHandler.addFields(schema, name, _flags, excluded)
        self._centroidExtractor = SafeCentroidExtractor(schema, name)

    @staticmethod
    def getFlagDefinitions():
        """Return the definitions of the flags."""
        return _flags

    def measureCatalog(self, measCat, exposure):
        """Measure all sources of a catalog; see `SingleFrameAlgorithm.measureCatalog`."""
        positions, failures = self._centroidExtractor.extract(measCat, self._flagHandler)
        rows = np.flatnonzero(np.isfinite(positions).all(axis=1))
        negative = np.zeros(len(measCat), dtype=bool)
        if "flags_negative" in measCat.schema.getNames():
            negative = np.array(measCat["flags_negative"])
        for sign in (False, True):
            chosen = rows[negative[rows] == sign]
            if len(chosen):
                failures += self._measureRows(measCat, exposure, positions, chosen, sign)
        return failures

    def _measureRows(self, measCat, exposure, positions, rows, negative):
        ctrl = self._ctrl
        shapes = computeAdaptiveShapes(
            exposure,
            *positions[rows].T,
            background=ctrl.background,
            maxIter=ctrl.maxIter,
            maxShift=ctrl.maxShift,
            tol1=ctrl.tol1,
            tol2=ctrl.tol2,
            negative=negative,
        )
        with np.errstate(invalid="ignore"):
            singular = shapes.xx * shapes.yy < (1.0 + _EPSILON) * shapes.xy**2
        failed = singular & ~shapes.failed
        self._measurePsf(measCat, exposure, rows[~failed], shapes.take(~failed))
        self._store(measCat, rows[~failed], shapes.take(~failed))
        error = LogicError("computeAdaptiveMoments implies singular moments without any flag set")
        return [Failure(rows[failed], error)] if failed.any() else []

    def _store(self, measCat, rows, shapes):
        self._shapeKey.setRows(measCat, rows, shapes)
        for key, values in ((self._centroidKey.getX(), shapes.x), (self._centroidKey.getY(), shapes.y)):
            setRows(measCat, key, rows, values)
        self._fluxKey.setRows(measCat, rows, shapes.instFlux, shapes.instFluxErr)
        covariances = (shapes.instFlux_xx_Cov, shapes.instFlux_yy_Cov, shapes.instFlux_xy_Cov)
        for key, values in zip(self._covarianceKeys, covariances):
            setRows(measCat, key, rows, values)
        for flag, values in (
            (self.FAILURE, shapes.failed),
            (self.UNWEIGHTED_BAD, shapes.unweightedBad),
            (self.UNWEIGHTED, shapes.unweighted),
            (self.SHIFT, shapes.shift),
            (self.MAXITER, shapes.maxIter),
        ):
            setRows(measCat, self._flagHandler._findKey(flag.number), rows, values)

    def _measurePsf(self, measCat, exposure, rows, shapes):
        """Record the shape of the PSF at the centroids that were measured."""
        if self._psfKey is None:
            return
        psf = exposure.getPsf()
        moments = np.full((len(rows), 3), np.nan)
        if psf is not None:
            moments = psf._computeShapes(np.stack([shapes.x, shapes.y], axis=-1))
        good = np.isfinite(moments).all(axis=1)
        keys = (self._psfKey.getIxx(), self._psfKey.getIyy(), self._psfKey.getIxy())
        for key, values in zip(keys, moments.T):
            setRows(measCat, key, rows[good], values[good])
        setRows(measCat, self._flagHandler._findKey(self.PSF_SHAPE_BAD.number), rows, ~good)
