# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Transform of adaptive moments into shapes on the sky, positions and magnitudes."""

import numpy as np

from lsst.afw.table import CoordinateType, QuadrupoleKey
from lsst.geom import radians

from . import _sdssShapeFlags as flags
from .centroidUtilities import CentroidResultKey, CentroidTransform, UncertaintyEnum
from .fluxUtilities import FluxTransform
from .sdssShape import SdssShapeControl
from .shapeUtilities import ShapeResult, ShapeResultKey, makeShapeTransformMatrix
from .transform import BaseTransform

__all__ = ["SdssShapeTransform"]


class SdssShapeTransform(BaseTransform):
    """Turns moments into celestial ones, the centroid into a sky position, the flux into a magnitude.

    Parameters
    ----------
    ctrl : `SdssShapeControl`
        Settings (not used).
    name : `str`
        Name of the algorithm.
    mapper : `lsst.afw.table.SchemaMapper`
        From the schema of the measurements to that of the result.

    Notes
    -----
    The shape of the PSF is transformed only if the algorithm's name is ``sdssShape``, as by the original,
    whose test for the flag of the PSF has that name.
    """

    Control = SdssShapeControl

    def __init__(self, ctrl, name, mapper):
        super().__init__(name)
        self._fluxTransform = FluxTransform(name, mapper)
        self._centroidTransform = CentroidTransform(name, mapper)
        self._transformPsf = "sdssShape_flag_psf" in mapper.getInputSchema().getNames()
        self._mapFlags(mapper, flags.definitions)
        schema = mapper.editOutputSchema()
        self._shapeKey = ShapeResultKey.addFields(
            schema,
            name,
            "Shape in celestial moments",
            UncertaintyEnum.FULL_COVARIANCE,
            CoordinateType.CELESTIAL,
        )
        if self._transformPsf:
            self._psfShapeKey = QuadrupoleKey.addFields(
                schema, name + "_psf", "PSF shape in celestial moments", CoordinateType.CELESTIAL
            )

    def __call__(self, inputCatalog, outputCatalog, wcs, photoCalib):
        """Fill the fields of the result."""
        self._fluxTransform(inputCatalog, outputCatalog, wcs, photoCalib)
        self._centroidTransform(inputCatalog, outputCatalog, wcs, photoCalib)
        fields = inputCatalog.schema[self._name]
        centroidKey, shapeKey = CentroidResultKey(fields), ShapeResultKey(fields)
        psfKey = QuadrupoleKey(fields["psf"]) if self._transformPsf else None
        for source, result in zip(inputCatalog, outputCatalog):
            local = wcs.linearizePixelToSky(centroidKey.get(source).getCentroid(), radians).getLinear()
            self._shapeKey.set(result, _transformShape(shapeKey.get(source), local))
            if self._transformPsf:
                self._psfShapeKey.set(result, psfKey.get(source).transform(local))


def _transformShape(shape, linear):
    matrix = makeShapeTransformMatrix(linear)
    result = ShapeResult()
    result.setShape(shape.getShape().transform(linear))
    result.setShapeErr((matrix @ shape.getShapeErr().astype(np.float64) @ matrix.T).astype(np.float32))
    return result
