# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Footprints, light and heavy, in archives."""

import functools

from lsst.afw.geom import SpanSet
from lsst.afw.geom._formats.spanSet import spanSetFromCatalog
from lsst.afw.table import Schema, SchemaMapper
from lsst.afw.table.io import MalformedArchiveError, registerArchiveFormat

from .._footprint import Footprint
from .._heavyFootprint import HeavyFootprintD, HeavyFootprintF, HeavyFootprintI, HeavyFootprintU
from .._peak import PeakCatalog, PeakTable

_PLANES = ("image", "mask", "variance")


@functools.cache
def _spanSetIdSchema():
    schema = Schema()
    schema.addField("id", type="I", doc="id of the SpanSet catalog")
    return schema


def _write(footprint, handle):
    """Save spans and peaks of a `Footprint` in an archive."""
    spans = handle.makeCatalog(_spanSetIdSchema())
    spans.resize(1)
    spans["id"] = handle.put(footprint.getSpans())
    handle.saveCatalog(spans)
    peaks = footprint.getPeaks()
    catalog = handle.makeCatalog(peaks.getSchema())
    catalog.extend(peaks, deep=True)
    handle.saveCatalog(catalog)


def _read(archive, catalogs):
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


def _writeHeavy(footprint, handle):
    _write(footprint, handle)
    catalog = handle.makeCatalog(_heavySchema(footprint._suffix))
    catalog.resize(1)
    for name, values in zip(_PLANES, footprint._values, strict=True):
        catalog[0][name] = values
    handle.saveCatalog(catalog)


def _readHeavy(cls, archive, catalogs):
    spans, peaks, pixels = catalogs
    result = cls(_read(archive, [spans, peaks]))
    for name, values in zip(_PLANES, result._values, strict=True):
        # masks had 16 bits before v12
        values[:] = pixels[0][name]
    return result


@functools.cache
def _heavySchema(suffix):
    schema = Schema()
    schema.addField(
        "image", type="Array" + suffix, doc="image pixels for HeavyFootprint", units="count", size=0
    )
    schema.addField("mask", type="ArrayI", doc="mask pixels for HeavyFootprint", size=0)
    schema.addField(
        "variance", type="ArrayF", doc="variance pixels for HeavyFootprint", units="count^2", size=0
    )
    return schema


registerArchiveFormat(Footprint, "Footprint", "lsst.afw.detection", _read, _write)
for _cls in (HeavyFootprintD, HeavyFootprintF, HeavyFootprintI, HeavyFootprintU):
    registerArchiveFormat(_cls, _cls.__name__, "lsst.afw.detection", functools.partial(_readHeavy, _cls),
                          _writeHeavy)
