# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Fill afw catalogs a column at a time, with the public API of afw alone."""

__all__ = ["aliasesOf", "makeCatalog", "repeatRecord"]


def makeCatalog(schema, size, CatalogClass):
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


def repeatRecord(catalog, record, size):
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


def aliasesOf(schema, source):
    """Give a schema the aliases of another that still have a target.

    Parameters
    ----------
    schema : `lsst.afw.table.Schema`
        Schema to add the aliases to.
    source : `lsst.afw.table.Schema`
        Schema that has the aliases.
    """
    names = schema.getNames()
    for alias, target in source.getAliasMap().items():
        if any(name == target or name.startswith(target + "_") for name in names):
            schema.getAliasMap().set(alias, target)
