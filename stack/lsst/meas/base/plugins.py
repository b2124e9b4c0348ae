# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""The built-in plugins."""

import lsst.geom
import lsst.pex.config
import numpy as np
from lsst.afw.geom import makeSkyWcs

from ._rows import Failure, setRows
from ._unavailable import registerUnavailable
from .apertureFlux import ApertureFluxControl, ApertureFluxTransform
from .baseMeasurement import BaseMeasurementPluginConfig
from .circularApertureFlux import CircularApertureFluxAlgorithm
from .exceptions import MeasurementError
from .forcedMeasurement import ForcedPlugin, ForcedPluginConfig
from .gaussianFlux import GaussianFluxAlgorithm, GaussianFluxControl, GaussianFluxTransform
from .localBackground import LocalBackgroundAlgorithm, LocalBackgroundControl, LocalBackgroundTransform
from .naiveCentroid import NaiveCentroidAlgorithm, NaiveCentroidControl, NaiveCentroidTransform
from .pixelFlags import PixelFlagsAlgorithm, PixelFlagsControl
from .pluginRegistry import register
from .pluginsBase import BasePlugin
from .psfFlux import PsfFluxAlgorithm, PsfFluxControl, PsfFluxTransform
from .sdssCentroid import SdssCentroidAlgorithm, SdssCentroidControl, SdssCentroidTransform
from .sdssShape import SdssShapeAlgorithm, SdssShapeControl
from .sdssShapeTransform import SdssShapeTransform
from .sfm import SingleFramePlugin, SingleFramePluginConfig
from .transforms import SimpleCentroidTransform
from .wrappers import GenericPlugin, wrapSimpleAlgorithm, wrapTransform

__all__ = (
    "EvaluateLocalPhotoCalibPlugin",
    "EvaluateLocalPhotoCalibPluginConfig",
    "EvaluateLocalWcsPlugin",
    "EvaluateLocalWcsPluginConfig",
    "ForcedPeakCentroidConfig",
    "ForcedPeakCentroidPlugin",
    "ForcedTransformedCentroidConfig",
    "ForcedTransformedCentroidFromCoordConfig",
    "ForcedTransformedCentroidFromCoordPlugin",
    "ForcedTransformedCentroidPlugin",
    "ForcedTransformedShapeConfig",
    "ForcedTransformedShapePlugin",
    "ForcedVariancePlugin",
    "SingleFramePeakCentroidConfig",
    "SingleFramePeakCentroidPlugin",
    "SingleFrameSkyCoordConfig",
    "SingleFrameSkyCoordPlugin",
    "SingleFrameVariancePlugin",
    "VarianceConfig",
)

wrapSimpleAlgorithm(
    PsfFluxAlgorithm,
    Control=PsfFluxControl,
    TransformClass=PsfFluxTransform,
    executionOrder=BasePlugin.FLUX_ORDER,
    shouldApCorr=True,
    hasLogName=True,
)
wrapSimpleAlgorithm(
    CircularApertureFluxAlgorithm,
    needsMetadata=True,
    Control=ApertureFluxControl,
    TransformClass=ApertureFluxTransform,
    executionOrder=BasePlugin.FLUX_ORDER,
)
wrapSimpleAlgorithm(
    GaussianFluxAlgorithm,
    Control=GaussianFluxControl,
    TransformClass=GaussianFluxTransform,
    executionOrder=BasePlugin.FLUX_ORDER,
    shouldApCorr=True,
)
wrapSimpleAlgorithm(
    NaiveCentroidAlgorithm,
    Control=NaiveCentroidControl,
    TransformClass=NaiveCentroidTransform,
    executionOrder=BasePlugin.CENTROID_ORDER,
)
wrapSimpleAlgorithm(
    SdssCentroidAlgorithm,
    Control=SdssCentroidControl,
    TransformClass=SdssCentroidTransform,
    executionOrder=BasePlugin.CENTROID_ORDER,
)
wrapSimpleAlgorithm(
    SdssShapeAlgorithm,
    Control=SdssShapeControl,
    TransformClass=SdssShapeTransform,
    executionOrder=BasePlugin.SHAPE_ORDER,
)
wrapSimpleAlgorithm(
    LocalBackgroundAlgorithm,
    Control=LocalBackgroundControl,
    TransformClass=LocalBackgroundTransform,
    executionOrder=BasePlugin.FLUX_ORDER,
)
wrapSimpleAlgorithm(PixelFlagsAlgorithm, Control=PixelFlagsControl, executionOrder=BasePlugin.FLUX_ORDER)
wrapTransform(ApertureFluxTransform)
wrapTransform(GaussianFluxTransform)
wrapTransform(LocalBackgroundTransform)
wrapTransform(NaiveCentroidTransform)
wrapTransform(PsfFluxTransform)
wrapTransform(SdssCentroidTransform)
wrapTransform(SdssShapeTransform)


