# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""The columns to keep of catalogs that need not all have the same."""

from __future__ import annotations

__all__ = ["CatalogFields"]

import fnmatch
from collections import Counter
from collections.abc import Collection, Iterable, Sequence

import lsst.afw.table as afwTable
from lsst.pipe.base import TaskError

from ..catalogColumns import copyAliases

#: How many names a message has.
MAX_NAMES = 8


class CatalogFields:
    """The columns to keep of catalogs that need not all have the same.

    They are those that any catalog has, so that they do not depend on which
    one is read first.

    Parameters
    ----------
    patterns : `list` [`str`]
        Columns to keep, as shell patterns.
    names : `list` [`str`]
        Columns to keep by name, also where a catalog has it as an alias.
    reserved : collection [`str`]
        Names of columns that are made here; a catalog's own of such a name is
        left out.

    Attributes
    ----------
    schema : `lsst.afw.table.Schema`
        What is kept; id, position and parent at least.
    leftOut : `dict` [`str`, `str`]
        Why a column was left out that a pattern asks for, by its name.
    matched : `set` [`str`]
        Patterns that some catalog has a column for.
    """

    def __init__(self, patterns: Sequence[str], names: Sequence[str], reserved: Collection[str]) -> None:
        self.schema = afwTable.SourceTable.makeMinimalSchema()
        self.leftOut: dict[str, str] = {}
        self.matched: set[str] = set()
        self._patterns = list(dict.fromkeys([*patterns, *names]))
        self._names = names
        self._reserved = reserved
        self._always = frozenset(self.schema.getNames())
        self._schemas: dict[tuple, afwTable.Schema] = {}
        self._counts: Counter[tuple] = Counter()
        #: What each column was found in first, but for those of all tables.
        self._origins: dict[str, str] = {}

    def add(self, schema: afwTable.Schema, place: str = "a catalog before it") -> None:
        """Add what is wanted of the columns that catalogs are expected to have.

        Parameters
        ----------
        schema : `lsst.afw.table.Schema`
            Schema of catalogs.
        place : `str`, optional
            What it is the schema of, for messages on those to come.

        Raises
        ------
        lsst.pipe.base.TaskError
            Raised, and nothing added, if a column has another type or unit
            than in a schema before.
        """
        kept = {item.field.getName(): item.field for item in schema if self._isKept(item.field)}
        for name in self._names:
            # Tables of old stacks have instFlux as an alias of flux, a name that is wanted for nJy.
            if name not in kept and name in schema and schema.find(name).field.getName() not in kept:
                kept[name] = schema.find(name).field.copyRenamed(name)
        known = self.schema.getNames()
        for name, field in kept.items():
            if name in known:
                origin = self._origins.get(name, "all tables of sources")
                _checkKind(field, self.schema.find(name).field, origin)
        for name, field in kept.items():
            if name not in known:
                self.schema.addField(field)
                self._origins[name] = place
        copyAliases(self.schema, schema)

    def addCatalog(self, schema: afwTable.Schema) -> None:
        """Add the columns of one catalog; see `add`."""
        # Catalogs by the thousand have the same few schemas, and looking at each column of each takes time.
        key = tuple((item.field.getName(), _kind(item.field)) for item in schema)
        if key not in self._schemas:
            self.add(schema)
            self._schemas[key] = schema
        self._counts[key] += 1

    def describeMissing(self, names: Iterable[str]) -> str:
        """Say which of some columns and of those kept how many catalogs lack; empty if there are none."""
        total = sum(self._counts.values())
        missing = []
        for name in dict.fromkeys([*self.schema.getOrderedNames(), *names]):
            lacks = sum(count for key, count in self._counts.items() if name not in self._schemas[key])
            if lacks:
                missing.append(f"{name} ({lacks} of {total})")
        more = [f"{len(missing) - MAX_NAMES} more"] if len(missing) > MAX_NAMES else []
        return ", ".join(missing[:MAX_NAMES] + more)

    def _isKept(self, field: afwTable.Field) -> bool:
        """Tell whether to keep a column; note why one that is asked for is left out."""
        name, typeString = field.getName(), field.getTypeString()
        matching = {pattern for pattern in self._patterns if fnmatch.fnmatchcase(name, pattern)}
        self.matched |= matching
        if name in self._always:
            return True
        if matching and name in self._reserved:
            self.leftOut[name] = "the name is that of a column made here"
        elif matching and (typeString == "String" or typeString.startswith("Array") and
                           field.isVariableLength()):
            self.leftOut[name] = "afw has no array of its values"
        return bool(matching) and name not in self.leftOut


def _checkKind(field: afwTable.Field, known: afwTable.Field, origin: str) -> None:
    """Refuse a column that has another type or unit than in what came before."""
    (typeString, unit, size), (knownType, knownUnit, knownSize) = _kind(field), _kind(known)
    if unit != knownUnit:
        was, now = (f"the unit {each}" if each else "no unit" for each in (knownUnit, unit))
        difference = f"has {now}, but {was} in {origin}"
    elif (typeString, size) != (knownType, knownSize):
        was, now = (f"{each}[{count}]" if count else each
                    for each, count in ((knownType, knownSize), (typeString, size)))
        difference = f"is of type {now}, but {was} in {origin}"
    else:
        return
    raise TaskError(f"its column {field.getName()} {difference}; unless it is needed, leave it out of "
                    "loader.copyColumns")


def _kind(field: afwTable.Field) -> tuple:
    """Return what must be the same for values to stand in one column."""
    typeString = field.getTypeString()
    return typeString, field.getUnits(), field.getSize() if typeString.startswith("Array") else 0
