# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Shape, centroid and flux by adaptive moments."""

import numpy as np

from lsst.pex.exceptions import LogicError

from . import _sdssShapeFlags as flags
from ._adaptiveShapes import computeAdaptiveShapes
from ._control import Control, ControlField
from ._rows import Failure
from .algorithm import SimpleAlgorithm
from .inputUtilities import SafeCentroidExtractor
from .sdssShapeResult import SdssShapeResultKey

__all__ = ["SdssShapeAlgorithm", "SdssShapeControl"]

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

    FAILURE = flags.FAILURE
    UNWEIGHTED_BAD = flags.UNWEIGHTED_BAD
    UNWEIGHTED = flags.UNWEIGHTED
    SHIFT = flags.SHIFT
    MAXITER = flags.MAXITER
    PSF_SHAPE_BAD = flags.PSF_SHAPE_BAD

    def __init__(self, ctrl, name, schema):
        self._ctrl = ctrl
        self._logName = name
        self._resultKey = SdssShapeResultKey.addFields(schema, name, ctrl.doMeasurePsf)
        self._flagHandler = self._resultKey.getFlagHandler()
        self._centroidExtractor = SafeCentroidExtractor(schema, name)

    @staticmethod
    def getFlagDefinitions():
        """Return the definitions of the flags."""
        return flags.definitions

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
        shapes = _compute(exposure, *positions[rows].T, self._ctrl, negative)
        failed = _isSingular(shapes) & ~shapes.failed
        lost = rows[failed]
        if len(lost):
            rows, shapes = rows[~failed], shapes.take(~failed)
        self._resultKey.setRows(measCat, rows, shapes)
        if self._ctrl.doMeasurePsf:
            self._measurePsf(measCat, exposure, rows, shapes)
        return [Failure(lost, LogicError(_SINGULAR))] if len(lost) else []

    def _measurePsf(self, measCat, exposure, rows, shapes):
        """Record the shape of the PSF at the centroids that were measured."""
        psf = exposure.getPsf()
        moments = np.full((len(rows), 3), np.nan)
        if psf is not None:
            moments = psf._computeShapes(np.stack([shapes.x, shapes.y], axis=-1))
        self._resultKey.setPsfRows(measCat, rows, moments)


_SINGULAR = "computeAdaptiveMoments implies singular moments without any flag set"


def _compute(image, x, y, ctrl, negative):
    return computeAdaptiveShapes(
        image,
        x,
        y,
        background=ctrl.background,
        maxIter=ctrl.maxIter,
        maxShift=ctrl.maxShift,
        tol1=ctrl.tol1,
        tol2=ctrl.tol2,
        negative=negative,
    )


def _isSingular(shapes):
    with np.errstate(invalid="ignore"):
        return shapes.xx * shapes.yy < (1.0 + _EPSILON) * shapes.xy**2
