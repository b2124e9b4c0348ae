# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Flux by an unweighted least-squares fit of the PSF at a known position."""

import logging

import numpy as np

from ._control import Control, ControlField
from ._rows import Failure, setRows
from ._stamps import Stamps, computePsfStamps, computeRoughPsfStamps, orderForStamps
from .algorithm import SimpleAlgorithm
from .exceptions import FatalAlgorithmError, MeasurementError, PixelValueError
from .flagHandler import FlagDefinitionList, FlagHandler
from .fluxUtilities import FluxResultKey
from .inputUtilities import SafeCentroidExtractor

__all__ = ["PsfFluxAlgorithm", "PsfFluxControl"]

_flags = FlagDefinitionList()

_PRECISION = 1e-4  # of fluxes, as a fraction of their errors, at worst


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
        rows = rows[orderForStamps(exposure, *positions[rows].T)]
        fits = _Fits(len(measCat))
        stamps = Stamps(exposure, self._ctrl.badMaskPlanes)
        for chunk in computeRoughPsfStamps(psf, positions, rows):
            fits.addRough(chunk, stamps)
        for chunk in computePsfStamps(psf, positions, rows[~fits.tried[rows]]):
            if isinstance(chunk, Failure):
                failures.append(chunk)
            else:
                fits.add(chunk, stamps)
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
    """The results of all sources, filled in by `add` a chunk at a time."""

    def __init__(self, n):
        self.tried = np.zeros(n, dtype=bool)
        self.clipped = np.zeros(n, dtype=bool)
        self.npixels = np.zeros(n, dtype=np.int32)
        self.flux, self.error, self.area, self.chi2 = np.full((4, n), np.nan)

    def add(self, chunk, stamps):
        """Fit the PSF images of a chunk (`PsfStamps`) to the pixels under them."""
        rows, model = chunk.rows, chunk.images
        data, variance, used, clipped = stamps.cut(chunk.xy0, model.shape[1:])
        self.tried[rows] = True
        self.clipped[rows] = clipped
        if used is None:
            self.npixels[rows] = model[0].size
        else:
            self.npixels[rows] = used.sum(axis=(1, 2))
            model = np.where(used, model, 0.0)
        with np.errstate(all="ignore"):
            self._fit(rows, *(array.reshape(len(rows), -1) for array in (model, data, variance)))

    def addRough(self, chunk, stamps):
        """Fit PSF images of single precision (`RoughPsfStamps`) where that will do.

        Where it will not, at bright sources and where pixels are missing, the fit is left to `add`.
        """
        rows, model = chunk.rows, chunk.images
        data, variance, used = stamps.cutPlanes(chunk.xy0, model.shape[1:])
        whole = slice(None) if used is None else used.all(axis=(1, 2))
        rows = rows[whole]
        with np.errstate(all="ignore"):
            model, data, variance = (
                array[whole].reshape(len(rows), -1) for array in (model, data, variance)
            )
            alpha = np.einsum("ij,ij->i", model, model)
            lost = chunk.lost * np.sqrt(np.einsum("ij,ij->i", data, data) / alpha)
            self._fit(rows, model, data, variance)
            good = (lost <= _PRECISION * self.error[rows]) & np.isfinite(self.chi2[rows])
        self.tried[rows[good]] = True
        self.npixels[rows[good]] = model.shape[1]

    def _fit(self, rows, model, data, variance):
        alpha = np.einsum("ij,ij->i", model, model)
        self.area[rows] = model.sum(axis=1) / alpha
        flux = np.einsum("ij,ij->i", model, data) / alpha
        self.flux[rows] = flux
        residual = model * -flux[:, np.newaxis]
        residual += data
        residual *= residual
        residual /= variance
        self.chi2[rows] = residual.sum(axis=1)
        square = np.multiply(model, model, out=residual)
        self.error[rows] = np.sqrt(np.einsum("ij,ij->i", square, variance)) / alpha
