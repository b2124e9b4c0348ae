# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Find DIASources on a difference image with a matched filter."""

from __future__ import annotations

__all__ = ["detect", "makeDiaSourceSchema"]

from collections.abc import Callable

import lsst.afw.table as afwTable
import lsst.geom as geom
import numpy as np
from lsst.afw.image import ExposureF, Mask
from scipy.ndimage import maximum_filter
from scipy.signal import fftconvolve

from ..catalogColumns import makeCatalog

#: Least signal-to-noise of a source.
THRESHOLD = 5.0

_PIXEL_FLAGS = {"edge": "EDGE", "interpolated": "INTRP", "saturated": "SAT", "cr": "CR", "bad": "BAD",
                "suspect": "SUSPECT"}

#: Those that there are of the middle of a source, too.
_CENTER_FLAGS = ("interpolated", "saturated", "cr", "suspect")


def makeDiaSourceSchema() -> afwTable.Schema:
    """Make the schema of the simulated DIASources.

    Returns
    -------
    schema : `lsst.afw.table.Schema`
        Has the columns of a stack's ``deepDiff_diaSrc`` that this package
        reads.
    """
    schema = afwTable.SourceTable.makeMinimalSchema()
    for name in ("x", "y"):
        schema.addField("base_SdssCentroid_" + name, type="D", units="pixel", doc="Centroid " + name)
    for name in ("xErr", "yErr"):
        schema.addField("base_SdssCentroid_" + name, type="F", units="pixel", doc="Error of the centroid")
    schema.addField("base_SdssCentroid_flag", type="Flag", doc="The centroid is bad")
    schema.addField("base_PsfFlux_instFlux", type="D", units="count", doc="Matched-filter flux")
    schema.addField("base_PsfFlux_instFluxErr", type="D", units="count", doc="Error of the flux")
    schema.addField("base_PsfFlux_flag", type="Flag", doc="The flux is bad")
    for name, plane in _PIXEL_FLAGS.items():
        schema.addField("base_PixelFlags_flag_" + name, type="Flag", doc=plane + " within three pixels")
    for name in _CENTER_FLAGS:
        schema.addField(f"base_PixelFlags_flag_{name}Center", type="Flag",
                        doc=_PIXEL_FLAGS[name] + " within a pixel")
    schema.addField("base_PixelFlags_flag", type="Flag", doc="The flags are bad; never set")
    schema.addField("base_PixelFlags_flag_offimage", type="Flag", doc="Off the image; never set")
    schema.getAliasMap().set("slot_Centroid", "base_SdssCentroid")
    schema.getAliasMap().set("slot_PsfFlux", "base_PsfFlux")
    return schema


def detect(exposure: ExposureF, schema: afwTable.Schema,
           idFactory: Callable[[], int]) -> afwTable.SourceCatalog:
    """Detect point sources of both signs.

    Parameters
    ----------
    exposure : `lsst.afw.image.ExposureF`
        Difference image.
    schema : `lsst.afw.table.Schema`
        What `makeDiaSourceSchema` returns.
    idFactory : callable
        Makes the ids.

    Returns
    -------
    catalog : `lsst.afw.table.SourceCatalog`
        The sources.
    """
    psf = exposure.getPsf()
    center = geom.Box2D(exposure.getBBox()).getCenter()
    snr, flux, fluxErr = _matchedFilter(exposure, psf.computeKernelImage(center).array)
    y, x = _peaks(np.abs(snr))
    dx, dy = _refine(np.abs(snr), x, y)
    catalog = makeCatalog(schema, len(x), afwTable.SourceCatalog)
    if not len(x):
        return catalog
    error = np.sqrt(2)*psf.computeShape(center).getDeterminantRadius()/np.abs(snr[y, x])
    catalog["id"] = [idFactory() for _ in x]
    catalog["base_SdssCentroid_x"], catalog["base_SdssCentroid_y"] = x + dx, y + dy
    catalog["base_SdssCentroid_xErr"] = catalog["base_SdssCentroid_yErr"] = error.astype(np.float32)
    catalog["base_PsfFlux_instFlux"], catalog["base_PsfFlux_instFluxErr"] = flux[y, x], fluxErr[y, x]
    ra, dec = exposure.getWcs().pixelToSkyArray(x + dx, y + dy)
    catalog["coord_ra"], catalog["coord_dec"] = ra, dec
    _setFlags(catalog, exposure.mask, x, y)
    return catalog


def _matchedFilter(exposure: ExposureF, phi: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return maps of signal-to-noise, flux and its error for a PSF image."""
    variance = exposure.variance.array.astype(float)
    good = np.isfinite(exposure.image.array) & np.isfinite(variance) & (variance > 0)
    weight = np.where(good, 1/np.where(good, variance, 1), 0)
    data = np.where(good, exposure.image.array, 0)*weight
    flipped = phi[::-1, ::-1]
    signal = fftconvolve(data, flipped, mode="same")
    # Where there is no data the transform leaves rounding errors of either sign.
    information = np.maximum(fftconvolve(weight, flipped**2, mode="same"), 1e-12*weight.max())
    return signal/np.sqrt(information), signal/information, 1/np.sqrt(information)


def _peaks(significance: np.ndarray) -> tuple[np.ndarray, ...]:
    """Return y and x of the local maxima, away from the outermost pixels."""
    isPeak = (significance == maximum_filter(significance, 7)) & (significance > THRESHOLD)
    isPeak[[0, -1]] = isPeak[:, [0, -1]] = False
    return np.nonzero(isPeak)


def _refine(significance: np.ndarray, x: np.ndarray, y: np.ndarray) -> list[np.ndarray]:
    """Return the offset of each maximum from its pixel, by a parabola."""
    offsets = []
    for step in ((0, 1), (1, 0)):
        before, at, after = (significance[y + k*step[0], x + k*step[1]] for k in (-1, 0, 1))
        offsets.append(np.clip(0.5*(before - after)/(before - 2*at + after), -0.5, 0.5))
    return offsets


def _setFlags(catalog: afwTable.SourceCatalog, mask: Mask, x: np.ndarray, y: np.ndarray) -> None:
    """Set the pixel flags from the mask about a source: seven by seven pixels, or three by three."""
    for name, plane in _PIXEL_FLAGS.items():
        isSet = (mask.array & mask.getPlaneBitMask(plane)) != 0
        catalog["base_PixelFlags_flag_" + name] = maximum_filter(isSet, 7)[y, x]
        if name in _CENTER_FLAGS:
            catalog[f"base_PixelFlags_flag_{name}Center"] = maximum_filter(isSet, 3)[y, x]
