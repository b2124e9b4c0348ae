# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""The weather during an exposure."""

from lsst.pex.exceptions import InvalidParameterError

__all__ = ["Weather"]


class Weather:
    """Basic weather, immutable.

    Parameters
    ----------
    airTemperature : `float` or `Weather`
        Temperature in degrees Celsius; or another `Weather` to copy.
    airPressure : `float`
        Pressure in Pascal.
    humidity : `float`
        Relative humidity in percent.

    Raises
    ------
    lsst.pex.exceptions.InvalidParameterError
        Raised if the humidity is negative.
    """

    def __init__(self, airTemperature=None, airPressure=None, humidity=None, *, weather=None):
        source = airTemperature if weather is None else weather
        if isinstance(source, Weather):
            airTemperature, airPressure, humidity = source._values()
        self._airTemperature = float(airTemperature)
        self._airPressure = float(airPressure)
        self._humidity = float(humidity)
        if self._humidity < 0:
            raise InvalidParameterError(f"Relative humidity = {self._humidity} must not be negative")

    def _values(self):
        return self._airTemperature, self._airPressure, self._humidity

    def getAirTemperature(self):
        """Return the temperature in degrees Celsius (`float`)."""
        return self._airTemperature

    def getAirPressure(self):
        """Return the pressure in Pascal (`float`)."""
        return self._airPressure

    def getHumidity(self):
        """Return the relative humidity in percent (`float`)."""
        return self._humidity

    def __eq__(self, other):
        return self._values() == other._values() if isinstance(other, Weather) else NotImplemented

    __hash__ = None

    def __str__(self):
        return "Weather({:g}, {:g}, {:g})".format(*self._values())

    __repr__ = __str__
