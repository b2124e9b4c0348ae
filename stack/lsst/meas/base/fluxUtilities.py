# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Instrumental fluxes: their fields and values."""

import dataclasses
import math

from ._rows import setRows

__all__ = ["FluxResult", "FluxResultKey"]


@dataclasses.dataclass
class FluxResult:
    """An instrumental flux and its error (counts)."""

    instFlux: float = math.nan
    instFluxErr: float = math.nan


class _PairKey:
    """Keys of a value and of its error."""

    _names = ()
    _Result = None

    def __init__(self, value=None, error=None):
        if value is not None and error is None:
            value, error = (value[name].asKey() for name in self._names)
        self._value = value
        self._error = error

    def __eq__(self, other):
        return type(self) is type(other) and (self._value, self._error) == (other._value, other._error)

    __hash__ = None

    def isValid(self):
        """Are both fields there?"""
        return all(key is not None and key.isValid() for key in (self._value, self._error))

    def get(self, record):
        """Return value and error of a record."""
        return self._Result(record.get(self._value), record.get(self._error))

    def set(self, record, result):
        """Set value and error of a record."""
        value, error = dataclasses.astuple(result)
        record.set(self._value, value)
        record.set(self._error, error)

    def setRows(self, catalog, rows, values, errors):
        """Set values and errors of some rows of a catalog.

        Parameters
        ----------
        catalog : `lsst.afw.table.BaseCatalog`
            Catalog to write to.
        rows : `numpy.ndarray`
            Row numbers or a mask.
        values, errors : `numpy.ndarray`
            One of each a row.
        """
        setRows(catalog, self._value, rows, values)
        setRows(catalog, self._error, rows, errors)


class FluxResultKey(_PairKey):
    """Keys of an instrumental flux and its error.

    Parameters
    ----------
    instFlux : `lsst.afw.table.Key` or `lsst.afw.table.SubSchema`, optional
        Key of the flux, or where both fields are.
    instFluxErr : `lsst.afw.table.Key`, optional
        Key of the error.
    """

    _names = ("instFlux", "instFluxErr")
    _Result = FluxResult

    def __init__(self, instFlux=None, instFluxErr=None):
        super().__init__(instFlux, instFluxErr)

    @classmethod
    def addFields(cls, schema, name, doc):
        """Add the fields of a flux to a schema.

        Parameters
        ----------
        schema : `lsst.afw.table.Schema`
            Schema, changed in place.
        name, doc : `str`
            Prefix of the fields, and documentation of the flux.

        Returns
        -------
        key : `FluxResultKey`
            Keys of the new fields.
        """
        return cls(
            schema.addField(name + "_instFlux", type="D", doc=doc, units="count"),
            schema.addField(
                name + "_instFluxErr", type="D", doc="1-sigma instFlux uncertainty", units="count"
            ),
        )

    def getInstFlux(self):
        """Return the key of the flux."""
        return self._value

    def getInstFluxErr(self):
        """Return the key of the error."""
        return self._error
