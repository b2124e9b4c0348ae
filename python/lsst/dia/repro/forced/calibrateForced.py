# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Fluxes in nJy, magnitudes, limits and aperture corrections of forced measurements."""

from __future__ import annotations

__all__ = ["CalibrateForcedConfig", "CalibrateForcedTask"]

import contextlib
from typing import Any

import lsst.geom as geom
import lsst.pex.config as pexConfig
import lsst.pex.exceptions as pexExceptions
import lsst.pipe.base as pipeBase
import numpy as np
from lsst.afw.image import ApCorrMap, ExposureF
from lsst.afw.math import BoundedField
from lsst.afw.table import Schema, SourceCatalog

from ..localCalibration import calibrateFluxes
from ..units import AB_ZERO_POINT


class CalibrateForcedConfig(pexConfig.Config):
    """Options of `CalibrateForcedTask`."""

    doCalibrationErr = pexConfig.Field(
        dtype=bool, default=False,
        doc="Let errors of fluxes include the error of the calibration itself, as PhotoCalib does? It is "
            "common to all objects on an image.",
    )
    magnitudeMinSnr = pexConfig.RangeField(
        dtype=float, default=3.0, min=0.0,
        doc="Least flux/fluxErr for which there is a magnitude.",
    )
    limitSigma = pexConfig.RangeField(
        dtype=float, default=5.0, min=0.0,
        doc="Limiting flux, as a multiple of the error of the flux.",
    )
    doApCorr = pexConfig.Field(
        dtype=bool, default=False,
        doc="Add fluxes corrected to the aperture of the photometric calibration with the image's ApCorrMap?",
    )
    apCorrModels = pexConfig.DictField(
        keytype=str, itemtype=str,
        default={"base_PsfFlux": "base_PsfFlux", "joint_PsfFlux": "base_PsfFlux"},
        doc="Fluxes to correct, and the name that each one's correction has in the ApCorrMap.",
    )


