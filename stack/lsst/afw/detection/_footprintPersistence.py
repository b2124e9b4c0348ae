# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Footprints in archives."""

__all__ = ["readFootprint", "writeFootprint"]

import functools

from lsst.afw.geom import SpanSet
from lsst.afw.geom._spanSetPersistence import spanSetFromCatalog
from lsst.afw.table import Schema, SchemaMapper
from lsst.afw.table.io import MalformedArchiveError, registerFactory

from ._footprint import Footprint
from ._peak import PeakCatalog, PeakTable


@functools.cache
def _spanSetIdSchema():
    schema = Schema()
    schema.addField("id", type="I", doc="id of the SpanSet catalog")
    return schema


def writeFootprint(footprint, handle):
    """Save spans and peaks of a `Footprint` in an archive."""
    spans = handle.makeCatalog(_spanSetIdSchema())
    spans.resize(1)
    spans["id"] = handle.put(footprint.getSpans())
    handle.saveCatalog(spans)
    peaks = footprint.getPeaks()
    catalog = handle.makeCatalog(peaks.getSchema())
    catalog.extend(peaks, deep=True)
    handle.saveCatalog(catalog)


def readFootprint(archive, catalogs):
    """Restore a `Footprint` from the catalogs of its spans and peaks."""
    spans, peaks = catalogs
    if not PeakTable.checkSchema(peaks.schema) and not {"x", "y", "value"} <= set(peaks.schema.getNames()):
        raise MalformedArchiveError(f"The peaks of a Footprint have the fields {peaks.schema.getNames()}")
    return Footprint._fromParts(_readSpans(archive, spans), lambda: _readPeaks(peaks))


def _readSpans(archive, catalog):
    if "y" in catalog.getSchema():
        # versions before v13 kept the spans themselves
        return spanSetFromCatalog(catalog)
    if len(catalog) != 1:
        raise MalformedArchiveError(f"A Footprint needs one SpanSet, not {len(catalog)}")
    spans = archive.get(int(catalog["id"][0]), SpanSet)
    if spans is None:
        raise MalformedArchiveError("A Footprint has no SpanSet")
    return spans


def _readPeaks(catalog):
    schema = catalog.getSchema()
    if PeakTable.checkSchema(schema):
        peaks = PeakCatalog(PeakTable.make(schema))
        peaks.extend(catalog, deep=True)
        return peaks
    return _readOldPeaks(catalog, schema)


def _readOldPeaks(catalog, schema):
    """Return peaks of versions that kept only position and value."""
    mapper = SchemaMapper(schema)
    mapper.addMinimalSchema(PeakTable.makeMinimalSchema())
    peaks = PeakCatalog(PeakTable.make(mapper.getOutputSchema()))
    for old in catalog:
        new = peaks.addNew()
        x, y = old["x"], old["y"]
        new.setFx(x)
        new.setFy(y)
        new.setIx(int(x))
        new.setIy(int(y))
        new.setPeakValue(old["value"])
    return peaks


registerFactory("Footprint", readFootprint)
