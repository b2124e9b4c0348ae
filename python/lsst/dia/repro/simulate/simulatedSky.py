# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""What changes on the simulated sky."""

from __future__ import annotations

__all__ = ["SimulatedSky"]

import numpy as np
from astropy.table import Column, Table

#: Slope of colour: flux in a band relative to r, for the transients and variables.
BAND_FACTOR = {"u": 0.4, "g": 0.8, "r": 1.0, "i": 1.1, "z": 1.0, "y": 0.9}


class SimulatedSky:
    """Variables, transients and moving objects in a square field.

    Parameters
    ----------
    rng : `numpy.random.Generator`
        Source of all randomness.
    ra, dec : `float`
        Centre of the field, degrees.
    size : `float`
        Width of the field, degrees.
    nObjects : `int`
        Number of objects: half are variables, three in ten transients, the
        rest move.
    mjd : `tuple` [`float`, `float`]
        First and last day of the survey.
    """

    def __init__(self, rng: np.random.Generator, ra: float, dec: float, size: float, nObjects: int,
                 mjd: tuple[float, float]) -> None:
        self.nObjects = nObjects
        self.kind = np.array(["variable"]*(nObjects//2) + ["transient"]*(3*nObjects//10))
        self.kind = np.append(self.kind, ["moving"]*(nObjects - len(self.kind)))
        offset = rng.uniform(-0.5*size, 0.5*size, (2, nObjects))
        self.ra = (ra + offset[0]/np.cos(np.radians(dec))) % 360
        self.dec = dec + offset[1]
        self.peak = 10**rng.uniform(3.0, 4.6, nObjects)
        self.period = 10**rng.uniform(0.0, 1.8, nObjects)
        self.start = rng.uniform(mjd[0] - 10, mjd[1] - 5, nObjects)
        self.reference = np.mean(mjd)
        moving = self.kind == "moving"
        speed, direction = rng.uniform(0.05, 0.3, nObjects), rng.uniform(0, 2*np.pi, nObjects)
        self.motion = np.where(moving, speed, 0)*np.stack([np.cos(direction), np.sin(direction)])

    def position(self, mjd: float) -> tuple[np.ndarray, np.ndarray]:
        """Return where the objects are.

        Parameters
        ----------
        mjd : `float`
            Time, MJD (TAI).

        Returns
        -------
        ra, dec : `numpy.ndarray`, (N,)
            ICRS position, degrees.
        """
        days = mjd - self.reference
        return ((self.ra + self.motion[0]*days/np.cos(np.radians(self.dec))) % 360,
                self.dec + self.motion[1]*days)

    def flux(self, mjd: float, band: str) -> np.ndarray:
        """Return how the objects differ from the template.

        Parameters
        ----------
        mjd : `float`
            Time, MJD (TAI).
        band : `str`
            Filter.

        Returns
        -------
        flux : `numpy.ndarray`, (N,)
            Difference flux, nJy: a sine for a variable, a quick rise and slow
            decline for a transient, a constant for what moves.
        """
        age = mjd - self.start
        burst = np.where(age < 0, 0.0, (1 - np.exp(-np.maximum(age, 0)/3))*np.exp(-np.maximum(age, 0)/25))
        wave = np.sin(2*np.pi*age/self.period)
        shape = np.select([self.kind == "variable", self.kind == "transient"], [wave, burst], 1.0)
        return self.peak*BAND_FACTOR.get(band, 1.0)*shape

    def toTable(self) -> Table:
        """Return the objects, a row each, with all that `position` and `flux` make of them."""
        columns = {
            "id": (np.arange(1, self.nObjects + 1), None, "Number of the object"),
            "kind": (self.kind, None, "A variable is a sine, a transient a burst; what moves is constant"),
            "ra": (self.ra, "deg", "Right ascension (ICRS) at the reference"),
            "dec": (self.dec, "deg", "Declination (ICRS) at the reference"),
            "pmRa": (self.motion[0], "deg/d", "Motion in ra, times cos(dec)"),
            "pmDec": (self.motion[1], "deg/d", "Motion in dec"),
            "peak": (self.peak, "nJy", "Amplitude of the difference flux where the band's factor is 1"),
            "start": (self.start, "d", "MJD (TAI) where a sine or burst begins"),
            "period": (self.period, "d", "Period of a sine"),
        }
        return Table([Column(values, name, unit=unit, description=description)
                      for name, (values, unit, description) in columns.items()],
                     meta={"reference": float(self.reference), "bandFactor": BAND_FACTOR})