class CalibrateForcedTask(pipeBase.Task):
    """Calibrate the instrumental fluxes of a forced catalog.

    Every ``<name>_instFlux`` with an error gets ``<name>_flux``, ``_fluxErr``,
    ``_mag``, ``_magErr`` and ``_limitFlux``, base_LocalBackground excepted.

    Parameters
    ----------
    schema : `lsst.afw.table.Schema`
        Schema with base_LocalPhotoCalib and instrumental fluxes; gets the
        fields.
    **kwargs
        Arguments of `lsst.pipe.base.Task`.
    """

    ConfigClass = CalibrateForcedConfig
    _DefaultName = "calibration"

    def __init__(self, schema: Schema, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        names = schema.getNames()
        self.names = [name[:-len("_instFlux")] for name in sorted(names)
                      if name.endswith("_instFlux") and name + "Err" in names
                      and not name.startswith("base_LocalBackground")]
        self.corrected: list[str] = []
        if self.config.doApCorr:
            self.corrected = [name for name in self.names if name in self.config.apCorrModels]
        self._addFields(schema)

    def _addFields(self, schema: Schema) -> None:
        config = self.config
        withError = "with" if config.doCalibrationErr else "without"
        for name in self.names:
            schema.addField(name + "_flux", type="D", units="nJy", doc=name + "_instFlux in nJy")
            schema.addField(name + "_fluxErr", type="D", units="nJy",
                            doc=f"{name}_instFluxErr in nJy, {withError} the calibration's own error")
            schema.addField(name + "_mag", type="D", units="mag",
                            doc=f"AB magnitude, where flux/fluxErr is at least {config.magnitudeMinSnr}")
            schema.addField(name + "_magErr", type="D", units="mag", doc=f"Error of {name}_mag")
            schema.addField(name + "_limitFlux", type="D", units="nJy",
                            doc=f"{config.limitSigma} times {name}_fluxErr")
        for name in self.corrected:
            schema.addField(name + "_apCorrFlux", type="D", units="nJy",
                            doc=name + "_flux, aperture-corrected")
            schema.addField(name + "_apCorrFluxErr", type="D", units="nJy",
                            doc=f"Error of {name}_apCorrFlux, without that of the correction")

    def run(self, catalog: SourceCatalog, exposure: ExposureF) -> None:
        """Calibrate the fluxes.

        Parameters
        ----------
        catalog : `lsst.afw.table.SourceCatalog`
            Measurements, contiguous; the fields are filled in.
        exposure : `lsst.afw.image.Exposure`
            The image; its ApCorrMap is used.
        """
        scale, scaleErr = catalog["base_LocalPhotoCalib"], catalog["base_LocalPhotoCalibErr"]
        for name in self.names:
            flux, fluxErr = calibrateFluxes(catalog, name, scale)
            if self.config.doCalibrationErr:
                fluxErr = np.hypot(fluxErr, catalog[name + "_instFlux"]*scaleErr)
            catalog[name + "_flux"], catalog[name + "_fluxErr"] = flux, fluxErr
            catalog[name + "_mag"], catalog[name + "_magErr"] = self.toMagnitudes(flux, fluxErr)
            catalog[name + "_limitFlux"] = self.config.limitSigma*fluxErr
        models = [self.config.apCorrModels[name] for name in self.corrected]
        corrections = {model: self._evaluateApCorr(catalog, exposure.getInfo().getApCorrMap(), model)
                       for model in sorted(set(models))}
        for name, model in zip(self.corrected, models):
            for kind in ("Flux", "FluxErr"):
                catalog[f"{name}_apCorr{kind}"] = catalog[f"{name}_f{kind[1:]}"]*corrections[model]

    def toMagnitudes(self, flux: np.ndarray, fluxErr: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Turn fluxes into magnitudes where that makes sense.

        Parameters
        ----------
        flux, fluxErr : `numpy.ndarray`, (n,)
            Fluxes and their errors, nJy.

        Returns
        -------
        magnitude, magnitudeErr : `numpy.ndarray`, (n,)
            AB magnitudes and their errors; NaN where the flux is not positive
            or not significant.
        """
        magnitude, magnitudeErr = np.full((2, len(flux)), np.nan)
        with np.errstate(invalid="ignore"):
            isBright = (flux > 0.0) & (fluxErr > 0.0) & (flux >= self.config.magnitudeMinSnr*fluxErr)
        magnitude[isBright] = AB_ZERO_POINT - 2.5*np.log10(flux[isBright])
        magnitudeErr[isBright] = 2.5/np.log(10.0)*fluxErr[isBright]/flux[isBright]
        return magnitude, magnitudeErr

    def _evaluateApCorr(self, catalog: SourceCatalog, apCorrMap: ApCorrMap | None, model: str) -> np.ndarray:
        """Return the factors of a correction; NaN where there are none.

        As in `lsst.meas.base.ApplyApCorrTask`, the map must have the error of
        the correction too, which is not used, and a factor must be positive.
        """
        wanted = (model + "_instFlux", model + "_instFluxErr")
        missing = [key for key in wanted if apCorrMap is None or apCorrMap.get(key) is None]
        if apCorrMap is None or missing:
            self.log.warning("Cannot aperture-correct %s: the image's ApCorrMap has no %s", model,
                             " and no ".join(missing))
            return np.full(len(catalog), np.nan)
        x, y = np.array(catalog["slot_Centroid_x"]), np.array(catalog["slot_Centroid_y"])
        correction = _evaluate(apCorrMap.get(wanted[0]), x, y)
        correction[~(correction > 0.0)] = np.nan
        return correction


def _evaluate(field: BoundedField, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return the values of a bounded field; NaN where it has none."""
    with contextlib.suppress(pexExceptions.DomainError):
        return np.array(field.evaluate(x, y), dtype=float)
    values = np.full(len(x), np.nan)
    for i in range(len(x)):
        with contextlib.suppress(pexExceptions.DomainError):
            values[i] = field.evaluate(geom.Point2D(x[i], y[i]))
    return values
