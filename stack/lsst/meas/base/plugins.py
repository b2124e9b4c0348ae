# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""The built-in plugins: those around algorithms are made here, the others are imported."""

from .apertureFlux import ApertureFluxControl
from .blendedness import BlendednessAlgorithm, BlendednessControl
from .circularApertureFlux import CircularApertureFluxAlgorithm
from .gaussianFlux import GaussianFluxAlgorithm, GaussianFluxControl
from .inputCount import ForcedInputCountPlugin, InputCountConfig, InputCountPlugin
from .localBackground import LocalBackgroundAlgorithm, LocalBackgroundControl
from .localPhotoCalib import (
    EvaluateLocalPhotoCalibPlugin,
    EvaluateLocalPhotoCalibPluginConfig,
    ForcedEvaluateLocalPhotoCalibPlugin,
)
from .localWcs import (
    EvaluateLocalWcsPlugin,
    EvaluateLocalWcsPluginConfig,
    ForcedEvaluateLocalWcsPlugin,
)
from .naiveCentroid import NaiveCentroidAlgorithm, NaiveCentroidControl
from .peakCentroid import ForcedPeakCentroidConfig, ForcedPeakCentroidPlugin
from .peakLikelihoodFlux import PeakLikelihoodFluxAlgorithm, PeakLikelihoodFluxControl
from .pixelFlags import PixelFlagsAlgorithm, PixelFlagsControl
from .pluginsBase import BasePlugin
from .psfFlux import PsfFluxAlgorithm, PsfFluxControl
from .scaledApertureFlux import ScaledApertureFluxAlgorithm, ScaledApertureFluxControl
from .sdssCentroid import SdssCentroidAlgorithm, SdssCentroidControl
from .sdssShape import SdssShapeAlgorithm, SdssShapeControl
from .transformedCentroid import (
    ForcedTransformedCentroidConfig,
    ForcedTransformedCentroidFromCoordConfig,
    ForcedTransformedCentroidFromCoordPlugin,
    ForcedTransformedCentroidPlugin,
)
from .transformedShape import ForcedTransformedShapeConfig, ForcedTransformedShapePlugin
from .variance import ForcedVariancePlugin, VarianceConfig, VariancePlugin
from .wrappers import wrapForcedAlgorithm

__all__ = (
    "EvaluateLocalPhotoCalibPlugin",
    "EvaluateLocalPhotoCalibPluginConfig",
    "EvaluateLocalWcsPlugin",
    "EvaluateLocalWcsPluginConfig",
    "ForcedEvaluateLocalPhotoCalibPlugin",
    "ForcedEvaluateLocalWcsPlugin",
    "ForcedInputCountPlugin",
    "ForcedPeakCentroidConfig",
    "ForcedPeakCentroidPlugin",
    "ForcedTransformedCentroidConfig",
    "ForcedTransformedCentroidFromCoordConfig",
    "ForcedTransformedCentroidFromCoordPlugin",
    "ForcedTransformedCentroidPlugin",
    "ForcedTransformedShapeConfig",
    "ForcedTransformedShapePlugin",
    "ForcedVariancePlugin",
    "InputCountConfig",
    "InputCountPlugin",
    "VarianceConfig",
    "VariancePlugin",
)

for _name in __all__:
    # Stored configs name the module, and that has to be one of v23's.
    globals()[_name].__module__ = __name__

for _Algorithm, _Control, _order, _options in (
    (PsfFluxAlgorithm, PsfFluxControl, BasePlugin.FLUX_ORDER, {"shouldApCorr": True, "hasLogName": True}),
    (PeakLikelihoodFluxAlgorithm, PeakLikelihoodFluxControl, BasePlugin.FLUX_ORDER, {}),
    (GaussianFluxAlgorithm, GaussianFluxControl, BasePlugin.FLUX_ORDER, {"shouldApCorr": True}),
    (NaiveCentroidAlgorithm, NaiveCentroidControl, BasePlugin.CENTROID_ORDER, {}),
    (SdssCentroidAlgorithm, SdssCentroidControl, BasePlugin.CENTROID_ORDER, {}),
    (PixelFlagsAlgorithm, PixelFlagsControl, BasePlugin.FLUX_ORDER, {}),
    (SdssShapeAlgorithm, SdssShapeControl, BasePlugin.SHAPE_ORDER, {}),
    (ScaledApertureFluxAlgorithm, ScaledApertureFluxControl, BasePlugin.FLUX_ORDER, {}),
    (CircularApertureFluxAlgorithm, ApertureFluxControl, BasePlugin.FLUX_ORDER, {"needsMetadata": True}),
    (BlendednessAlgorithm, BlendednessControl, BasePlugin.SHAPE_ORDER, {}),
    (LocalBackgroundAlgorithm, LocalBackgroundControl, BasePlugin.FLUX_ORDER, {}),
):
    wrapForcedAlgorithm(
        _Algorithm, Control=_Control, executionOrder=_order, needsSchemaOnly=True, **_options
    )
