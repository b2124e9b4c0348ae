# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Fill afw catalogs a column at a time, with the public API of afw alone."""

from __future__ import annotations

__all__ = ["copyAliases", "fillRows", "makeCatalog", "repeatRecord"]

from typing import TypeVar

import numpy as np
from lsst.afw.table import BaseCatalog, BaseRecord, Schema

C = TypeVar("C", bound=BaseCatalog)

#: Fields without which afw has no slot; slots of fluxes need ``_instFlux``.
_SLOT_FIELDS = {"slot_Centroid": ("_x", "_y"), "slot_Shape": ("_xx", "_yy", "_xy")}


def fillRows(catalog: BaseCatalog, rows: np.ndarray, source: BaseCatalog) -> None:
    """Copy records over some of those of another catalog.

    Parameters
    ----------
    catalog : `lsst.afw.table.BaseCatalog`
        Catalog to change, contiguous.
    rows : `numpy.ndarray`, (n,)
        Whether each row is to be copied over, bool.
    source : `lsst.afw.table.BaseCatalog`
        A record for each of those rows, of the same schema.
    """
    for item in catalog.schema:
        name = item.field.getName()
        if item.key.getTypeString() == "String":
            # v23 has no columns of text.
            for row, record in zip(np.flatnonzero(rows), source):
                catalog[int(row)].set(item.key, record.get(item.key))
            continue
        values = np.array(catalog[name])
        values[rows] = source[name]
        catalog[name] = values


def makeCatalog(schema: Schema, size: int, CatalogClass: type[C]) -> C:
    """Make a catalog of empty records that is contiguous in memory.

    Parameters
    ----------
    schema : `lsst.afw.table.Schema`
        Schema of the catalog.
    size : `int`
        Number of records.
    CatalogClass : `type`
        Such as `lsst.afw.table.SourceCatalog`.

    Returns
    -------
    catalog : `lsst.afw.table.BaseCatalog`
        The catalog; columns may be assigned whole.
    """
    catalog = CatalogClass(schema)
    catalog.resize(size)
    return catalog.copy(deep=True)


def repeatRecord(catalog: BaseCatalog, record: BaseRecord, size: int) -> None:
    """Append copies of a record, doubling them so that no loop sees each one.

    Parameters
    ----------
    catalog : `lsst.afw.table.BaseCatalog`
        Catalog to extend; of the record's schema.
    record : `lsst.afw.table.BaseRecord`
        The record to repeat.
    size : `int`
        Number of copies.
    """
    if not size:
        return
    block = type(catalog)(catalog.table)
    block.append(catalog.table.copyRecord(record))
    while len(block) < size:
        block.extend(block[:min(len(block), size - len(block))], deep=True)
    catalog.extend(block, deep=True)


def copyAliases(schema: Schema, source: Schema) -> None:
    """Give a schema the aliases of another that still have a target.

    An alias that the schema has stays, and a field is not hidden by an alias
    of its name.

    Parameters
    ----------
    schema : `lsst.afw.table.Schema`
        Schema to add the aliases to.
    source : `lsst.afw.table.Schema`
        Schema that has the aliases.
    """
    names = schema.getNames()
    taken = names | {alias for alias, _ in schema.getAliasMap().items()}
    for alias, target in source.getAliasMap().items():
        if alias in taken:
            continue
        needed = _SLOT_FIELDS.get(alias, ("_instFlux",)) if alias.startswith("slot_") else ()
        if (all(target + suffix in names for suffix in needed)
                and any(name == target or name.startswith(target + "_") for name in names)):
            schema.getAliasMap().set(alias, target)
