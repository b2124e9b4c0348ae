# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Matches as one catalog with the fields of both sides."""

__all__ = ["makeMergedSchema", "copyIntoCatalog", "matchesToCatalog", "matchesFromCatalog",
           "copyAliasMapWithPrefix", "reindexCatalog"]

import os

import numpy as np

from ._catalog import BaseCatalog
from ._catalogEdit import CatalogEdit
from ._match import ReferenceMatch
from ._schema import Schema
from ._schemaMapper import SchemaMapper
from ._simple import SimpleCatalog, SimpleTable
from ._source import SourceCatalog, SourceTable


def makeMapper(sourceSchema, targetSchema, sourcePrefix=None, targetPrefix=None):
    """Make a mapper from one schema to another, with prefixes of names removed and added.

    Parameters
    ----------
    sourceSchema, targetSchema : `Schema`
        Input schema, and output schema to start from.
    sourcePrefix : `str`, optional
        Map only fields whose names begin with this, and remove it.
    targetPrefix : `str`, optional
        What to put before the names.
    """
    mapper = SchemaMapper(sourceSchema, targetSchema)
    for key, field in sourceSchema:
        name = field.getName()
        if sourcePrefix is not None:
            if not name.startswith(sourcePrefix):
                continue
            name = name[len(sourcePrefix):]
        mapper.addMapping(key, (targetPrefix or "") + name)
    return mapper


def makeMergedSchema(sourceSchema, targetSchema, sourcePrefix=None, targetPrefix=None):
    """Return the output schema of `makeMapper`."""
    return makeMapper(sourceSchema, targetSchema, sourcePrefix, targetPrefix).getOutputSchema()


def copyIntoCatalog(catalog, target, sourceSchema=None, sourcePrefix=None, targetPrefix=None):
    """Copy fields of records into the records of another catalog, which is extended as needed.

    Parameters
    ----------
    catalog : catalog or sequence of records
        Records to copy from.
    target : catalog
        Catalog to copy to.
    sourceSchema : `Schema`, optional
        Schema of the records, by default ``catalog.schema``.
    sourcePrefix, targetPrefix : `str`, optional
        See `makeMapper`.

    Raises
    ------
    RuntimeError
        Raised if the target has more records.
    """
    if sourceSchema is None:
        sourceSchema = catalog.schema
    if len(target) < len(catalog):
        target.resize(len(catalog))
    if len(catalog) != len(target):
        raise RuntimeError(f"Length mismatch: {len(catalog)} vs {len(target)}")
    mapper = makeMapper(sourceSchema, target.schema, sourcePrefix, targetPrefix)
    if not isinstance(catalog, CatalogEdit):
        records, catalog = list(catalog), None
        if records:
            catalog = records[0].Catalog(records[0].table)
            catalog.extend(records)
    if catalog is None or not len(catalog):
        return
    for record in catalog._rowList._tables:
        mapper._pairsFor(record._schema, target.table._schema)
    for source, output in mapper._map.values():
        values = catalog._stored(source)
        for table, positions, rows in target._rowList.segments():
            table._columnOf(output)[rows] = values[positions]


def matchesToCatalog(matches, matchMeta):
    """Make one catalog of matches.

    Parameters
    ----------
    matches : `list` of matches
        First is the reference, second the source.
    matchMeta : `lsst.daf.base.PropertySet`
        Metadata of the result, to which REFCAT is added.

    Returns
    -------
    catalog : `BaseCatalog`
        Fields ``ref_...``, ``src_...`` and ``distance``, with the aliases of both sides.

    Raises
    ------
    RuntimeError
        Raised if there are no matches.
    """
    if len(matches) == 0:
        raise RuntimeError("No matches provided.")
    refSchema = matches[0].first.getSchema()
    srcSchema = matches[0].second.getSchema()
    merged = makeMergedSchema(refSchema, Schema(), targetPrefix="ref_")
    merged = makeMergedSchema(srcSchema, merged, targetPrefix="src_")
    merged = copyAliasMapWithPrefix(refSchema, merged, prefix="ref_")
    merged = copyAliasMapWithPrefix(srcSchema, merged, prefix="src_")
    distanceKey = merged.addField("distance", type=np.float64, doc="Distance between ref and src")
    catalog = BaseCatalog(merged)
    copyIntoCatalog([match.first for match in matches], catalog, refSchema, targetPrefix="ref_")
    copyIntoCatalog([match.second for match in matches], catalog, srcSchema, targetPrefix="src_")
    catalog[distanceKey] = [match.distance for match in matches]
    matchMeta.add("REFCAT", _refCatName())
    catalog.getTable().setMetadata(matchMeta)
    return catalog


def _refCatName():
    folder = os.environ.get("ASTROMETRY_NET_DATA_DIR")
    return os.path.basename(folder) if folder else "NOT_SET"


def matchesFromCatalog(catalog, sourceSlotConfig=None):
    """Make matches of a catalog from `matchesToCatalog`.

    Parameters
    ----------
    catalog : `BaseCatalog`
        Fields ``ref_...``, ``src_...`` and ``distance``.
    sourceSlotConfig : `lsst.meas.base.SourceSlotConfig`, optional
        Slots to define for the sources.

    Returns
    -------
    matches : `list` of `ReferenceMatch`
        The matches.
    """
    refSchema = makeMergedSchema(catalog.schema, SimpleTable.makeMinimalSchema(), sourcePrefix="ref_")
    refCatalog = SimpleCatalog(refSchema)
    copyIntoCatalog(catalog, refCatalog, sourcePrefix="ref_")
    srcSchema = makeMergedSchema(catalog.schema, SourceTable.makeMinimalSchema(), sourcePrefix="src_")
    srcCatalog = SourceCatalog(srcSchema)
    copyIntoCatalog(catalog, srcCatalog, sourcePrefix="src_")
    if sourceSlotConfig is not None:
        sourceSlotConfig.setupSchema(srcCatalog.schema)
    distances = catalog._stored(catalog.schema.find("distance").key).tolist()
    return [ReferenceMatch(ref, src, distance)
            for ref, src, distance in zip(refCatalog, srcCatalog, distances)]


def copyAliasMapWithPrefix(inSchema, outSchema, prefix=""):
    """Add the aliases of a schema to another one, with a prefix before aliases and targets.

    Returns
    -------
    outSchema : `Schema`
        The schema that was changed.
    """
    for alias, target in inSchema.getAliasMap().items():
        outSchema.getAliasMap().set(prefix + alias, prefix + target)
    return outSchema


def reindexCatalog(catalog, indices, deep=True):
    """Return a source catalog with the records of some positions.

    Parameters
    ----------
    catalog : `SourceCatalog`
        The catalog.
    indices : `numpy.ndarray` of `int`
        Positions.
    deep : `bool`, optional
        Copy the records?
    """
    new = SourceCatalog(catalog.table.clone() if deep else catalog.table)
    indices = np.asarray(indices, dtype=np.int64)
    if len(indices) and not -len(catalog) <= indices.min() <= indices.max() < len(catalog):
        raise IndexError("An index is out of range")
    new.extend(type(catalog)._fromRows(catalog.table, catalog._rowList.take(indices)), deep=deep)
    return new
