# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Columns that tell which data ID each record of a catalog belongs to."""

from __future__ import annotations

__all__ = ["addDataIdFields", "readDataId", "repeatDataIds"]

from collections.abc import Sequence

import lsst.afw.table as afwTable

from ..catalogColumns import makeCatalog, repeatRecord

#: What descriptions of the columns begin with; the columns are known by it.
_DOC = "Data ID of the exposure: "


def addDataIdFields(schema: afwTable.Schema, dataIds: Sequence[dict]) -> dict[str, afwTable.Key]:
    """Add a field for each key of the data IDs.

    Parameters
    ----------
    schema : `lsst.afw.table.Schema`
        Schema to add to.
    dataIds : `list` [`dict`]
        All data IDs that will be stored; of the same keys. Strings get a
        field that holds the longest.

    Returns
    -------
    keys : `dict` [`str`, `lsst.afw.table.Key`]
        Keys of the fields.
    """
    keys = {}
    for name in sorted(dataIds[0]):
        values = [dataId[name] for dataId in dataIds]
        doc = _DOC + name
        if all(isinstance(value, str) for value in values):
            size = max(1, max(len(value) for value in values))
            keys[name] = schema.addField(name, type="String", size=size, doc=doc)
        else:
            keys[name] = schema.addField(name, type="L", doc=doc)
    return keys


def readDataId(record: afwTable.BaseRecord) -> dict:
    """Return the data ID of a record.

    Parameters
    ----------
    record : `lsst.afw.table.BaseRecord`
        Record of a catalog that has the columns.

    Returns
    -------
    dataId : `dict`
        Data ID of its exposure.
    """
    return {item.field.getName(): record.get(item.key) for item in record.schema
            if item.field.getDoc().startswith(_DOC)}


def repeatDataIds(schema: afwTable.Schema, keys: dict[str, afwTable.Key], dataIds: Sequence[dict],
                  counts: Sequence[int]) -> afwTable.SourceCatalog:
    """Make a catalog with nothing but the data IDs filled in.

    Parameters
    ----------
    schema : `lsst.afw.table.Schema`
        Schema of the catalog.
    keys : `dict` [`str`, `lsst.afw.table.Key`]
        What `addDataIdFields` returned.
    dataIds : `list` [`dict`]
        Data IDs.
    counts : `list` [`int`]
        Number of records of each data ID.

    Returns
    -------
    catalog : `lsst.afw.table.SourceCatalog`
        Contiguous in memory.
    """
    catalog = afwTable.SourceCatalog(schema)
    catalog.reserve(int(sum(counts)))
    template = makeCatalog(schema, 1, afwTable.SourceCatalog)[0]
    for dataId, count in zip(dataIds, counts):
        for name, key in keys.items():
            template.set(key, dataId[name])
        repeatRecord(catalog, template, count)
    return catalog.copy(deep=True)
