# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Archives that objects are got from."""

__all__ = ["InputArchive", "MalformedArchiveError"]

import numpy as np

import lsst.pex.exceptions as pexExceptions
from lsst.afw.fits import FitsError, FitsFile
from lsst.afw.fits._error import namingErrors

from .._catalog import BaseCatalog
from .._formatRegistry import archiveFormats
from ._archiveIndex import NO_CATALOGS_SAVED, archiveIndexSchema
from ._rawTable import RawTable

_FAILED = object()


class MalformedArchiveError(pexExceptions.IoError):
    """The index of an archive contradicts itself or the catalogs."""


class _Index:
    """The index, sorted by object and by catalog within an object."""

    def __init__(self, catalog):
        keys = archiveIndexSchema()
        if catalog.table._schema != keys.schema:
            raise pexExceptions.RuntimeError("Incorrect schema for index catalog")
        ids = catalog._stored(keys.id)
        order = np.lexsort((catalog._stored(keys.catPersistable), ids))
        self.id = ids[order]
        self.catArchive = catalog._stored(keys.catArchive)[order]
        self.row0 = catalog._stored(keys.row0)[order]
        self.nRows = catalog._stored(keys.nRows)[order]
        self.name = catalog._stored(keys.name)[order]
        self.module = catalog._stored(keys.module)[order]


def _whereIs(table):
    """Return the file and HDU of a table."""
    return table.where if isinstance(table, RawTable) else "archive in memory"