class EvaluateLocalPhotoCalibPluginConfig(BaseMeasurementPluginConfig):
    """Config of `EvaluateLocalPhotoCalibPlugin`."""


class EvaluateLocalPhotoCalibPlugin(GenericPlugin):
    """The photometric calibration at the position of each source (nJy per count), and its error."""

    ConfigClass = EvaluateLocalPhotoCalibPluginConfig

    @classmethod
    def getExecutionOrder(cls):
        """Return when to run the plugin."""
        return BasePlugin.FLUX_ORDER

    def __init__(self, config, name, schema, metadata):
        super().__init__(config, name, schema, metadata)
        self.photoKey = schema.addField(
            name,
            type="D",
            doc="Local approximation of the PhotoCalib calibration factor at the location of the src.",
        )
        self.photoErrKey = schema.addField(
            name + "Err",
            type="D",
            doc="Error on the local approximation of the PhotoCalib calibration factor at the location of "
            "the src.",
        )

    def measure(self, measRecord, exposure, center):
        """Evaluate the calibration for one source."""
        photoCalib = exposure.getPhotoCalib()
        measRecord.set(self.photoKey, photoCalib.getLocalCalibration(center))
        measRecord.set(self.photoErrKey, photoCalib.getCalibrationErr())

    def measureCatalog(self, measCat, exposure, centers):
        """Evaluate the calibration for all sources."""
        photoCalib = exposure.getPhotoCalib()
        measCat[self.photoKey] = photoCalib._localCalibrationArray(*centers.T)
        measCat[self.photoErrKey] = photoCalib.getCalibrationErr()
        return []


SingleFrameEvaluateLocalPhotoCalibPlugin = EvaluateLocalPhotoCalibPlugin.makeSingleFramePlugin(
    "base_LocalPhotoCalib"
)
ForcedEvaluateLocalPhotoCalibPlugin = EvaluateLocalPhotoCalibPlugin.makeForcedPlugin("base_LocalPhotoCalib")


class EvaluateLocalWcsPluginConfig(BaseMeasurementPluginConfig):
    """Config of `EvaluateLocalWcsPlugin`."""


class EvaluateLocalWcsPlugin(GenericPlugin):
    """The linear approximation of the WCS around each source: pixels to a plane tangent there (radians).

    For whole catalogs the derivatives are five-point differences. AST's, which the original takes one source
    at a time (as `makeLocalTransformMatrix` does), are noisier: 1e-10 of the pixel scale for plain
    projections, 1e-8 with SIP distortions.
    """

    ConfigClass = EvaluateLocalWcsPluginConfig
    _scale = (1.0 * lsst.geom.arcseconds).asDegrees()

    @classmethod
    def getExecutionOrder(cls):
        """Return when to run the plugin."""
        return BasePlugin.FLUX_ORDER

    def __init__(self, config, name, schema, metadata):
        super().__init__(config, name, schema, metadata)
        self.cdMatrix11Key, self.cdMatrix12Key, self.cdMatrix21Key, self.cdMatrix22Key = self._keys = [
            schema.addField(
                f"{name}_CDMatrix_{row}_{column}",
                type="D",
                doc=f"({row}, {column}) element of the CDMatrix for the linear approximation of the WCS at "
                "the src location. Gives units in radians.",
            )
            for row in (1, 2)
            for column in (1, 2)
        ]

    def measure(self, measRecord, exposure, center):
        """Evaluate the matrix for one source."""
        matrix = self.makeLocalTransformMatrix(exposure.getWcs(), center)
        for key, value in zip(self._keys, matrix.flat):
            measRecord.set(key, value)

    def measureCatalog(self, measCat, exposure, centers):
        """Evaluate the matrix for all sources."""
        matrices = exposure.getWcs()._tangentPlaneMatrixArray(*centers.T).reshape(-1, 4)
        good = np.isfinite(matrices).all(axis=1)
        for key, values in zip(self._keys, matrices.T):
            setRows(measCat, key, good, values[good])
        if good.all():
            return []
        error = MeasurementError("The WCS cannot be evaluated at this position", 0)
        return [Failure(np.flatnonzero(~good), error)]

    def makeLocalTransformMatrix(self, wcs, center):
        """Compute the linear approximation of a WCS around a point.

        Parameters
        ----------
        wcs : `lsst.afw.geom.SkyWcs`
            The WCS.
        center : `lsst.geom.Point2D`
            The point (pixels).

        Returns
        -------
        localMatrix : `numpy.ndarray`, (2, 2)
            Derivatives of the standard coordinates on the plane tangent at the point, towards east and
            north, with respect to x and y (radians per pixel).
        """
        pixelToPlane = makeSkyWcs(center, wcs.pixelToSky(center), np.diag([self._scale, self._scale]))
        transform = wcs.getTransform().then(pixelToPlane.getTransform().inverted())
        return np.radians(transform.getJacobian(center) / 3600)


