# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Photometric calibration: instrumental fluxes to nanojansky and AB magnitudes.

With the calibration c(x, y) in nJy per count and its error dc, see https://pstn-001.lsst.io:
flux = instFlux * c, fluxErr = |flux| * hypot(instFluxErr/instFlux, dc/c),
mag = -2.5 log10(flux / (10**(48.6/-2.5) * 1e32 nJy)),
magErr = 2.5/ln(10) * hypot(instFluxErr/instFlux, dc/c).
"""

import math

import numpy as np

from lsst.afw.math import BoundedField, ChebyshevBoundedField
from lsst.afw.table.io import Persistable
from lsst.geom import Box2I
from lsst.pex.exceptions import InvalidParameterError, NotFoundError

__all__ = ["Measurement", "PhotoCalib", "makePhotoCalibFromCalibZeroPoint"]

REFERENCE_FLUX = 1e23 * math.pow(10, 48.6 / -2.5) * 1e9
"""Flux of AB magnitude 0 in nJy (Oke & Gunn 1983)."""

_MAG_PER_RELATIVE_ERROR = 2.5 / math.log(10.0)


class Measurement:
    """A value and its error.

    Parameters
    ----------
    value, error : `float`
        The value and the error.
    """

    def __init__(self, value, error):
        self._value = float(value)
        self._error = float(error)

    @property
    def value(self):
        """The value (`float`)."""
        return self._value

    @property
    def error(self):
        """Its error (`float`)."""
        return self._error

    def __str__(self):
        return f"value={self.value:.19g}, error={self.error:.19g}"

    def __repr__(self):
        return f"Measurement({self})"


class PhotoCalib(Persistable):
    """A photometric calibration, constant or varying over an image; immutable.

    Parameters
    ----------
    calibrationMean : `float` or `lsst.afw.math.BoundedField`
        Mean calibration in nJy per count; or, as ``calibration``, the field of a varying one.
    calibrationErr : `float`, optional
        Error of the mean calibration.
    bbox : `lsst.geom.Box2I` or `lsst.afw.math.BoundedField`, optional
        Box where a constant calibration is valid; or, as ``calibration``, the field that goes with
        ``calibrationMean``.
    isConstant : `bool`, optional
        Is the calibration constant? Given only together with mean and field.

    Raises
    ------
    lsst.pex.exceptions.InvalidParameterError
        Raised if the mean or the error is negative.
    """

    def __init__(self, calibrationMean=0.0, calibrationErr=0.0, bbox=None, isConstant=None, *,
                 calibration=None):
        if isinstance(bbox, BoundedField):
            bbox, calibration = None, bbox
        if isinstance(calibrationMean, BoundedField):
            calibrationMean, calibration = None, calibrationMean
        if isConstant is not None:
            self._init(calibrationMean, calibrationErr, calibration, bool(isConstant))
        elif calibration is not None:
            self._init(calibration.mean(), calibrationErr, calibration, False)
        else:
            bbox = Box2I() if bbox is None else bbox
            field = ChebyshevBoundedField(bbox, np.array([[float(calibrationMean)]]))
            self._init(calibrationMean, calibrationErr, field, True)

    def _init(self, mean, error, field, isConstant):
        for name, value in (("Calibration mean", mean), ("Calibration error", error)):
            if value < 0:
                raise InvalidParameterError(f"{name} must be positive: {value:.3g}")
        self._mean = float(mean)
        self._error = float(error)
        self._field = field
        self._isConstant = isConstant

    def getCalibrationMean(self):
        """Return the mean calibration in nJy per count."""
        return self._mean

    def getCalibrationErr(self):
        """Return the error of the mean calibration."""
        return self._error

    def getInstFluxAtZeroMagnitude(self):
        """Return the instrumental flux of AB magnitude 0 for the mean calibration."""
        return REFERENCE_FLUX / self._mean if self._mean else math.inf

    def getLocalCalibration(self, point):
        """Return the calibration at an `lsst.geom.Point2D` in nJy per count."""
        return self._evaluate(point)

    def _localCalibrationArray(self, x, y):
        """Return the calibration at arrays of positions."""
        if self._isConstant:
            return np.full(np.shape(x), self._mean)
        return self._field.evaluate(np.asarray(x, dtype=float), np.asarray(y, dtype=float))

    def _evaluate(self, point):
        if self._isConstant or point is None:
            return self._mean
        return self._field.evaluate(point)

    def _catalogCalibration(self, catalog):
        if not len(catalog):
            return np.zeros(0)
        # Without that slot this fails, as in the original, even where the calibration is the same everywhere.
        slot = catalog.getCentroidSlot().getMeasKey()
        return self._localCalibrationArray(catalog[slot.getX()], catalog[slot.getY()])

    def instFluxToNanojansky(self, *args, **kwargs):
        """Convert instrumental fluxes to nJy.

        The arguments are one of

        - ``instFlux, point`` or ``instFlux`` (mean calibration): returns a `float`;
        - ``instFlux, instFluxErr, point`` or ``instFlux, instFluxErr``: returns a `Measurement`;
        - ``sourceRecord, instFluxField``: returns a `Measurement` at the record's centroid from the fields
          ``{instFluxField}_instFlux`` and ``{instFluxField}_instFluxErr``;
        - ``sourceCatalog, instFluxField``: returns an array of shape (n, 2) with fluxes and errors;
        - ``sourceCatalog, instFluxField, outField``: fills ``{outField}_flux`` and ``{outField}_fluxErr``.
        """
        return self._convert(_nanojansky, _nanojanskyErr, ("flux", "fluxErr"), args, kwargs)

    def instFluxToMagnitude(self, *args, **kwargs):
        """Convert instrumental fluxes to AB magnitudes.

        The arguments are those of `instFluxToNanojansky`; the last form fills ``{outField}_mag`` and
        ``{outField}_magErr``.
        """
        return self._convert(_magnitude, _magnitudeErr, ("mag", "magErr"), args, kwargs)

    def _convert(self, convert, convertErr, suffixes, args, kwargs):
        arguments = _bind(args, kwargs)
        if "catalog" in arguments:
            return self._convertCatalog(convert, convertErr, suffixes, **arguments)
        point = arguments.get("point")
        scale = self._evaluate(point)
        value = float(convert(arguments["instFlux"], scale))
        if "instFluxErr" not in arguments:
            return value
        error = convertErr(arguments["instFlux"], arguments["instFluxErr"], scale, self._error)
        return Measurement(value, error)

    def _convertCatalog(self, convert, convertErr, suffixes, catalog, instFluxField, outField=None):
        schema = catalog.getSchema()
        instFlux = catalog[_findKey(schema, instFluxField + "_instFlux")]
        instFluxErr = catalog[_findKey(schema, instFluxField + "_instFluxErr")]
        outKeys = [_findKey(schema, f"{outField}_{suffix}") for suffix in suffixes if outField is not None]
        scale = self._catalogCalibration(catalog)
        values = convert(instFlux, scale)
        errors = convertErr(instFlux, instFluxErr, scale, self._error)
        if outField is None:
            return np.stack([values, errors], axis=-1)
        for key, column in zip(outKeys, (values, errors)):
            catalog[key] = column
        return None

    def magnitudeToInstFlux(self, magnitude, point=None):
        """Convert an AB magnitude to an instrumental flux.

        Parameters
        ----------
        magnitude : `float`
            AB magnitude.
        point : `lsst.geom.Point2D`, optional
            Position; the mean calibration applies without.
        """
        return math.pow(10.0, magnitude / -2.5) * REFERENCE_FLUX / self._evaluate(point)

    def __eq__(self, other):
        if not isinstance(other, PhotoCalib):
            return NotImplemented
        return (self._mean == other._mean and self._error == other._error
                and self._field == other._field)

    __hash__ = None

    def __str__(self):
        kind = "spatially constant" if self._isConstant else (
            f"{self._field} on {self._field.getBBox().toString()}")
        return f"{kind} with mean: {self._mean:g} error: {self._error:g}"

    def __repr__(self):
        return f"PhotoCalib({self})"


def makePhotoCalibFromCalibZeroPoint(instFluxMag0, instFluxMag0Err=0.0):
    """Make a constant calibration of the instrumental flux of magnitude 0.

    Parameters
    ----------
    instFluxMag0, instFluxMag0Err : `float`
        Flux of magnitude 0 in counts, and its error.

    Returns
    -------
    photoCalib : `PhotoCalib`
        The calibration.
    """
    fluxMag0 = np.float64(instFluxMag0)
    with np.errstate(divide="ignore", invalid="ignore"):
        return PhotoCalib(REFERENCE_FLUX / fluxMag0, REFERENCE_FLUX * instFluxMag0Err / fluxMag0**2)


def _bind(args, kwargs):
    """Name the arguments of the conversion methods after their types."""
    names = ("sourceRecord", "sourceCatalog")
    source = args[0] if args else next((kwargs[name] for name in names if name in kwargs), None)
    if hasattr(source, "getSchema"):
        values = list(args) + [value for name, value in kwargs.items() if name in names and not args]
        fields = values[1:] + [kwargs[name] for name in ("instFluxField", "outField") if name in kwargs]
        if hasattr(source, "getCentroidSlot"):
            return dict(zip(("catalog", "instFluxField", "outField"), [source] + fields))
        name, = fields
        schema = source.getSchema()
        return {"instFlux": source.get(_findKey(schema, name + "_instFlux")),
                "instFluxErr": source.get(_findKey(schema, name + "_instFluxErr")),
                "point": source.getCentroid()}
    return _bindScalars(*args, **kwargs)


def _bindScalars(instFlux, instFluxErr=None, point=None):
    if hasattr(instFluxErr, "getX"):
        instFluxErr, point = None, instFluxErr
    arguments = {"instFlux": float(instFlux), "point": point}
    if instFluxErr is not None:
        arguments["instFluxErr"] = float(instFluxErr)
    return arguments


def _findKey(schema, name):
    try:
        return schema.find(name).key
    except KeyError as err:
        raise NotFoundError(f"Field or subfield with name '{name}' not found") from err


def _nanojansky(instFlux, scale):
    return instFlux * scale


def _magnitude(instFlux, scale):
    with np.errstate(divide="ignore", invalid="ignore"):
        return -2.5 * np.log10(np.asarray(instFlux) * scale / REFERENCE_FLUX)


def _relativeErr(instFlux, instFluxErr, scale, scaleErr):
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.hypot(np.divide(instFluxErr, instFlux), np.divide(scaleErr, scale))


def _nanojanskyErr(instFlux, instFluxErr, scale, scaleErr):
    return np.abs(instFlux * scale) * _relativeErr(instFlux, instFluxErr, scale, scaleErr)


def _magnitudeErr(instFlux, instFluxErr, scale, scaleErr):
    return _MAG_PER_RELATIVE_ERROR * _relativeErr(instFlux, instFluxErr, scale, scaleErr)
