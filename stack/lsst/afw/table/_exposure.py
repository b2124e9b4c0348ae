# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Tables of exposures: what is known of each image of a set."""

__all__ = ["ExposureRecord", "ExposureTable", "ExposureCatalog", "ExposureColumnView"]

import numpy as np

import lsst.geom
import lsst.pex.exceptions as pexExceptions
from lsst.afw.fits import FitsError
from lsst.afw.fits._cards import formatCards

from ._baseColumnView import BaseColumnView
from ._baseRecord import BaseRecord
from ._baseTable import BaseTable
from ._catalog import Catalog, CatalogBase, tie
from ._catalogSearch import SortedCatalogSearch
from ._field import Field
from ._objectColumn import ObjectColumn
from ._pointKeys import Box2IKey
from ._schema import Schema
from ._schemaMapper import SchemaMapper
from .io import OutputArchive, registerFitsReader

_VERSION = 5
_COMPONENTS = {
    "wcs": "Wcs", "psf": "Psf", "photoCalib": "PhotoCalib", "apCorrMap": "ApCorrMap",
    "validPolygon": "ValidPolygon", "visitInfo": "VisitInfo", "transmissionCurve": "TransmissionCurve",
    "detector": "Detector",
}
_ORDER = ("psf", "wcs", "photoCalib", "apCorrMap", "validPolygon", "visitInfo", "transmissionCurve",
          "detector")
_SINCE = {"visitInfo": 2, "transmissionCurve": 3, "detector": 4}


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


for _name, _label in _COMPONENTS.items():
    _addComponent(_name, _label)


def _idField(name):
    label = _COMPONENTS[name].removeprefix("Valid")
    return Field["I"]._make(name, f"archive ID for {label} object", "")


def _putComponents(catalog, archive, permissive=False):
    """Put the components of all records into an archive; return arrays of their numbers by name."""
    ids = {name: np.zeros(len(catalog), np.int32) for name in _COMPONENTS}
    for i, record in enumerate(catalog):
        for name in _ORDER:
            component = record._table._components[name].get(record._row)
            ids[name][i] = archive.put(component, permissive)
    return ids


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
        self._components = {name: ObjectColumn() for name in _COMPONENTS}

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

    def _fitsExtras(self, catalog, flags):
        extras = super()._fitsExtras(catalog, flags)
        extras.archive = OutputArchive()
        ids = _putComponents(catalog, extras.archive)
        extras.leadingFields += [(_idField(name), ids[name]) for name in _COMPONENTS]
        extras.trailer += formatCards("AFW_TYPE", "EXPOSURE",
                                      "Tells lsst::afw to load this as an Exposure table.")
        extras.trailer += formatCards("EXPTABLE_VER", _VERSION, "Exposure table version")
        return extras


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
        schema = Schema()
        keys = {name: schema._addField(_idField(name)) for name in _COMPONENTS}
        mapper = SchemaMapper(self.schema, schema)
        for item in self.schema:
            mapper.addMapping(item.key)
        output = handle.makeCatalog(mapper.getOutputSchema())
        output.table.schema.getAliasMap()
        ids = _putComponents(self, handle, permissive)
        output.extend(self, mapper=mapper)
        for name, key in keys.items():
            output._stored(key)[:] = ids[name]
        handle.saveCatalog(output)

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
        schema = catalog.schema
        ids = {}
        mapper = SchemaMapper(schema)
        for item in schema:
            name = item.field.getName()
            if name in _COMPONENTS or name == "calib":
                ids["photoCalib" if name == "calib" else name] = catalog._stored(item.key).copy()
            else:
                mapper.addMapping(item.key)
        mapper.editOutputSchema().setAliasMap(schema.getAliasMap())
        result = cls(mapper.getOutputSchema())
        result.extend(catalog, mapper=mapper)
        _attach(result.table, archive, ids)
        return result


def _attach(table, archive, ids):
    """Let the records of a new table find their components in an archive."""
    for name, numbers in ids.items():
        def load(i, numbers=numbers):
            return archive.get(int(numbers[i]))

        table._components[name].setLoader(load, len(numbers))


def _customize(tableSchema, raw, flags, archive):
    """Take the columns with archive numbers out of the schema of an exposure table that is read."""
    version = tableSchema.metadata.getScalar("EXPTABLE_VER") if tableSchema.metadata.exists("EXPTABLE_VER") \
        else 1
    columns = {}
    for name in _COMPONENTS:
        if version < _SINCE.get(name, 1):
            continue
        field = tableSchema.find("calib" if name == "photoCalib" and version <= 4 else name)
        if field is None:
            continue
        tableSchema.fields.remove(field)
        if field.column >= len(raw.layout.columns) or raw.layout.columns[field.column].dtype != ">i4":
            raise FitsError(f"the column '{field.ttype}' is not of the format 1J")
        columns[name] = raw.layout.columns[field.column]
    if archive is None:
        return None
    ids = {name: raw.view(column).astype(np.int32) for name, column in columns.items()}
    return lambda table: _attach(table, archive, ids)


tie(ExposureRecord, ExposureTable, ExposureCatalog, ExposureColumnView)
Catalog.register("Exposure", ExposureCatalog)
registerFitsReader("EXPOSURE", ExposureTable, lambda flags: True, _customize)
