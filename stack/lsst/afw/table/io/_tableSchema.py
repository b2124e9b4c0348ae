# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""The schema that the header of a FITS table describes."""

__all__ = ["TableSchema"]

import logging
import re

import lsst.pex.exceptions as pexExceptions
from lsst.afw.fits import FitsError
from lsst.afw.fits._metadata import entriesToMetadata

from .._field import Field
from .._schema import Schema
from ._columnReaders import Reader, addColumn
from ._headerFields import splitEntries
from ._oldNames import OLD_SLOTS, addOldAliases, addUnitlessAliases

_LOG = logging.getLogger("lsst.afw.table.io")
_FLAGS_TFORM = re.compile(r"(\d+)?X\(?(\d*)\)?")


class TableSchema:
    """Reads a header, lets special columns be taken out, then makes the schema.

    Parameters
    ----------
    entries : iterable of (`str`, `str`, `str`)
        The header: key, value text and comment of each entry.
    """

    def __init__(self, entries):
        self.fields, others = splitEntries(entries)
        self.metadata = entriesToMetadata(others, strip=True)
        self.readers = {}
        self.version = self._take("AFW_TABLE_VERSION", int,
                                  0 if self.metadata.exists("AFW_TYPE") else Schema.VERSION)
        self.type = self._take("AFW_TYPE", str, "BASE")
        self.archiveHdu = self._archiveHdu()
        self.schema = Schema()
        self._readAliases()
        if self.version == 0:
            self._readOldSlots()
        self._readFlagColumn()

    def _take(self, key, kind, default):
        """Return a value of the metadata and remove it."""
        if not self.metadata.exists(key):
            return default
        value = self.metadata.getScalar(key)
        if type(value) is not kind:
            raise FitsError(f"{key} = {value!r} is not of type {kind.__name__}")
        self.metadata.remove(key)
        return value

    def _archiveHdu(self):
        """Return the number of the archive's HDU from AR_HDU, which counts from 1, or -1."""
        if not self.metadata.exists("AR_HDU"):
            return -1
        value = self.metadata.getScalar("AR_HDU")
        if type(value) is not int or value <= 0:
            return -1
        self.metadata.remove("AR_HDU")
        return value - 1

    def _readAliases(self):
        if not self.metadata.exists("ALIAS"):
            return
        for text in self.metadata.getArray("ALIAS"):
            alias, colon, target = str(text).partition(":")
            if not colon:
                raise FitsError(f"Malformed alias definition: '{text}'")
            self.schema.getAliasMap().set(alias, target)
        self.metadata.remove("ALIAS")

    def _readOldSlots(self):
        for key, alias in OLD_SLOTS.items():
            target = self.metadata.getScalar(key + "_SLOT") if self.metadata.exists(key + "_SLOT") else ""
            if isinstance(target, str) and target:
                self.schema.getAliasMap().set(alias, target)
                for end in ("", "_ERR_SLOT", "_FLAG_SLOT"):
                    if self.metadata.exists(key + end):
                        self.metadata.remove(key + end)

    def _readFlagColumn(self):
        self.flagColumn = self._take("FLAGCOL", int, 0) - 1
        self.nFlags = 0
        if self.flagColumn < 0:
            return
        field = self.findColumn(self.flagColumn)
        if field is None:
            raise FitsError(f"Column for flag data not found; FLAGCOL={self.flagColumn}")
        match = _FLAGS_TFORM.fullmatch(field.tform)
        if match is None:
            raise FitsError(f"Invalid TFORM key for flags column: '{field.tform}'")
        self.nFlags = int(match[1]) if match[1] else 1
        self.fields.remove(field)

    def find(self, name):
        """Return the description of the column of a name, or None."""
        return next((field for field in self.fields if field.ttype == name), None)

    def findColumn(self, number):
        """Return the description of the column of a number, or None."""
        return next((field for field in self.fields if field.column == number), None)

    def columnOf(self, key):
        """Return the number, from 0, of the column that a header key numbers from 1; -1 without the key."""
        return self._take(key, int, 0) - 1

    def finish(self, raw=None):
        """Make the schema.

        Parameters
        ----------
        raw : `RawTable`, optional
            The table, to check that what the header says is there.

        Returns
        -------
        schema : `lsst.afw.table.Schema`
            The schema; `readers` then has what decodes each of its keys.

        Raises
        ------
        FitsError
            Raised if the header contradicts itself.
        lsst.pex.exceptions.LengthError
            Raised if there are no fields.
        """
        addOldAliases(self.fields, self.version, self.schema.getAliasMap())
        if self.type == "SOURCE":  # the fluxes of others, such as reference catalogs, are not in counts
            addUnitlessAliases(self.fields, self.version, self.schema.getAliasMap())
        for field in self.fields:
            if field.bit >= 0:
                self._addFlag(field)
                continue
            if raw is not None and field.column >= len(raw.layout.columns):
                raise FitsError(f"The header describes column {field.column + 1} of a table that has "
                                f"{len(raw.layout.columns)}")
            added = addColumn(self.schema, field, raw)
            if added is None:
                _LOG.warning("Format %s for column %s not supported; skipping.", field.tform, field.ttype)
                continue
            for key, reader in added:
                self.readers[key._id] = reader
        if self.schema.getRecordSize() <= 0:
            raise pexExceptions.LengthError(
                f"Non-positive record size: {self.schema.getRecordSize()}; file is corrupt or invalid.")
        return self.schema

    def _addFlag(self, field):
        if field.bit >= self.nFlags:
            raise FitsError(f"Flag field '{field.ttype}' is is in bit {field.bit} (0-indexed) of only "
                            f"{self.nFlags}")
        key = self.schema._addField(Field["Flag"]._make(field.ttype, field.doc, ""))
        self.readers[key._id] = Reader(self.flagColumn, "flag", field.bit)
