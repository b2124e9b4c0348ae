# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""How tables of exposures are stored: a column of archive IDs for each kind of component."""

import numpy as np

from lsst.afw.fits import FitsError
from lsst.afw.fits._cards import formatCards

from .._exposure import COMPONENTS, ExposureTable
from .._field import Field
from .._schema import Schema
from .._schemaMapper import SchemaMapper
from ._outputArchive import OutputArchive
from ._tableFormat import TableFormat, registerTableFormat

_VERSION = 5
_ORDER = ("psf", "wcs", "photoCalib", "apCorrMap", "validPolygon", "visitInfo", "transmissionCurve",
          "detector")
_SINCE = {"visitInfo": 2, "transmissionCurve": 3, "detector": 4}


class ExposureTableFormat(TableFormat):
    """How `ExposureTable` is stored, as a table of its own or as part of another object."""

    def __init__(self):
        super().__init__(ExposureTable, "Exposure")

    def usesArchive(self, flags):
        """Do records hold objects of an archive? Always."""
        return True

    def customize(self, tableSchema, raw, flags, archive):
        """Take the columns with archive IDs out of the schema."""
        metadata = tableSchema.metadata
        version = metadata.getScalar("EXPTABLE_VER") if metadata.exists("EXPTABLE_VER") else 1
        columns = {}
        for name in COMPONENTS:
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

    def extras(self, catalog, flags):
        """Return the columns with archive IDs, and the archive."""
        extras = super().extras(catalog, flags)
        extras.archive = OutputArchive()
        ids = _putComponents(catalog, extras.archive)
        extras.leadingFields += [(_idField(name), ids[name]) for name in COMPONENTS]
        extras.trailer += formatCards("EXPTABLE_VER", _VERSION, "Exposure table version")
        return extras

    def writeToArchive(self, catalog, handle, permissive):
        """Save a catalog as part of another object; see `ExposureCatalog.writeToArchive`."""
        schema = Schema()
        keys = {name: schema._addField(_idField(name)) for name in COMPONENTS}
        mapper = SchemaMapper(catalog.schema, schema)
        for item in catalog.schema:
            mapper.addMapping(item.key)
        output = handle.makeCatalog(mapper.getOutputSchema())
        ids = _putComponents(catalog, handle, permissive)
        output.extend(catalog, mapper=mapper)
        for name, key in keys.items():
            output._stored(key)[:] = ids[name]
        handle.saveCatalog(output)

    def readFromArchive(self, cls, archive, catalog):
        """Restore a catalog of a class; see `ExposureCatalog.readFromArchive`."""
        schema = catalog.schema
        ids = {}
        mapper = SchemaMapper(schema)
        for item in schema:
            name = item.field.getName()
            if name in COMPONENTS or name == "calib":
                ids["photoCalib" if name == "calib" else name] = catalog._stored(item.key).copy()
            else:
                mapper.addMapping(item.key)
        mapper.editOutputSchema().setAliasMap(schema.getAliasMap())
        result = cls(mapper.getOutputSchema())
        result.extend(catalog, mapper=mapper)
        _attach(result.table, archive, ids)
        return result


def _idField(name):
    label = COMPONENTS[name].removeprefix("Valid")
    return Field["I"]._make(name, f"archive ID for {label} object", "")


def _putComponents(catalog, archive, permissive=False):
    """Put the components of all records into an archive; return arrays of their numbers by name."""
    ids = {name: np.zeros(len(catalog), np.int32) for name in COMPONENTS}
    for i, record in enumerate(catalog):
        for name in _ORDER:
            component = record._table._components[name].get(record._row)
            ids[name][i] = archive.put(component, permissive)
    return ids


def _attach(table, archive, ids):
    """Let the records of a new table find their components in an archive."""
    for name, numbers in ids.items():
        def load(i, numbers=numbers):
            return archive.get(int(numbers[i]))

        table._components[name].setLoader(load, len(numbers))


registerTableFormat("EXPOSURE", ExposureTableFormat())
