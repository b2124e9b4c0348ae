# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Tables whose records have an ID and a sky position."""

__all__ = ["SimpleRecord", "SimpleTable", "SimpleCatalog"]

import lsst.pex.exceptions as pexExceptions

from ._baseColumnView import SimpleColumnView
from ._baseRecord import BaseRecord
from ._baseTable import BaseTable
from ._catalog import Catalog, CatalogBase, tie
from ._catalogSearch import SortedCatalogSearch
from ._idFactory import IdFactory
from ._pointKeys import CoordKey
from ._schema import Schema


def _makeMinimal():
    schema = Schema()
    idKey = schema.addField("id", "L", "unique ID")
    return schema, idKey, CoordKey.addFields(schema, "coord", "position in ra/dec")


_DEFAULT = object()
_MINIMAL, _ID_KEY, _COORD_KEY = _makeMinimal()


class SimpleRecord(BaseRecord):
    """A record with an ID and a sky position."""

    __slots__ = ()

    def getId(self):
        """Return the ID."""
        return _ID_KEY.get(self)

    def setId(self, id):
        """Set the ID."""
        _ID_KEY.set(self, id)

    def getCoord(self):
        """Return the sky position (`lsst.geom.SpherePoint`)."""
        return _COORD_KEY.get(self)

    def setCoord(self, coord):
        """Set the sky position."""
        _COORD_KEY.set(self, coord)

    def getRa(self):
        """Return the right ascension."""
        return _COORD_KEY.getRa().get(self)

    def setRa(self, ra):
        """Set the right ascension."""
        _COORD_KEY.getRa().set(self, ra)

    def getDec(self):
        """Return the declination."""
        return _COORD_KEY.getDec().get(self)

    def setDec(self, dec):
        """Set the declination."""
        _COORD_KEY.getDec().set(self, dec)


class SimpleTable(BaseTable):
    """A table whose records have an ID and a sky position.

    Parameters
    ----------
    schema : `Schema`
        Schema, which must have the fields of `makeMinimalSchema`.
    idFactory : `IdFactory` or `None`, optional
        Source of the IDs of new records, by default one of 1, 2, 3...; with None they are 0.

    Raises
    ------
    lsst.pex.exceptions.InvalidParameterError
        Raised if the schema does not have them.
    """

    _kind = "Simple"
    _minimal = _MINIMAL
    _minimalName = "makeMinimalSchema"

    def __init__(self, schema, idFactory=_DEFAULT):
        if not self.checkSchema(schema):
            raise pexExceptions.InvalidParameterError(
                f"Schema for {self._kind} must contain at least the keys defined by {self._minimalName}().")
        self._idFactory = IdFactory.makeSimple() if idFactory is _DEFAULT else idFactory
        super().__init__(schema)

    @classmethod
    def make(cls, schema, idFactory=_DEFAULT):
        """Return a new table.

        Parameters
        ----------
        schema : `Schema`
            Schema of its records.
        idFactory : `IdFactory` or `None`, optional
            Source of the IDs of new records, by default one of 1, 2, 3...; with None they are 0.
        """
        return cls(schema, idFactory)

    @classmethod
    def makeMinimalSchema(cls):
        """Return a schema with the fields that every table of this class has."""
        schema = Schema(cls._minimal)
        schema.disconnectAliases()
        return schema

    @classmethod
    def checkSchema(cls, schema):
        """Does a schema begin with the fields of the minimal schema?"""
        return bool(schema.contains(cls._minimal))

    @staticmethod
    def getIdKey():
        """Return the key of the ID."""
        return _ID_KEY

    @staticmethod
    def getCoordKey():
        """Return the key of the sky position (`CoordKey`)."""
        return _COORD_KEY

    def getIdFactory(self):
        """Return the source of IDs, or None."""
        return self._idFactory

    def setIdFactory(self, idFactory):
        """Set the source of the IDs of new records."""
        self._idFactory = idFactory

    def _copyTo(self, other):
        other._idFactory = None if self._idFactory is None else self._idFactory.clone()

    def _newRows(self, n):
        first = super()._newRows(n)
        if self._idFactory is not None and n:
            try:
                self._columnOf(_ID_KEY)[first:first + n] = self._idFactory._take(n) if n > 1 else \
                    self._idFactory()
            except Exception:
                self._columns.truncate(first)
                raise
        return first

    def _setSource(self, source, n):
        super()._setSource(source, n)
        if self._idFactory is not None:
            self._idFactory._take(n)


class SimpleCatalog(SortedCatalogSearch, CatalogBase):
    """A catalog of records with an ID and a sky position."""


tie(SimpleRecord, SimpleTable, SimpleCatalog, SimpleColumnView)
Catalog.register("Simple", SimpleCatalog)
