# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Flux by an unweighted least-squares fit of the PSF at a known position."""

import logging

import numpy as np

from ._control import Control, ControlField
from ._planes import getPlanes
from ._psfStamps import computePsfStamps, fail
from ._rows import Failure, setRows
from .algorithm import SimpleAlgorithm
from .exceptions import FatalAlgorithmError, MeasurementError, PixelValueError
from .flagHandler import FlagDefinitionList, FlagHandler
from .fluxUtilities import FluxResultKey
from .inputUtilities import SafeCentroidExtractor

__all__ = ["PsfFluxAlgorithm", "PsfFluxControl"]

_flags = FlagDefinitionList()


class PsfFluxControl(Control):
    """Settings of `PsfFluxAlgorithm`."""

    badMaskPlanes = ControlField(
        "std::vector<std::string>", [], "mask planes of the pixels that the fit leaves out"
    )


class PsfFluxAlgorithm(SimpleAlgorithm):
    """Flux by an unweighted least-squares fit of the PSF at the centroid.

    With the PSF image phi at the centroid, data d and variance v, over the pixels that are on the
    image and not masked: flux = sum(phi d)/sum(phi^2), error = sqrt(sum(phi^2 v))/sum(phi^2), area
    = sum(phi)/sum(phi^2), chi2 = sum((d - flux phi)^2/v).

    Parameters
    ----------
    ctrl : `PsfFluxControl`
        Settings.
    name : `str`
        Prefix of the fields.
    schema : `lsst.afw.table.Schema`
        Gets the fields.
    logName : `str`, optional
        Name of the log.
    """

    Control = PsfFluxControl

    FAILURE = _flags.addFailureFlag()
    NO_GOOD_PIXELS = _flags.add(
        "flag_noGoodPixels", "not enough non-rejected pixels in data to attempt the fit"
    )
    EDGE = _flags.add("flag_edge", "object was too close to the edge of the image to use the full PSF model")

    def __init__(self, ctrl, name, schema, logName=""):
        self._ctrl = ctrl
        self._logName = logName or name
        self._fluxKey = FluxResultKey.addFields(
            schema, name, "instFlux derived from linear least-squares fit of PSF model"
        )
        self._areaKey = schema.addField(name + "_area", type="F", doc="effective area of PSF", units="pixel")
        self._chi2Key = schema.addField(name + "_chi2", type="F", doc="chi2 of the fitted PSF")
        self._npixelsKey = schema.addField(
            name + "_npixels",
            type="I",
            doc="number of pixels that were included in the PSF fit",
            units="pixel",
        )
        self._centroidExtractor = SafeCentroidExtractor(schema, name)
        self._flagHandler = FlagHandler.addFields(schema, name, _flags)

    @staticmethod
    def getFlagDefinitions():
        """Return the definitions of the flags."""
        return _flags

    def measureCatalog(self, measCat, exposure):
        """Measure all sources of a catalog; see `SingleFrameAlgorithm.measureCatalog`."""
        psf = exposure.getPsf()
        if psf is None:
            logging.getLogger(self.getLogName()).error("PsfFlux: no psf attached to exposure")
            raise FatalAlgorithmError("PsfFlux algorithm requires a Psf with every exposure")
        positions, failures = self._centroidExtractor.extract(measCat, self._flagHandler)
        rows = np.flatnonzero(np.isfinite(positions).all(axis=1))
        # Neighbors follow each other, whose pixels are still in the processor's cache.
        rows = rows[np.argsort(positions[rows, 1], kind="stable")]
        planes = list(self._ctrl.badMaskPlanes)
        fits = _Fits(len(measCat), exposure, exposure.mask.getPlaneBitMask(planes) if planes else 0)
        parts = psf._computeImageParts(positions[rows])
        if parts is None:
            failures += fits.fitImages(computePsfStamps(psf, positions, rows))
        else:
            failures += fits.fitShifted(rows, *parts)
        return failures + self._store(measCat, fits)

    def _store(self, measCat, fits):
        self._flagHandler.orValues(measCat, self.FAILURE.number, fits.clipped)
        self._flagHandler.orValues(measCat, self.EDGE.number, fits.clipped)
        fitted = fits.npixels > 0
        setRows(measCat, self._areaKey, fitted, fits.area[fitted])
        setRows(measCat, self._npixelsKey, fitted, fits.npixels[fitted])
        finite = fitted & np.isfinite(fits.flux) & np.isfinite(fits.error)
        self._fluxKey.setRows(measCat, finite, fits.flux[finite], fits.error[finite])
        setRows(measCat, self._chi2Key, finite, fits.chi2[finite])
        return [
            Failure(np.flatnonzero(rows), error)
            for rows, error in (
                (
                    fits.tried & ~fitted,
                    MeasurementError(self.NO_GOOD_PIXELS.doc, self.NO_GOOD_PIXELS.number),
                ),
                (fitted & ~finite, PixelValueError("Invalid pixel value detected in image.")),
            )
            if rows.any()
        ]


class _Fits:
    """The results of all sources, which are filled in."""

    def __init__(self, n, exposure, badBits):
        self._pixels, self._xy0 = (getPlanes(exposure), badBits), np.array(exposure.getXY0())
        self.tried, self.clipped = np.zeros((2, n), dtype=bool)
        self.npixels = np.zeros(n, dtype=np.int32)
        self.flux, self.error, self.area, self.chi2 = np.full((4, n), np.nan)

    def fitImages(self, chunks):
        """Fit the PSF images of chunks (`PsfStamps`) to the pixels under them; return failures."""
        # Here, as what it imports takes long: see lsst._compiled.
        from lsst.afw.math._shiftStamps import fitImages

        failures = []
        for chunk in chunks:
            if isinstance(chunk, Failure):
                failures.append(chunk)
            else:
                self._set(chunk.rows, fitImages(*self._pixels, chunk.images, chunk.xy0 - self._xy0))
        return failures

    def fitShifted(self, rows, basis, coefficients, shifts, xy0):
        """Fit the PSF images that are made of parts (`Psf._computeImageParts`); return failures."""
        from lsst.afw.math._shiftStamps import fitShifted

        good = np.isfinite(coefficients).all(axis=1)
        starts = (xy0 - self._xy0)[good]
        self._set(rows[good], fitShifted(*self._pixels, basis, coefficients[good], shifts[good], starts))
        return [] if good.all() else [fail(rows[~good])]

    def _set(self, rows, results):
        self.tried[rows] = True
        columns = self.flux, self.error, self.area, self.chi2, self.npixels, self.clipped
        for column, values in zip(columns, results):
            column[rows] = values
