# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""How tables of sources are stored: footprints in an archive, of old versions in columns."""

import numpy as np

from lsst.afw.fits import FitsError
from lsst.daf.base import PropertyList

from .._catalog import BaseCatalog
from .._field import Field
from .._formatRegistry import archiveFormats
from .._schema import Schema
from .._slots import undefineMissingSlots
from .._source import SOURCE_IO_NO_FOOTPRINTS, SOURCE_IO_NO_HEAVY_FOOTPRINTS, SourceTable
from ._outputArchive import OutputArchive
from ._tableFormat import TableFormat, registerTableFormat

_OLD_COLUMNS = ("SPANCOL", "PEAKCOL", "HVYPIXCO", "HVYMSKCO", "HVYVARCO")


class SourceFormat(TableFormat):
    """How `SourceTable` is stored."""

    def __init__(self):
        super().__init__(SourceTable, "Source")

    def usesArchive(self, flags):
        """Do records hold objects of an archive: are footprints wanted?"""
        return not flags & SOURCE_IO_NO_FOOTPRINTS

    def mendSchema(self, schema, where):
        """Remove the slots whose measurement is not there."""
        undefineMissingSlots(schema, where)

    def customize(self, tableSchema, raw, flags, archive):
        """Take the column with archive IDs of footprints out of the schema.

        The columns in which version 0 kept footprints stay in the schema, as in v23.
        """
        old = [tableSchema.columnOf(key) for key in _OLD_COLUMNS]
        field = tableSchema.find("footprint")
        if field is not None:
            tableSchema.fields.remove(field)
        if flags & SOURCE_IO_NO_FOOTPRINTS:
            return None
        noHeavy = bool(flags & SOURCE_IO_NO_HEAVY_FOOTPRINTS)
        if archive is not None:
            return None if field is None else _archiveLoader(raw, field.column, archive, noHeavy)
        return _oldLoader(raw, old, noHeavy)

    def extras(self, catalog, flags):
        """Return the column with archive IDs of footprints, and the archive."""
        extras = super().extras(catalog, flags)
        if flags & SOURCE_IO_NO_FOOTPRINTS:
            return extras
        extras.archive = OutputArchive()
        ids = _putFootprints(catalog, extras.archive, flags & SOURCE_IO_NO_HEAVY_FOOTPRINTS)
        extras.metadata = PropertyList() if extras.metadata is None else extras.metadata.deepCopy()
        extras.metadata.set(
            "AR_HDU", 3, "HDU (1-indexed) containing the archive index for non-record data (e.g. Footprints)")
        extras.fields.append((Field["I"]._make("footprint", "archive ID for Footprint", ""), ids))
        return extras


# Writing

def _putFootprints(catalog, archive, noHeavy):
    """Put the footprints of all records into an archive; return the array of their numbers."""
    ids = np.zeros(len(catalog), np.int32)
    light = {}
    for table, positions, rows in catalog._rowList.segments():
        footprints = table._footprints
        if not footprints._objects and not footprints._lazy:
            continue
        if isinstance(positions, slice):
            positions = range(positions.start, positions.stop)
        if isinstance(rows, slice):
            rows = range(rows.start, rows.stop)
        for i, row in zip(positions, rows):
            footprint = footprints.get(int(row))
            if footprint is not None and noHeavy and footprint.isHeavy():
                footprint = light.setdefault(id(footprint), footprint._withoutPixels())
            ids[i] = archive.put(footprint)
    return ids


# Reading

def _archiveLoader(raw, column, archive, noHeavy):
    """Return what attaches the footprints of an archive."""
    if column >= len(raw.layout.columns) or raw.layout.columns[column].dtype != np.dtype(">i4"):
        raise FitsError("the column 'footprint' is not of the format 1J")
    ids = raw.view(raw.layout.columns[column]).astype(np.int32)

    def load(i):
        footprint = archive.get(int(ids[i]))
        isTooHeavy = noHeavy and footprint is not None and footprint.isHeavy()
        return footprint._withoutPixels() if isTooHeavy else footprint

    return lambda table: table._footprints.setLoader(load, len(ids))


def _cells(raw, number):
    if not 0 <= number < len(raw.layout.columns) or not raw.layout.columns[number].descriptor:
        raise FitsError(f"footprint column {number + 1} is not of variable length")
    column = raw.layout.columns[number]
    cells = raw.cells(column)
    return lambda i: raw.cellValues(column, cells[i])


def _oldLoader(raw, old, noHeavy):
    """Return what attaches the footprints of version 0, kept as arrays of spans, peaks and pixels."""
    span, peak, *heavy = old
    if noHeavy:
        heavy = [-1, -1, -1]
    if (span >= 0) != (peak >= 0):
        raise FitsError("Corrupted catalog: either both or none of the Footprint Span/Peak columns must be "
                        "present.")
    if span < 0:
        return None
    if len({number >= 0 for number in heavy}) > 1:
        raise FitsError(
            "Corrupted catalog: either all or none of the HeavyFootprint columns must be present.")
    spans, peaks = _cells(raw, span), _cells(raw, peak)
    pixels = [_cells(raw, number) for number in heavy] if heavy[0] >= 0 else None

    def load(i):
        return _oldFootprint(spans(i), peaks(i), pixels and [values(i) for values in pixels], i)

    return lambda table: table._footprints.setLoader(load, len(raw.rows))


def _oldFootprint(spans, peaks, pixels, row):
    """Make a footprint of what version 0 kept in columns, as archives keep it since."""
    for values, what in ((spans, "span"), (peaks, "peak")):
        if len(values) % 3:
            raise FitsError(f"Number of {what} elements ({len(values)}) must divisible by 3 (row {row})")
    catalogs = [_toCatalog("I", ("y", "x0", "x1"), spans.reshape(-1, 3)),
                _toCatalog("F", ("x", "y", "value"), peaks.reshape(-1, 3))]
    footprint = archiveFormats.find("Footprint", "lsst.afw.detection").read(None, catalogs)
    if pixels is None or not len(pixels[0]):
        return footprint
    area, sizes = footprint.getArea(), [len(values) for values in pixels]
    if sizes != [area] * 3:
        raise FitsError("Number of HeavyFootprint elements (pix {}, mask {}, var {}) must all be equal to "
                        "footprint area ({})".format(*sizes, area))
    return archiveFormats.find("HeavyFootprintF", "lsst.afw.detection").read(
        None, [*catalogs, _toRecord(pixels)])


def _toCatalog(kind, names, rows):
    """Make a catalog with fields of one type from an array of its rows."""
    schema = Schema()
    keys = [schema.addField(name, type=kind) for name in names]
    catalog = BaseCatalog(schema)
    catalog.resize(len(rows))
    for key, values in zip(keys, rows.T):
        catalog[key] = values
    return catalog


def _toRecord(pixels):
    """Make a catalog of one record with the pixels of image, mask and variance."""
    schema = Schema()
    keys = [schema.addField(name, type=kind, size=0)
            for name, kind in (("image", "ArrayF"), ("mask", "ArrayI"), ("variance", "ArrayF"))]
    catalog = BaseCatalog(schema)
    record = catalog.addNew()
    for key, values in zip(keys, pixels):
        record.set(key, values)
    return catalog


registerTableFormat("SOURCE", SourceFormat())
