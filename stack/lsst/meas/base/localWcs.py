# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""The linear approximation of the WCS at each source."""

import numpy as np

import lsst.geom
from lsst.afw.geom import makeSkyWcs

from ._rows import Failure, setRows
from .baseMeasurement import BaseMeasurementPluginConfig
from .exceptions import MeasurementError
from .genericPlugin import GenericPlugin
from .pluginsBase import BasePlugin

__all__ = [
    "EvaluateLocalWcsPlugin",
    "EvaluateLocalWcsPluginConfig",
    "ForcedEvaluateLocalWcsPlugin",
]


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


ForcedEvaluateLocalWcsPlugin = EvaluateLocalWcsPlugin.makeForcedPlugin("base_LocalWcs")
