# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Shape, centroid and flux by adaptive moments."""

import types

import numpy as np

from lsst.pex.exceptions import InvalidParameterError, LogicError, RuntimeError

from . import _sdssShapeFlags as flags
from ._adaptiveShapes import computeAdaptiveShapes
from ._control import Control, ControlField
from ._fixedMoments import SINGULAR, computeFixedMomentsFluxes
from ._rows import Failure
from .algorithm import SimpleAlgorithm
from .fluxUtilities import FluxResult
from .inputUtilities import SafeCentroidExtractor
from .sdssShapeResult import SdssShapeResult, SdssShapeResultKey

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

    @staticmethod
    def computeAdaptiveMoments(image, position, negative=False, ctrl=None):
        """Measure one source, without catalog.

        Parameters
        ----------
        image : `lsst.afw.image.Image` or `lsst.afw.image.MaskedImage`
            The image; without variance there are no errors.
        position : `lsst.geom.Point2D`
            Where to start (pixels).
        negative : `bool`, optional
            Is the source negative?
        ctrl : `SdssShapeControl`, optional
            Settings.

        Returns
        -------
        result : `SdssShapeResult`
            Shape, centroid, flux and flags.

        Raises
        ------
        lsst.pex.exceptions.LogicError
            The moments are singular, though nothing seems to be wrong.
        """
        ctrl = SdssShapeControl() if ctrl is None else ctrl
        start = (np.array([position.getX()]), np.array([position.getY()]))
        shapes = _compute(_withVariance(image), *start, ctrl, negative)
        if _isSingular(shapes)[0] and not shapes.failed[0]:
            raise LogicError(_SINGULAR)
        result = SdssShapeResult()
        for name in vars(result):
            if hasattr(shapes, name):
                setattr(result, name, float(getattr(shapes, name)[0]))
        for flag, values in (
            (flags.FAILURE, shapes.failed),
            (flags.UNWEIGHTED_BAD, shapes.unweightedBad),
            (flags.UNWEIGHTED, shapes.unweighted),
            (flags.SHIFT, shapes.shift),
            (flags.MAXITER, shapes.maxIter),
        ):
            result.flags[flag.number] = bool(values[0])
        return result

    @staticmethod
    def computeFixedMomentsFlux(image, shape, position):
        """Measure the flux of one source with Gaussian weights, without catalog.

        Parameters
        ----------
        image : `lsst.afw.image.Image` or `lsst.afw.image.MaskedImage`
            The image; without variance there is no error.
        shape : `lsst.afw.geom.Quadrupole`
            Moments of the weights (pixels squared).
        position : `lsst.geom.Point2D`
            Center of the weights (pixels).

        Returns
        -------
        result : `FluxResult`
            The flux.

        Raises
        ------
        lsst.pex.exceptions.InvalidParameterError
            The shape is singular.
        lsst.pex.exceptions.RuntimeError
            The weights are too narrow, or there is no variance at the position.
        """
        moments = np.array([[shape.getIxx(), shape.getIyy(), shape.getIxy()]])
        center = (np.array([position.getX()]), np.array([position.getY()]))
        if not hasattr(image, "variance"):
            image = types.SimpleNamespace(
                image=image, variance=None, getX0=image.getX0, getY0=image.getY0
            )
        flux, fluxErr, problems = computeFixedMomentsFluxes(image, *center, moments)
        for why in problems:
            raise (InvalidParameterError if why == SINGULAR else RuntimeError)(why)
        return FluxResult(float(flux[0]), float(fluxErr[0]))

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


def _withVariance(image):
    """Give an image without variance one that is nowhere known."""
    if hasattr(image, "variance"):
        return image
    variance = types.SimpleNamespace(array=np.broadcast_to(np.float32(np.nan), image.array.shape))
    return types.SimpleNamespace(image=image, variance=variance, getX0=image.getX0, getY0=image.getY0)