SingleFrameEvaluateLocalWcsPlugin = EvaluateLocalWcsPlugin.makeSingleFramePlugin("base_LocalWcs")
ForcedEvaluateLocalWcsPlugin = EvaluateLocalWcsPlugin.makeForcedPlugin("base_LocalWcs")


class VarianceConfig(BaseMeasurementPluginConfig):
    """Config of `VariancePlugin`."""

    scale = lsst.pex.config.Field(
        dtype=float, default=5.0, optional=True, doc="size of the aperture, in units of the source's shape"
    )
    mask = lsst.pex.config.ListField(
        dtype=str,
        default=["DETECTED", "DETECTED_NEGATIVE", "BAD", "SAT"],
        doc="mask planes of the pixels that are left out",
    )


class VariancePlugin(GenericPlugin):
    """The median variance in an ellipse around each source."""

    ConfigClass = VarianceConfig

    FAILURE_BAD_CENTROID = 1
    FAILURE_EMPTY_FOOTPRINT = 2

    @classmethod
    def getExecutionOrder(cls):
        """Return when to run the plugin."""
        return BasePlugin.FLUX_ORDER

    def __init__(self, config, name, schema, metadata):
        super().__init__(config, name, schema, metadata)
        self.varValue = schema.addField(name + "_value", type="D", doc="Variance at object position")
        self.emptyFootprintFlag = schema.addField(
            name + "_flag_emptyFootprint",
            type="Flag",
            doc="Set to True when the footprint has no usable pixels",
        )
        aliases = schema.getAliasMap()
        aliases.set(name + "_flag_badCentroid", aliases.apply("slot_Centroid_flag"))

    def measure(self, measRecord, exposure, center):
        """Measure one source."""
        from lsst.afw.geom import Ellipse, SpanSet

        if not np.all(np.isfinite(measRecord.getCentroid())):
            raise MeasurementError("Bad centroid and/or shape", self.FAILURE_BAD_CENTROID)
        aperture = Ellipse(measRecord.getShape(), measRecord.getCentroid())
        aperture.scale(self.config.scale)
        spans = SpanSet.fromShape(aperture).clippedTo(exposure.getBBox())
        bits = spans.flatten(exposure.mask.array, exposure.getXY0())
        variance = spans.flatten(exposure.variance.array, exposure.getXY0())
        good = (bits & exposure.mask.getPlaneBitMask(list(self.config.mask))) == 0
        if not good.any():
            raise MeasurementError(
                "Footprint empty, or all pixels are masked, can't compute median",
                self.FAILURE_EMPTY_FOOTPRINT,
            )
        measRecord.set(self.varValue, float(np.median(variance[good])))

    def fail(self, measRecord, error=None):
        """Set the flags and forget the value."""
        if isinstance(error, MeasurementError) and error.getFlagBit() == self.FAILURE_EMPTY_FOOTPRINT:
            measRecord.set(self.emptyFootprintFlag, True)
        measRecord.set(self.varValue, np.nan)
        super().fail(measRecord, error)


SingleFrameVariancePlugin = VariancePlugin.makeSingleFramePlugin("base_Variance")
ForcedVariancePlugin = VariancePlugin.makeForcedPlugin("base_Variance")


class SingleFramePeakCentroidConfig(SingleFramePluginConfig):
    """Config of `SingleFramePeakCentroidPlugin`."""


