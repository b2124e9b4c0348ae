# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Summary statistics of an exposure."""

import dataclasses
import math
import warnings

from lsst.afw.typehandling import Storable

__all__ = ["ExposureSummaryStats"]

_NAMES_BEFORE = {"dec": "decl"}
"""What v23 called fields of newer stacks."""


def _unknownCorners():
    return [math.nan] * 4


@dataclasses.dataclass
class ExposureSummaryStats(Storable):
    """Statistics of an exposure; NaN where unknown."""

    version: int = 0
    """Version of this set of fields."""

    psfSigma: float = math.nan
    """Determinant radius of the PSF, in pixels."""

    psfArea: float = math.nan
    """Effective area of the PSF, in pixels squared."""

    psfIxx: float = math.nan
    """Second moment xx of the PSF, in pixels squared."""

    psfIyy: float = math.nan
    """Second moment yy of the PSF, in pixels squared."""

    psfIxy: float = math.nan
    """Second moment xy of the PSF, in pixels squared."""

    ra: float = math.nan
    """Right ascension of the center, in degrees."""

    decl: float = math.nan
    """Declination of the center, in degrees."""

    zenithDistance: float = math.nan
    """Zenith distance of the center, in degrees."""

    zeroPoint: float = math.nan
    """Mean zero point, in magnitudes."""

    skyBg: float = math.nan
    """Mean sky background, in ADU."""

    skyNoise: float = math.nan
    """Mean noise of the sky, in ADU."""

    meanVar: float = math.nan
    """Mean of the variance plane, in ADU squared."""

    raCorners: list = dataclasses.field(default_factory=_unknownCorners)
    """Right ascensions of the corners, in degrees."""

    decCorners: list = dataclasses.field(default_factory=_unknownCorners)
    """Declinations of the corners, in degrees."""

    astromOffsetMean: float = math.nan
    """Mean offset of the astrometric matches."""

    astromOffsetStd: float = math.nan
    """Standard deviation of the offsets of the astrometric matches."""

    nPsfStar: int = 0
    """Number of stars of the PSF model."""

    psfStarDeltaE1Median: float = math.nan
    """Median residual of e1 of the PSF stars."""

    psfStarDeltaE2Median: float = math.nan
    """Median residual of e2 of the PSF stars."""

    psfStarDeltaE1Scatter: float = math.nan
    """Scatter (MAD) of the residuals of e1 of the PSF stars."""

    psfStarDeltaE2Scatter: float = math.nan
    """Scatter (MAD) of the residuals of e2 of the PSF stars."""

    psfStarDeltaSizeMedian: float = math.nan
    """Median residual of the size of the PSF stars, in pixels."""

    psfStarDeltaSizeScatter: float = math.nan
    """Scatter (MAD) of the residuals of the size of the PSF stars, in pixels."""

    psfStarScaledDeltaSizeScatter: float = math.nan
    """Scatter of the residuals of the size divided by the size squared."""

    @classmethod
    def model_validate(cls, fields):
        """Make an object of the fields in a file; the Gen3 butler looks for a method of this name.

        Parameters
        ----------
        fields : `dict` [`str`, `object`]
            Values by name.

        Warns
        -----
        FutureWarning
            Names the fields of a newer stack, which are dropped.
        """
        fields = {_NAMES_BEFORE.get(name, name): value for name, value in fields.items()}
        known = {field.name for field in dataclasses.fields(cls)}
        unknown = sorted(set(fields) - known)
        if unknown:
            warnings.warn(f"Could not read summary fields {unknown}. Please use a newer stack.",
                          FutureWarning, stacklevel=2)
        return cls(**{name: value for name, value in fields.items() if name in known})
