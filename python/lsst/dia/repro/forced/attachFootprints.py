# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Footprints of the shape of the PSF, also where the PSF fails for some sources."""

from __future__ import annotations

__all__ = ["attachFootprints", "dropFootprints"]

import lsst.afw.detection as afwDetection
import lsst.afw.geom as afwGeom
from lsst.afw.image import ExposureF
from lsst.afw.table import SourceCatalog
from lsst.meas.base import ForcedMeasurementTask


def attachFootprints(measurement: ForcedMeasurementTask, sources: SourceCatalog, exposure: ExposureF,
                     scaling: int) -> None:
    """Attach footprints of the shape of the PSF; empty ones where the PSF fails.

    ``attachPsfShapeFootprints`` gives up on the whole catalog if the PSF fails
    for one source. Then each source is tried on its own, since the others
    can be measured.

    Parameters
    ----------
    measurement : `lsst.meas.base.ForcedMeasurementTask`
        The measurement.
    sources : `lsst.afw.table.SourceCatalog`
        Sources on the image.
    exposure : `lsst.afw.image.Exposure`
        The image, with PSF.
    scaling : `int`
        Semi-axes of the footprints, as a multiple of those of the PSF.
    """
    try:
        measurement.attachPsfShapeFootprints(sources, exposure, scaling=scaling)
        return
    except Exception as error:
        # Every kind of PSF has its own way to fail.
        measurement.log.debug("Footprints are made one by one: %s", error)
    for i in range(len(sources)):
        try:
            measurement.attachPsfShapeFootprints(sources[i:i + 1], exposure, scaling=scaling)
        except Exception:
            sources[i].setFootprint(afwDetection.Footprint(afwGeom.SpanSet(), exposure.getBBox()))


def dropFootprints(sources: SourceCatalog) -> None:
    """Remove the footprints, which are those of the PSF and would be most of a file."""
    for record in sources:
        record.setFootprint(None)
