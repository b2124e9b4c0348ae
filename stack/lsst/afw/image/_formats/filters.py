# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Filters in archives, by name: those of today, and those of before v22."""

from lsst.afw.table.io import registerArchiveFormat
from lsst.afw.table.io._archiveRecord import Field, writeRecord
from lsst.pex.exceptions import LogicError

from .._filter import Filter
from .._filterLabel import FilterLabel


def _writeLabel(label, handle):
    fields = []
    for name, value, doc in (("band", label._band, "Name of the band."),
                             ("physical", label._physical, "Name of the physical filter.")):
        fields.append(Field(f"{name}_exists", "Flag", value is not None, f"Existence flag for {name}"))
        fields.append(Field(name, "String", value or "", doc, size=32))
    writeRecord(handle, *fields)


def _readLabel(archive, catalogs):
    record = catalogs[0][0]
    band, physical = (record.get(name) if record.get(f"{name}_exists") else None
                      for name in ("band", "physical"))
    if band is None and physical is None:
        raise LogicError("FilterLabel must have at least one label.")
    return FilterLabel(band, physical)


def _writeFilter(filter, handle):
    writeRecord(handle, Field("name", "String", filter.getName(), "name of the filter", size=0))


def _readFilter(archive, catalogs):
    return Filter._named(catalogs[0][0].get("name"), True)


registerArchiveFormat(FilterLabel, "FilterLabel", "lsst.afw.image", _readLabel, _writeLabel)
registerArchiveFormat(Filter, "Filter", "lsst.afw.image", _readFilter, _writeFilter)
