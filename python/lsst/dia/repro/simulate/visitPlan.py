# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""The visits of a simulated survey."""

from __future__ import annotations

__all__ = ["Sensor", "Visit", "planVisits"]

from typing import NamedTuple

import numpy as np

from ..units import ARCSEC_PER_DEGREE

#: Of a pixel, counts squared.
_SKY_VARIANCE = {"g": 150.0, "r": 250.0, "i": 350.0}


class Visit(NamedTuple):
    """What one visit is like."""

    number: int
    """Number of the visit."""
    mjd: float
    """Middle of the exposure, MJD (TAI)."""
    band: str
    """Filter."""
    ra: float
    """Boresight, degrees."""
    dec: float
    """Boresight, degrees."""
    rotation: float
    """Position angle of the camera, degrees."""
    psfSigma: float
    """Width of the PSF, pixels."""
    skyVariance: float
    """Variance of a pixel, counts squared."""
    nanojanskyPerCount: float
    """Calibration."""


class Sensor(NamedTuple):
    """Where a sensor is in the focal plane of LsstSim."""

    raft: str
    """Raft, such as "2,2"."""
    sensor: str
    """Sensor, such as "1,1"."""
    x: int
    """Column in the field, sensors from its centre."""
    y: int
    """Row in the field, sensors from its centre."""

    def exposureId(self, visit: int) -> int:
        """Return the ccdExposureId that LsstSimMapper gives this sensor."""
        rx, ry = (int(digit) for digit in self.raft.split(","))
        sx, sy = (int(digit) for digit in self.sensor.split(",")[:2])
        return (visit << 9) + (rx*5 + ry)*10 + sx*3 + sy


def planVisits(rng: np.random.Generator, ra: float, dec: float, number: int,
               mjd: tuple[float, float]) -> list[Visit]:
    """Plan dithered and rotated visits in g, r and i.

    Parameters
    ----------
    rng : `numpy.random.Generator`
        Source of all randomness.
    ra, dec : `float`
        Centre of the field, degrees.
    number : `int`
        Number of visits.
    mjd : `tuple` [`float`, `float`]
        First and last day.

    Returns
    -------
    visits : `list` [`Visit`]
        The visits in order of time.
    """
    visits = []
    for i, time in enumerate(np.linspace(mjd[0], mjd[1], number)):
        band = "gri"[i % 3]
        dra, ddec = rng.uniform(-10, 10, 2)/ARCSEC_PER_DEGREE
        visits.append(Visit(
            number=1000 + i, mjd=float(time + rng.uniform(0, 0.1)), band=band,
            ra=float((ra + dra/np.cos(np.radians(dec))) % 360), dec=float(dec + ddec),
            rotation=float(rng.uniform(-5, 5)), psfSigma=float(rng.uniform(1.4, 2.2)),
            skyVariance=float(_SKY_VARIANCE[band]*rng.uniform(0.8, 1.25)),
            nanojanskyPerCount=float(rng.uniform(0.8, 1.25))))
    return visits
