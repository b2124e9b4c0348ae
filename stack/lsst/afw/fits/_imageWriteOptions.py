# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""The options of writing one image: compression and scaling."""

__all__ = ["ImageWriteOptions"]

from lsst.daf.base import PropertySet
from lsst.pex.exceptions import RuntimeError as LsstRuntimeError

from ._imageCompressionOptions import ImageCompressionOptions, compressionAlgorithmFromString
from ._imageScalingOptions import ImageScalingOptions, scalingAlgorithmFromString

_DEFAULTS = {
    "compression.algorithm": "NONE",
    "compression.columns": 0,
    "compression.rows": 1,
    "compression.quantizeLevel": 0.0,
    "scaling.algorithm": "NONE",
    "scaling.bitpix": 0,
    "scaling.maskPlanes": ["NO_DATA"],
    "scaling.seed": 1,
    "scaling.quantizeLevel": 5.0,
    "scaling.quantizePad": 10.0,
    "scaling.fuzz": True,
    "scaling.bscale": 1.0,
    "scaling.bzero": 0.0,
}


class ImageWriteOptions:
    """How to write an image to FITS.

    Parameters
    ----------
    compression : `ImageCompressionOptions`, `ImageScalingOptions`, image, mask or `PropertySet`
        Compression; or the scaling alone; or an image or mask, for the defaults of its type; or a recipe as
        `validate` returns it.
    scaling : `ImageScalingOptions`, optional
        Scaling; none by default.
    """

    def __init__(self, compression, scaling=None):
        if isinstance(compression, PropertySet):
            self.compression, self.scaling = _fromRecipe(compression)
            return
        if isinstance(compression, ImageScalingOptions):
            compression, scaling = ImageCompressionOptions(ImageCompressionOptions.NONE), compression
        elif not isinstance(compression, ImageCompressionOptions):
            compression = ImageCompressionOptions(compression)
        self.compression = compression
        self.scaling = ImageScalingOptions() if scaling is None else scaling

    @staticmethod
    def validate(config):
        """Complete a recipe with defaults.

        Parameters
        ----------
        config : `lsst.daf.base.PropertySet`
            Items "compression.algorithm", "scaling.bitpix" and so on.

        Returns
        -------
        recipe : `lsst.daf.base.PropertySet`
            All items.

        Raises
        ------
        lsst.pex.exceptions.RuntimeError
            Raised if ``config`` has an item that is no option.
        """
        recipe = PropertySet()
        for name, default in _DEFAULTS.items():
            if not config.exists(name):
                recipe.set(name, default)
            else:
                isList = isinstance(default, list)
                recipe.set(name, config.getArray(name) if isList else config.getScalar(name))
        for name in config.names(False):
            if not recipe.exists(name):
                raise LsstRuntimeError(f"Invalid image write option: {name}")
        return recipe

    def __repr__(self):
        return f"ImageWriteOptions(compression={self.compression!r}, scaling={self.scaling!r})"


def _fromRecipe(config):
    get = config.getScalar
    compression = ImageCompressionOptions(
        compressionAlgorithmFromString(get("compression.algorithm")),
        [int(get("compression.columns")), int(get("compression.rows"))],
        float(get("compression.quantizeLevel")))
    scaling = ImageScalingOptions(
        scalingAlgorithmFromString(get("scaling.algorithm")), int(get("scaling.bitpix")),
        config.getArray("scaling.maskPlanes") if config.exists("scaling.maskPlanes") else [],
        int(get("scaling.seed")), float(get("scaling.quantizeLevel")), float(get("scaling.quantizePad")),
        bool(get("scaling.fuzz")), float(get("scaling.bscale")), float(get("scaling.bzero")))
    return compression, scaling
