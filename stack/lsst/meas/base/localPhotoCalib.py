# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""The photometric calibration at each source."""

from lsst.pex.exceptions import NotFoundError

from .baseMeasurement import BaseMeasurementPluginConfig
from .genericPlugin import GenericPlugin
from .pluginsBase import BasePlugin

__all__ = [
    "EvaluateLocalPhotoCalibPlugin",
    "EvaluateLocalPhotoCalibPluginConfig",
    "ForcedEvaluateLocalPhotoCalibPlugin",
]


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
        if photoCalib is None:
            raise NotFoundError("The exposure has no PhotoCalib")
        measCat[self.photoKey] = photoCalib._localCalibrationArray(*centers.T)
        measCat[self.photoErrKey] = photoCalib.getCalibrationErr()
        return []


ForcedEvaluateLocalPhotoCalibPlugin = EvaluateLocalPhotoCalibPlugin.makeForcedPlugin("base_LocalPhotoCalib")
