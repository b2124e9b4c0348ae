# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""DIAObjects, DIASources and forced fluxes as the tables of the alert production database have them."""

from __future__ import annotations

__all__ = ["makeForcedTable", "makeObjectTable", "makeSourceTable"]

from typing import Any

import numpy as np
import pandas as pd
from astropy.time import Time
from lsst.afw.table import SourceCatalog

from ..bands import BANDS
from ..fluxStatistics import FLUX_STATISTICS
from ..rubinNames import ANGLES, EXPOSURE_COLUMNS, findRubinNames
from .objectSums import toProperties
from .processedExposure import ProcessedExposure

#: Numbers that the database wants, whatever else there is.
SOURCE_DEFAULTS = {"psfNdata": 0, "trailNdata": 0, "dipoleNdata": 0, "bboxSize": 0}

#: Columns of sources that are taken from catalogs, beside those of flags.
SOURCE_COLUMNS = ("diaSourceId", "ra", "dec", "raErr", "decErr", "x", "y", "xErr", "yErr", "centroid_flag",
                  "psfFlux_flag", "psfFlux_flag_edge", "psfFlux_flag_noGoodPixels")

#: Other names of afw for columns of sources.
OTHER_NAMES = {"psfNdata": "base_PsfFlux_npixels", "psfChi2": "base_PsfFlux_chi2",
               "isNegative": "flags_negative", "parentDiaSourceId": "parent"}


def makeObjectTable(ids: np.ndarray, sums: np.ndarray) -> pd.DataFrame:
    """Make rows of ``DiaObject``.

    Parameters
    ----------
    ids : `numpy.ndarray`, (N,)
        Ids of the DIAObjects, int64.
    sums : `numpy.ndarray`, (N,)
        Their sums, of type `objectSums.SUMS`.

    Returns
    -------
    table : `pandas.DataFrame`
        The rows; angles in degrees, fluxes in nJy.
    """
    properties = toProperties(sums)
    columns = {"diaObjectId": ids}
    for name in ANGLES:
        columns[name] = np.degrees(properties["coord_" + name])
    columns["ra_dec_Cov"] = np.degrees(np.degrees(properties["coord_ra_dec_Cov"]))
    for name in ("firstDiaSourceMjdTai", "lastDiaSourceMjdTai", "nDiaSources"):
        columns[name] = properties[name]
    for name in (f"{band}_psf{statistic.name}" for band in BANDS for statistic in FLUX_STATISTICS):
        columns[name] = properties[name]
    return pd.DataFrame(columns)


def makeSourceTable(catalog: SourceCatalog, objectIds: np.ndarray, fluxField: str,
                    exposure: ProcessedExposure, known: set[str]) -> pd.DataFrame:
    """Make rows of ``DiaSource``.

    Parameters
    ----------
    catalog : `lsst.afw.table.SourceCatalog`, (N,)
        DIASources of one exposure, as `DiaSourceLoaderTask` makes them with
        ``doCalibrate``.
    objectIds : `numpy.ndarray`, (N,)
        Their DIAObjects.
    fluxField : `str`
        Prefix of the flux.
    exposure : `ProcessedExposure`
        The exposure.
    known : `set` [`str`]
        Columns that the database has.

    Returns
    -------
    table : `pandas.DataFrame`
        The rows; angles in degrees, fluxes in nJy.
    """
    columns: dict[str, Any] = dict(SOURCE_DEFAULTS)
    wanted = [name for name in known if name in SOURCE_COLUMNS or name.startswith("pixelFlags")]
    names = findRubinNames(wanted, catalog.schema.getNames())
    names.update({name: other for name, other in OTHER_NAMES.items() if other in catalog.schema})
    for name, afwName in names.items():
        values = np.asarray(catalog[afwName])
        columns[name] = np.degrees(values) if name in ANGLES else values
    for name in ("x", "y"):
        # The database wants a number, and a catalog of old may have none.
        columns[name] = np.nan_to_num(columns.get(name, np.zeros(len(catalog))))
    if fluxField + "_flux" in catalog.schema:
        flux, fluxErr = (np.asarray(catalog[fluxField + end]) for end in ("_flux", "_fluxErr"))
        with np.errstate(invalid="ignore", divide="ignore"):
            columns.update(psfFlux=flux, psfFluxErr=fluxErr, snr=np.abs(flux/fluxErr))
    columns.update(diaObjectId=objectIds, timeProcessedMjdTai=Time.now().tai.mjd, **_about(exposure))
    return pd.DataFrame(columns, index=np.arange(len(catalog)))


def makeForcedTable(forced: SourceCatalog, fluxField: str, exposure: ProcessedExposure) -> pd.DataFrame:
    """Make rows of ``DiaForcedSource``.

    Parameters
    ----------
    forced : `lsst.afw.table.SourceCatalog`, (N,)
        Forced measurements on one exposure.
    fluxField : `str`
        Prefix of the flux, nJy.
    exposure : `ProcessedExposure`
        The exposure.

    Returns
    -------
    table : `pandas.DataFrame`
        The rows; a flux that was not measured is NaN.
    """
    columns = {"diaForcedSourceId": np.asarray(forced["id"]),
               "diaObjectId": np.asarray(forced["diaObjectId"]),
               "ra": np.degrees(forced["coord_ra"]), "dec": np.degrees(forced["coord_dec"]),
               "psfFlux": np.asarray(forced[fluxField + "_flux"]),
               "psfFluxErr": np.asarray(forced[fluxField + "_fluxErr"]),
               "scienceFlux": np.nan, "scienceFluxErr": np.nan,
               "timeProcessedMjdTai": Time.now().tai.mjd, **_about(exposure)}
    return pd.DataFrame(columns, index=np.arange(len(forced)))


def _about(exposure: ProcessedExposure) -> dict[str, Any]:
    """Return what rows tell of their exposure."""
    return {name: getattr(exposure, name) for name in EXPOSURE_COLUMNS}
