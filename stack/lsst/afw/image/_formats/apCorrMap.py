# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Aperture corrections in archives: a row for each, with the archive ID of its field."""

from lsst.afw.math import BoundedField
from lsst.afw.table import Schema
from lsst.afw.table.io import registerArchiveFormat

from .._apCorrMap import ApCorrMap


def _isPersistable(apCorrMap):
    return all(field.isPersistable() for field in apCorrMap.values())


def _write(apCorrMap, handle):
    schema = Schema()
    nameKey = schema.addField("name", type="String", size=ApCorrMap.MAX_NAME_LENGTH,
                              doc="name of the aperture correction")
    fieldKey = schema.addField("field", type="I", doc="archive ID of the BoundedField object")
    catalog = handle.makeCatalog(schema)
    for name, field in apCorrMap.items():
        record = catalog.addNew()
        record.set(nameKey, name)
        record.set(fieldKey, handle.put(field))
    handle.saveCatalog(catalog)


def _read(archive, catalogs):
    result = ApCorrMap()
    for record in catalogs[0]:
        result.set(record.get("name"), archive.get(record.get("field"), BoundedField))
    return result


registerArchiveFormat(ApCorrMap, "ApCorrMap", "lsst.afw.image", _read, _write, _isPersistable)
