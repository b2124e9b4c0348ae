# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""The built-in plugins: those around algorithms are made here, the others are imported."""

from .apertureFlux import ApertureFluxControl, ApertureFluxTransform
from .blendedness import BlendednessAlgorithm, BlendednessControl
from .circularApertureFlux import CircularApertureFluxAlgorithm
from .gaussianFlux import GaussianFluxAlgorithm, GaussianFluxControl, GaussianFluxTransform
from .inputCount import (
    ForcedInputCountPlugin,
    InputCountConfig,
    InputCountPlugin,
    SingleFrameInputCountPlugin,
)
from .jacobian import SingleFrameJacobianConfig, SingleFrameJacobianPlugin
from .localBackground import LocalBackgroundAlgorithm, LocalBackgroundControl, LocalBackgroundTransform
from .localPhotoCalib import (
    EvaluateLocalPhotoCalibPlugin,
    EvaluateLocalPhotoCalibPluginConfig,
    ForcedEvaluateLocalPhotoCalibPlugin,
    SingleFrameEvaluateLocalPhotoCalibPlugin,
)
from .localWcs import (
    EvaluateLocalWcsPlugin,
    EvaluateLocalWcsPluginConfig,
    ForcedEvaluateLocalWcsPlugin,
    SingleFrameEvaluateLocalWcsPlugin,
)
from .naiveCentroid import NaiveCentroidAlgorithm, NaiveCentroidControl, NaiveCentroidTransform
from .peakCentroid import (
    ForcedPeakCentroidConfig,
    ForcedPeakCentroidPlugin,
    SingleFramePeakCentroidConfig,
    SingleFramePeakCentroidPlugin,
)
from .peakLikelihoodFlux import (
    PeakLikelihoodFluxAlgorithm,
    PeakLikelihoodFluxControl,
    PeakLikelihoodFluxTransform,
)
from .pixelFlags import PixelFlagsAlgorithm, PixelFlagsControl
from .pluginsBase import BasePlugin
from .psfFlux import PsfFluxAlgorithm, PsfFluxControl, PsfFluxTransform
from .scaledApertureFlux import (
    ScaledApertureFluxAlgorithm,
    ScaledApertureFluxControl,
    ScaledApertureFluxTransform,
)
from .sdssCentroid import SdssCentroidAlgorithm, SdssCentroidControl, SdssCentroidTransform
from .sdssShape import SdssShapeAlgorithm, SdssShapeControl
from .sdssShapeTransform import SdssShapeTransform
from .skyCoord import SingleFrameSkyCoordConfig, SingleFrameSkyCoordPlugin
from .transform import BaseTransform
from .transformedCentroid import (
    ForcedTransformedCentroidConfig,
    ForcedTransformedCentroidFromCoordConfig,
    ForcedTransformedCentroidFromCoordPlugin,
    ForcedTransformedCentroidPlugin,
)
from .transformedShape import ForcedTransformedShapeConfig, ForcedTransformedShapePlugin
from .variance import ForcedVariancePlugin, SingleFrameVariancePlugin, VarianceConfig, VariancePlugin
from .wrappers import wrapSimpleAlgorithm, wrapTransform

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
    "SingleFrameEvaluateLocalPhotoCalibPlugin",
    "SingleFrameEvaluateLocalWcsPlugin",
    "SingleFrameInputCountPlugin",
    "SingleFrameJacobianConfig",
    "SingleFrameJacobianPlugin",
    "SingleFramePeakCentroidConfig",
    "SingleFramePeakCentroidPlugin",
    "SingleFrameSkyCoordConfig",
    "SingleFrameSkyCoordPlugin",
    "SingleFrameVariancePlugin",
    "VarianceConfig",
    "VariancePlugin",
)

for _name in __all__:
    # Stored configs name the module, and that has to be one of v23's.
    globals()[_name].__module__ = __name__

for _Algorithm, _Control, _Transform, _order, _options in (
    (
        PsfFluxAlgorithm,
        PsfFluxControl,
        PsfFluxTransform,
        BasePlugin.FLUX_ORDER,
        {"shouldApCorr": True, "hasLogName": True},
    ),
    (
        PeakLikelihoodFluxAlgorithm,
        PeakLikelihoodFluxControl,
        PeakLikelihoodFluxTransform,
        BasePlugin.FLUX_ORDER,
        {},
    ),
    (
        GaussianFluxAlgorithm,
        GaussianFluxControl,
        GaussianFluxTransform,
        BasePlugin.FLUX_ORDER,
        {"shouldApCorr": True},
    ),
    (
        NaiveCentroidAlgorithm,
        NaiveCentroidControl,
        NaiveCentroidTransform,
        BasePlugin.CENTROID_ORDER,
        {},
    ),
    (SdssCentroidAlgorithm, SdssCentroidControl, SdssCentroidTransform, BasePlugin.CENTROID_ORDER, {}),
    (PixelFlagsAlgorithm, PixelFlagsControl, None, BasePlugin.FLUX_ORDER, {}),
    (SdssShapeAlgorithm, SdssShapeControl, SdssShapeTransform, BasePlugin.SHAPE_ORDER, {}),
    (
        ScaledApertureFluxAlgorithm,
        ScaledApertureFluxControl,
        ScaledApertureFluxTransform,
        BasePlugin.FLUX_ORDER,
        {},
    ),
    (
        CircularApertureFluxAlgorithm,
        ApertureFluxControl,
        ApertureFluxTransform,
        BasePlugin.FLUX_ORDER,
        {"needsMetadata": True},
    ),
    (BlendednessAlgorithm, BlendednessControl, BaseTransform, BasePlugin.SHAPE_ORDER, {}),
    (
        LocalBackgroundAlgorithm,
        LocalBackgroundControl,
        LocalBackgroundTransform,
        BasePlugin.FLUX_ORDER,
        {},
    ),
):
    wrapSimpleAlgorithm(
        _Algorithm, Control=_Control, TransformClass=_Transform, executionOrder=_order, **_options
    )
    if _Transform not in (None, BaseTransform):
        wrapTransform(_Transform)