@register("base_PeakCentroid")
class SingleFramePeakCentroidPlugin(SingleFramePlugin):
    """The first peak of the footprint as centroid."""

    ConfigClass = SingleFramePeakCentroidConfig

    @classmethod
    def getExecutionOrder(cls):
        """Return when to run the plugin."""
        return cls.CENTROID_ORDER

    def __init__(self, config, name, schema, metadata):
        super().__init__(config, name, schema, metadata)
        self.keyX = schema.addField(name + "_x", type="D", doc="peak centroid", units="pixel")
        self.keyY = schema.addField(name + "_y", type="D", doc="peak centroid", units="pixel")
        self.flag = schema.addField(name + "_flag", type="Flag", doc="Centroiding failed")

    def measure(self, measRecord, exposure):
        """Measure one source."""
        peak = measRecord.getFootprint().getPeaks()[0]
        measRecord.set(self.keyX, peak.getFx())
        measRecord.set(self.keyY, peak.getFy())

    def fail(self, measRecord, error=None):
        """Set the flag."""
        measRecord.set(self.flag, True)

    @staticmethod
    def getTransformClass():
        """Return the transform into sky positions."""
        return SimpleCentroidTransform


class SingleFrameSkyCoordConfig(SingleFramePluginConfig):
    """Config of `SingleFrameSkyCoordPlugin`."""


@register("base_SkyCoord")
class SingleFrameSkyCoordPlugin(SingleFramePlugin):
    """The sky position of the centroid, in the field ``coord`` that every source has."""

    ConfigClass = SingleFrameSkyCoordConfig

    @classmethod
    def getExecutionOrder(cls):
        """Return when to run the plugin."""
        return cls.SHAPE_ORDER

    def measure(self, measRecord, exposure):
        """Measure one source."""
        if not exposure.hasWcs():
            raise RuntimeError(f"Wcs not attached to exposure.  Required for {self.name} algorithm")
        measRecord.updateCoord(exposure.getWcs())

    def fail(self, measRecord, error=None):
        """Do nothing: the plugin has no flag."""


class ForcedPeakCentroidConfig(ForcedPluginConfig):
    """Config of `ForcedPeakCentroidPlugin`."""


@register("base_PeakCentroid")
class ForcedPeakCentroidPlugin(ForcedPlugin):
    """The first peak of the reference's footprint, transformed to the image, as centroid."""

    ConfigClass = ForcedPeakCentroidConfig

    @classmethod
    def getExecutionOrder(cls):
        """Return when to run the plugin."""
        return cls.CENTROID_ORDER

    def __init__(self, config, name, schemaMapper, metadata):
        super().__init__(config, name, schemaMapper, metadata)
        schema = schemaMapper.editOutputSchema()
        self.keyX = schema.addField(name + "_x", type="D", doc="peak centroid", units="pixel")
        self.keyY = schema.addField(name + "_y", type="D", doc="peak centroid", units="pixel")

    def measure(self, measRecord, exposure, refRecord, refWcs):
        """Transform one peak."""
        peak = refRecord.getFootprint().getPeaks()[0]
        position = refWcs.pixelToSky(lsst.geom.Point2D(peak.getFx(), peak.getFy()))
        position = exposure.getWcs().skyToPixel(position)
        measRecord.set(self.keyX, position.getX())
        measRecord.set(self.keyY, position.getY())

    @staticmethod
    def getTransformClass():
        """Return the transform into sky positions."""
        return SimpleCentroidTransform


class ForcedTransformedCentroidConfig(ForcedPluginConfig):
    """Config of `ForcedTransformedCentroidPlugin`."""


