# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Tables of exposures: what is known of each image of a set."""

__all__ = ["ExposureRecord", "ExposureTable", "ExposureCatalog", "ExposureColumnView"]

import numpy as np

import lsst.geom
import lsst.pex.exceptions as pexExceptions

from ._baseColumnView import BaseColumnView
from ._baseRecord import BaseRecord
from ._baseTable import BaseTable
from ._catalog import Catalog, CatalogBase, tie
from ._catalogSearch import SortedCatalogSearch
from ._formatRegistry import tableFormats
from ._objectColumn import ObjectColumn
from ._pointKeys import Box2IKey
from ._schema import Schema

COMPONENTS = {
    "wcs": "Wcs", "psf": "Psf", "photoCalib": "PhotoCalib", "apCorrMap": "ApCorrMap",
    "validPolygon": "ValidPolygon", "visitInfo": "VisitInfo", "transmissionCurve": "TransmissionCurve",
    "detector": "Detector",
}


def _makeMinimal():
    schema = Schema()
    idKey = schema.addField("id", "L", "unique ID")
    return schema, idKey, Box2IKey.addFields(schema, "bbox", "bounding box", "pixel")


_MINIMAL, _ID_KEY, _BBOX_KEY = _makeMinimal()


class ExposureRecord(BaseRecord):
    """An exposure: ID, bounding box and components such as the PSF."""

    __slots__ = ()

    def getId(self):
        """Return the ID."""
        return _ID_KEY.get(self)

    def setId(self, id):
        """Set the ID."""
        _ID_KEY.set(self, id)

    def getBBox(self):
        """Return the bounding box (`lsst.geom.Box2I`)."""
        return _BBOX_KEY.get(self)

    def setBBox(self, bbox):
        """Set the bounding box."""
        _BBOX_KEY.set(self, bbox)

    def contains(self, position, *args, **kwargs):
        """Is a position on the exposure?

        Called as ``contains(coord, includeValidPolygon=False)`` or
        ``contains(point, wcs, includeValidPolygon=False)``.

        Parameters
        ----------
        position : `lsst.geom.SpherePoint` or `lsst.geom.Point2D`
            Position on the sky, or pixel position of ``wcs``.
        wcs : `lsst.afw.geom.SkyWcs`
            World coordinate system of a pixel position.
        includeValidPolygon : `bool`, optional
            Must it be in the valid polygon, if there is one?

        Raises
        ------
        lsst.pex.exceptions.LogicError
            Raised if the exposure has no WCS.
        """
        coord, includeValidPolygon = _skyPosition(position, args, kwargs)
        wcs = self.getWcs()
        if wcs is None:
            raise pexExceptions.LogicError("ExposureRecord does not have a Wcs; cannot call contains()")
        polygon = self.getValidPolygon() if includeValidPolygon else None
        try:
            point = wcs.skyToPixel(coord)
            inBox = lsst.geom.Box2D(self.getBBox()).contains(point)
            return inBox and (polygon is None or polygon.contains(point))
        except pexExceptions.DomainError:
            return False


def _skyPosition(position, args, kwargs):
    """Sort out the arguments of `ExposureRecord.contains`."""
    args = list(args)
    if not isinstance(position, lsst.geom.SpherePoint):
        wcs = kwargs.pop("wcs") if "wcs" in kwargs else args.pop(0)
        position = wcs.pixelToSky(position)
    include = kwargs.pop("includeValidPolygon", args.pop(0) if args else False)
    if args or kwargs:
        raise TypeError(f"Unexpected arguments {args} {kwargs}")
    return position, include


def _addComponent(name, label):
    def get(self):
        return self._table._components[name].get(self._row)

    def set(self, value):
        self._table._components[name].set(self._row, value)

    get.__name__, set.__name__ = "get" + label, "set" + label
    get.__doc__, set.__doc__ = f"Return the {name}, or None.", f"Set the {name}."
    setattr(ExposureRecord, get.__name__, get)
    setattr(ExposureRecord, set.__name__, set)


for _name, _label in COMPONENTS.items():
    _addComponent(_name, _label)


class ExposureTable(BaseTable):
    """A table of exposures.

    Parameters
    ----------
    schema : `Schema`
        Schema, which must have the fields of `makeMinimalSchema`.
    """

    def __init__(self, schema):
        if not self.checkSchema(schema):
            raise pexExceptions.InvalidParameterError(
                "Schema for Exposure must contain at least the keys defined by makeMinimalSchema().")
        super().__init__(schema)

    def _setup(self):
        super()._setup()
        self._components = {name: ObjectColumn() for name in COMPONENTS}

    @staticmethod
    def makeMinimalSchema():
        """Return a schema with the fields that every exposure table has."""
        schema = Schema(_MINIMAL)
        schema.disconnectAliases()
        return schema

    @staticmethod
    def checkSchema(schema):
        """Does a schema begin with the fields of the minimal schema?"""
        return bool(schema.contains(_MINIMAL))

    @staticmethod
    def getIdKey():
        """Return the key of the ID."""
        return _ID_KEY

    @staticmethod
    def getBBoxKey():
        """Return the key of the bounding box."""
        return _BBOX_KEY

    @staticmethod
    def getBBoxMinKey():
        """Return the key of the minimum corner of the bounding box."""
        return _BBOX_KEY.getMin()

    @staticmethod
    def getBBoxMaxKey():
        """Return the key of the maximum corner of the bounding box."""
        return _BBOX_KEY.getMax()

    def _copyExtras(self, destination, other, rows):
        if isinstance(other, ExposureTable):
            for name, column in self._components.items():
                column.copyRows(destination, other._components[name], rows)


class ExposureColumnView(BaseColumnView):
    """The columns of an `ExposureCatalog`."""


class ExposureCatalog(SortedCatalogSearch, CatalogBase):
    """A catalog of exposures."""

    def subsetContaining(self, position, *args, **kwargs):
        """Return the exposures that a position is on; see `ExposureRecord.contains`."""
        coord, includeValidPolygon = _skyPosition(position, args, kwargs)
        mask = [record.contains(coord, includeValidPolygon) for record in self]
        return self.subset(np.array(mask, dtype=bool))

    def writeToArchive(self, handle, permissive=False):
        """Save the catalog as part of another object.

        Parameters
        ----------
        handle : `lsst.afw.table.io.OutputArchiveHandle`
            Where to save it.
        permissive : `bool`, optional
            Leave out components that cannot be saved instead of raising.
        """
        tableFormats.of(type(self.table)).writeToArchive(self, handle, permissive)

    @classmethod
    def readFromArchive(cls, archive, catalog):
        """Restore a catalog that was saved with `writeToArchive`.

        Parameters
        ----------
        archive : `lsst.afw.table.io.InputArchive`
            The archive.
        catalog : `BaseCatalog`
            The catalog as saved.

        Returns
        -------
        result : `ExposureCatalog`
            The catalog; components are restored when they are asked for.
        """
        return tableFormats.of(cls.Table).readFromArchive(cls, archive, catalog)


tie(ExposureRecord, ExposureTable, ExposureCatalog, ExposureColumnView)
Catalog.register("Exposure", ExposureCatalog)