class InputArchive:
    """A collection of objects saved as rows of catalogs; each is restored when it is first asked for.

    Parameters
    ----------
    index : `RawTable` or `lsst.afw.table.BaseCatalog`, optional
        The index.
    catalogs : `list` of `RawTable` or `lsst.afw.table.BaseCatalog`, optional
        The other catalogs.
    """

    def __init__(self, index=None, catalogs=()):
        self._rawIndex = BaseCatalog(archiveIndexSchema().schema) if index is None else index
        self._where = _whereIs(index)
        self._index = None
        self._catalogs = list(catalogs)
        self._whereOf = [_whereIs(catalog) for catalog in self._catalogs]
        self._objects = {0: None}
        self._failures = {}

    @staticmethod
    def _asCatalog(table):
        return table.toCatalog(BaseCatalog) if isinstance(table, RawTable) else table

    def _getIndex(self):
        if self._index is None:
            with namingErrors(self._where):
                self._index = _Index(self._asCatalog(self._rawIndex))
            self._rawIndex = None
        return self._index

    def _catalog(self, number, id):
        if not 1 <= number <= len(self._catalogs):
            raise self._malformed(f"Invalid catalog number in index for ID {id}; got '{number - 1}', "
                                  f"max is '{len(self._catalogs)}'")
        catalog = self._catalogs[number - 1] = self._asCatalog(self._catalogs[number - 1])
        return catalog

    def get(self, id, kind=None):
        """Return the object of a number.

        Parameters
        ----------
        id : `int`
            Number of the object; 0 is None.
        kind : `type`, optional
            Class that an object must be of.

        Returns
        -------
        obj : `Persistable` or `None`
            The object, the same one every time.

        Raises
        ------
        lsst.pex.exceptions.NotFoundError
            Raised if nothing is known that can restore the object (the message names it), or if an earlier
            attempt failed (the message repeats why).
        MalformedArchiveError
            Raised if the archive is damaged, or the object of another class.
        """
        obj = self._get(int(id))
        if kind is not None and obj is not None and not isinstance(obj, kind):
            raise self._malformed(f"The object with id={id} is a {type(obj).__name__}, not a {kind.__name__}")
        return obj

    def _get(self, id):
        obj = self._objects.get(id, _FAILED)
        if obj is not _FAILED:
            return obj
        if id in self._objects:
            reason = self._failures.get(id, f"it did not finish ({self._where})")
            raise pexExceptions.NotFoundError(f"Not trying to reload object with id={id}; a previous attempt "
                                              f"to load it already failed: {reason}")
        self._objects[id] = _FAILED
        try:
            self._objects[id] = self._load(id)
        except Exception as err:
            self._failures[id] = str(err)
            raise
        return self._objects[id]

    def _load(self, id):
        index = self._getIndex()
        first, last = np.searchsorted(index.id, [id, id + 1])
        if first == last:
            raise self._malformed(f"The archive has no object with id={id}")
        name = index.name[first].decode("utf-8", "replace")
        module = index.module[first].decode("utf-8", "replace")
        if np.any(index.name[first:last] != index.name[first]):
            raise self._malformed(f"Inconsistent name in index for ID {id}; expected '{name}'")
        if np.any(index.module[first:last] != index.module[first]):
            raise self._malformed(f"Inconsistent module in index for ID {id}; expected '{module}'")
        catalogs, where = [], self._where
        for i in range(first, last):
            number = int(index.catArchive[i])
            if number == NO_CATALOGS_SAVED:
                break
            catalogs.append(self._part(number, int(index.row0[i]), int(index.nRows[i]), id))
            where = self._whereOf[number - 1] if len(catalogs) == 1 else where
        try:
            with namingErrors(where):
                return archiveFormats.find(name, module).read(self, catalogs)
        except pexExceptions.Exception as err:
            # Of objects inside others, the innermost says what is wrong.
            if "object with id=" in str(err):
                raise
            raise type(err)(f"loading object with id={id}, name='{name}': {err}") from err
        except (LookupError, ValueError, TypeError, ArithmeticError, AttributeError, RuntimeError) as err:
            raise self._malformed(f"loading object with id={id}, name='{name}': {err}", where) from err

    def _malformed(self, message, where=None):
        return MalformedArchiveError(f"{message} ({where or self._where})")

    def _part(self, number, row0, nRows, id):
        catalog = self._catalog(number, id)
        if row0 < 0 or nRows < 0 or row0 + nRows > len(catalog):
            raise self._malformed(f"Index and data catalogs do not agree for ID {id}; catalog {number} "
                                  f"has {len(catalog)} rows, not {row0 + nRows}")
        return catalog.subset(row0, row0 + nRows, 1)

    def getAll(self):
        """Return a dictionary of all objects by number."""
        for id in np.unique(self._getIndex().id):
            self.get(id)
        return dict(self._objects)

    def has(self, id):
        """Does the archive have an object of this number?"""
        index = self._getIndex()
        first, last = np.searchsorted(index.id, [id, id + 1])
        return bool(last > first)

    @classmethod
    def readFits(cls, file, startHdu):
        """Read an archive; its bytes are read now, and decoded when an object is asked for.

        Parameters
        ----------
        file : `lsst.afw.fits.FitsFile` or `lsst.afw.fits.Fits`
            The open file.
        startHdu : `int`
            Number of the HDU with the index.

        Raises
        ------
        lsst.afw.fits.FitsError
            Raised if there is no archive, or it is not complete.
        """
        file = file if isinstance(file, FitsFile) else file.file
        header = file.hdu(startHdu)
        if header.get("EXTTYPE") != "ARCHIVE_INDEX":
            raise FitsError(f"cfitsio error ({header.where}): Wrong value for archive index EXTTYPE: "
                            f"'{header.get('EXTTYPE')}'")
        index = RawTable.read(file, startHdu)
        catalogs = []
        for n in range(1, header.getTyped("AR_NCAT", int, 1)):
            data = file.hdu(startHdu + n)
            if data.get("EXTTYPE") != "ARCHIVE_DATA":
                raise FitsError(f"cfitsio error ({data.where}): Wrong value for archive data EXTTYPE: "
                                f"'{data.get('EXTTYPE')}'")
            if data.get("AR_CATN") != n:
                raise FitsError(f"cfitsio error ({data.where}): Incorrect order for archive catalogs: "
                                f"AR_CATN={data.get('AR_CATN')} found at position {n}")
            catalogs.append(RawTable.read(file, startHdu + n))
        return cls(index, catalogs)