@register("base_TransformedCentroid")
class ForcedTransformedCentroidPlugin(ForcedPlugin):
    """The reference's centroid, transformed to the image; its flag, if it has one, is copied."""

    ConfigClass = ForcedTransformedCentroidConfig

    @classmethod
    def getExecutionOrder(cls):
        """Return when to run the plugin."""
        return cls.CENTROID_ORDER

    def __init__(self, config, name, schemaMapper, metadata):
        from lsst.afw.table import Point2DKey

        super().__init__(config, name, schemaMapper, metadata)
        schema = schemaMapper.editOutputSchema()
        self.centroidKey = Point2DKey(
            schema.addField(
                name + "_x", type="D", doc="transformed reference centroid column", units="pixel"
            ),
            schema.addField(name + "_y", type="D", doc="transformed reference centroid row", units="pixel"),
        )
        self.flagKey = None
        if "slot_Centroid_flag" in schemaMapper.getInputSchema():
            self.flagKey = schema.addField(
                name + "_flag", type="Flag", doc="whether the reference centroid is marked as bad"
            )

    def measure(self, measRecord, exposure, refRecord, refWcs):
        """Transform one centroid."""
        position = refRecord.getCentroid()
        if refWcs != exposure.getWcs():
            position = exposure.getWcs().skyToPixel(refWcs.pixelToSky(position))
        self._set(measRecord, refRecord, position)

    def _set(self, measRecord, refRecord, position):
        measRecord.set(self.centroidKey, position)
        if self.flagKey is not None:
            measRecord.set(self.flagKey, refRecord.getCentroidFlag())

    def measureCatalog(self, measCat, exposure, refCat, refWcs):
        """Transform all centroids."""
        slot = refCat.table.getCentroidSlot().getMeasKey()
        x, y = refCat[slot.getX()], refCat[slot.getY()]
        if refWcs != exposure.getWcs():
            x, y = exposure.getWcs().skyToPixelArray(*refWcs.pixelToSkyArray(x, y))
        return self._setAll(measCat, refCat, x, y)

    def _setAll(self, measCat, refCat, x, y):
        measCat[self.centroidKey.getX()] = x
        measCat[self.centroidKey.getY()] = y
        if self.flagKey is not None:
            measCat[self.flagKey] = refCat[refCat.table.getCentroidSlot().getFlagKey()]
        return []


class ForcedTransformedCentroidFromCoordConfig(ForcedTransformedCentroidConfig):
    """Config of `ForcedTransformedCentroidFromCoordPlugin`."""


@register("base_TransformedCentroidFromCoord")
class ForcedTransformedCentroidFromCoordPlugin(ForcedTransformedCentroidPlugin):
    """The reference's sky position, transformed to the image."""

    ConfigClass = ForcedTransformedCentroidFromCoordConfig

    def measure(self, measRecord, exposure, refRecord, refWcs):
        """Transform one position."""
        self._set(measRecord, refRecord, exposure.getWcs().skyToPixel(refRecord.getCoord()))

    def measureCatalog(self, measCat, exposure, refCat, refWcs):
        """Transform all positions."""
        x, y = exposure.getWcs().skyToPixelArray(refCat["coord_ra"], refCat["coord_dec"])
        return self._setAll(measCat, refCat, x, y)


class ForcedTransformedShapeConfig(ForcedPluginConfig):
    """Config of `ForcedTransformedShapePlugin`."""


@register("base_TransformedShape")
class ForcedTransformedShapePlugin(ForcedPlugin):
    """The reference's shape, transformed to the image; its flag, if it has one, is copied."""

    ConfigClass = ForcedTransformedShapeConfig

    @classmethod
    def getExecutionOrder(cls):
        """Return when to run the plugin."""
        return cls.SHAPE_ORDER

    def __init__(self, config, name, schemaMapper, metadata):
        from lsst.afw.table import QuadrupoleKey

        super().__init__(config, name, schemaMapper, metadata)
        schema = schemaMapper.editOutputSchema()
        self.shapeKey = QuadrupoleKey(
            *(
                schema.addField(
                    f"{name}_{moment}",
                    type="D",
                    doc=f"transformed reference shape {what} moment",
                    units="pixel^2",
                )
                for moment, what in (("xx", "x^2"), ("yy", "y^2"), ("xy", "xy"))
            )
        )
        self.flagKey = None
        if "slot_Shape_flag" in schemaMapper.getInputSchema():
            self.flagKey = schema.addField(
                name + "_flag", type="Flag", doc="whether the reference shape is marked as bad"
            )

    def measure(self, measRecord, exposure, refRecord, refWcs):
        """Transform one shape."""
        from lsst.afw.geom import linearizeTransform, makeWcsPairTransform

        shape = refRecord.getShape()
        if refWcs != exposure.getWcs():
            transform = makeWcsPairTransform(refWcs, exposure.getWcs())
            local = linearizeTransform(transform, refRecord.getCentroid())
            shape = shape.transform(local.getLinear())
        measRecord.set(self.shapeKey, shape)
        if self.flagKey is not None:
            measRecord.set(self.flagKey, refRecord.getShapeFlag())


registerUnavailable()
