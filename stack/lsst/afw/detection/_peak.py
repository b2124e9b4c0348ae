# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Peaks of footprints."""

__all__ = ["PeakCatalog", "PeakColumnView", "PeakRecord", "PeakTable"]

import weakref

import lsst.pex.exceptions
from lsst.afw.table import BaseColumnView, BaseRecord, BaseTable, Catalog, CatalogBase, IdFactory, Schema
from lsst.afw.table._catalog import tie
from lsst.geom import Point2D, Point2I

_MINIMAL = Schema()
_ID_KEY = _MINIMAL.addField("id", type="L", doc="unique ID")
_FX_KEY = _MINIMAL.addField("f_x", type="F", doc="subpixel column position", units="pixel")
_FY_KEY = _MINIMAL.addField("f_y", type="F", doc="subpixel row position", units="pixel")
_IX_KEY = _MINIMAL.addField("i_x", type="I", doc="column position of highest pixel", units="pixel")
_IY_KEY = _MINIMAL.addField("i_y", type="I", doc="row position of highest pixel", units="pixel")
_VALUE_KEY = _MINIMAL.addField(
    "peakValue", type="F", doc="value of [smoothed] image at peak position", units="count"
)


class PeakRecord(BaseRecord):
    """A peak: the highest pixel, a position within it and the value there."""

    __slots__ = ()

    def getId(self):
        """Return the ID (`int`)."""
        return _ID_KEY.get(self)

    def setId(self, id):
        """Set the ID."""
        _ID_KEY.set(self, id)

    def getIx(self):
        """Return the column of the highest pixel (`int`)."""
        return _IX_KEY.get(self)

    def setIx(self, ix):
        """Set the column of the highest pixel."""
        _IX_KEY.set(self, ix)

    def getIy(self):
        """Return the row of the highest pixel (`int`)."""
        return _IY_KEY.get(self)

    def setIy(self, iy):
        """Set the row of the highest pixel."""
        _IY_KEY.set(self, iy)

    def getI(self):
        """Return the highest pixel (`lsst.geom.Point2I`)."""
        return Point2I(self.getIx(), self.getIy())

    def getFx(self):
        """Return x of the position within the pixel (`float`)."""
        return _FX_KEY.get(self)

    def setFx(self, fx):
        """Set x of the position within the pixel."""
        _FX_KEY.set(self, fx)

    def getFy(self):
        """Return y of the position within the pixel (`float`)."""
        return _FY_KEY.get(self)

    def setFy(self, fy):
        """Set y of the position within the pixel."""
        _FY_KEY.set(self, fy)

    def getF(self):
        """Return the position within the pixel (`lsst.geom.Point2D`)."""
        return Point2D(self.getFx(), self.getFy())

    def getCentroid(self, asInt=False):
        """Return the position within the pixel, or the highest pixel.

        Parameters
        ----------
        asInt : `bool`, optional
            Whether to return the pixel (`lsst.geom.Point2I`) and not the position (`lsst.geom.Point2D`).
        """
        return self.getI() if asInt else self.getF()

    def getPeakValue(self):
        """Return the value of the peak (`float`)."""
        return _VALUE_KEY.get(self)

    def setPeakValue(self, peakValue):
        """Set the value of the peak."""
        _VALUE_KEY.set(self, peakValue)

    def __str__(self):
        return (
            f"{self.getId()}: ({self.getIx()},{self.getIy()})  ({self.getFx():.3f},{self.getFy():.3f})"
        )

    __repr__ = __str__


class PeakTable(BaseTable):
    """A table of peaks; use `make` to get one.

    Parameters
    ----------
    schema : `lsst.afw.table.Schema`
        Schema, which must have the fields of `makeMinimalSchema`.

    Raises
    ------
    lsst.pex.exceptions.InvalidParameterError
        Raised if the schema does not have them.
    """

    # Tables by their fields, as long as somebody uses them: footprints share them.
    _cache = weakref.WeakValueDictionary()

    def __init__(self, schema):
        if not self.checkSchema(schema):
            raise lsst.pex.exceptions.InvalidParameterError(
                "Schema for Peak must contain at least the keys defined by makeMinimalSchema()."
            )
        self._idFactory = IdFactory.makeSimple()
        super().__init__(schema)

    @classmethod
    def make(cls, schema, forceNew=False):
        """Return a table for a schema, an existing one if possible.

        Parameters
        ----------
        schema : `lsst.afw.table.Schema`
            Schema of the records.
        forceNew : `bool`, optional
            Whether to make a new table in any case.
        """
        if forceNew:
            return cls(schema)
        key = _describe(schema)
        table = cls._cache.get(key)
        if table is None:
            table = cls._cache[key] = cls(schema)
        return table

    @staticmethod
    def makeMinimalSchema():
        """Return a schema with the fields that every peak has."""
        schema = Schema(_MINIMAL)
        schema.disconnectAliases()
        return schema

    @staticmethod
    def checkSchema(schema):
        """Return whether a schema begins with the fields of the minimal schema (`bool`)."""
        return bool(schema.contains(_MINIMAL))

    def getIdFactory(self):
        """Return the source of IDs of new records, or `None`."""
        return self._idFactory

    def setIdFactory(self, factory):
        """Set the source of IDs of new records."""
        self._idFactory = factory

    @staticmethod
    def getIdKey():
        """Return the key of the ID."""
        return _ID_KEY

    @staticmethod
    def getIxKey():
        """Return the key of the column of the highest pixel."""
        return _IX_KEY

    @staticmethod
    def getIyKey():
        """Return the key of the row of the highest pixel."""
        return _IY_KEY

    @staticmethod
    def getFxKey():
        """Return the key of x of the position."""
        return _FX_KEY

    @staticmethod
    def getFyKey():
        """Return the key of y of the position."""
        return _FY_KEY

    @staticmethod
    def getPeakValueKey():
        """Return the key of the value."""
        return _VALUE_KEY

    def _copyTo(self, other):
        other._idFactory = None if self._idFactory is None else self._idFactory.clone()

    def _newRows(self, n):
        first = super()._newRows(n)
        if self._idFactory is not None and n:
            ids = self._columnOf(_ID_KEY)[first : first + n]
            ids[:] = self._idFactory() if n == 1 else self._idFactory._take(n)
        return first


class PeakColumnView(BaseColumnView):
    """The columns of a `PeakCatalog`."""


class PeakCatalog(CatalogBase):
    """A catalog of peaks."""


def _describe(schema):
    """Return what tells schemas apart, as something hashable."""
    fields = [(item.field.getName(), item.field.getTypeString(), item.field.getDoc(), item.field.getUnits())
              for item in schema]
    aliases = tuple(sorted(schema.getAliasMap().items()))
    return tuple(fields), aliases


tie(PeakRecord, PeakTable, PeakCatalog, PeakColumnView)
Catalog.register("Peak", PeakCatalog)
