# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Footprints of source records: kept, read from archives and old columns when asked for, written."""

__all__ = ["SOURCE_IO_NO_FOOTPRINTS", "SOURCE_IO_NO_HEAVY_FOOTPRINTS", "customizeSource", "footprintExtras"]

import numpy as np

from lsst.afw.fits import FitsError
from lsst.daf.base import PropertyList

from ._field import Field

SOURCE_IO_NO_FOOTPRINTS = 0x1
"""Flag for reading and writing: leave footprints out."""

SOURCE_IO_NO_HEAVY_FOOTPRINTS = 0x2
"""Flag for reading and writing: make footprints out of heavy footprints."""

_OLD_COLUMNS = ("SPANCOL", "PEAKCOL", "HVYPIXCO", "HVYMSKCO", "HVYVARCO")


# Writing

def _light(footprint):
    """Return a footprint without pixels of a heavy one."""
    from lsst.afw.detection import Footprint

    return Footprint(footprint)


def footprintExtras(extras, catalog, flags):
    """Add what is needed to write footprints to what a table writes.

    Parameters
    ----------
    extras : `FitsExtras`
        What the table writes already.
    catalog : `SourceCatalog`
        The catalog.
    flags : `int`
        SOURCE_IO_NO_FOOTPRINTS and SOURCE_IO_NO_HEAVY_FOOTPRINTS.
    """
    if flags & SOURCE_IO_NO_FOOTPRINTS:
        return extras
    from .io import OutputArchive

    archive = OutputArchive()
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
            if footprint is not None and flags & SOURCE_IO_NO_HEAVY_FOOTPRINTS and footprint.isHeavy():
                footprint = light.setdefault(id(footprint), _light(footprint))
            ids[i] = archive.put(footprint)
    metadata = PropertyList() if extras.metadata is None else extras.metadata.deepCopy()
    metadata.set("AR_HDU", 3,
                 "HDU (1-indexed) containing the archive index for non-record data (e.g. Footprints)")
    extras.metadata = metadata
    extras.fields.append((Field["I"]._make("footprint", "archive ID for Footprint", ""), ids))
    extras.archive = archive
    return extras


# Reading

def customizeSource(tableSchema, raw, flags, archive):
    """Take the column with archive IDs of footprints out of the schema of a source table that is read.

    The columns in which version 0 kept footprints stay in the schema, as in v23.

    Returns
    -------
    attach : callable or `None`
        Function that lets a new table find its footprints.
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


def _archiveLoader(raw, column, archive, noHeavy):
    """Return what attaches the footprints of an archive."""
    if column >= len(raw.layout.columns) or raw.layout.columns[column].dtype != np.dtype(">i4"):
        raise FitsError("the column 'footprint' is not of the format 1J")
    ids = raw.view(raw.layout.columns[column]).astype(np.int32)

    def load(i):
        footprint = archive.get(int(ids[i]))
        return _light(footprint) if noHeavy and footprint is not None and footprint.isHeavy() else footprint

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
        footprint = _oldFootprint(spans(i), peaks(i), i)
        return footprint if pixels is None else _oldHeavy(footprint, [values(i) for values in pixels])

    return lambda table: table._footprints.setLoader(load, len(raw.rows))


def _oldFootprint(spans, peaks, row):
    from lsst.afw.detection import Footprint
    from lsst.afw.geom import Span, SpanSet

    for values, what in ((spans, "span"), (peaks, "peak")):
        if len(values) % 3:
            raise FitsError(f"Number of {what} elements ({len(values)}) must divisible by 3 (row {row})")
    footprint = Footprint(SpanSet([Span(int(y), int(x0), int(x1)) for y, x0, x1 in spans.reshape(-1, 3)]))
    for x, y, value in peaks.reshape(-1, 3):
        footprint.addPeak(float(x), float(y), float(value))
    return footprint


def _oldHeavy(footprint, pixels):
    from lsst.afw.detection import HeavyFootprintF

    image, mask, variance = pixels
    if not len(image):
        return footprint
    area = footprint.getArea()
    if not len(image) == len(mask) == len(variance) == area:
        raise FitsError(f"Number of HeavyFootprint elements (pix {len(image)}, mask {len(mask)}, var "
                        f"{len(variance)}) must all be equal to footprint area ({area})")
    heavy = HeavyFootprintF(footprint)
    heavy.getImageArray()[:] = image
    heavy.getMaskArray()[:] = mask
    heavy.getVarianceArray()[:] = variance
    return heavy
