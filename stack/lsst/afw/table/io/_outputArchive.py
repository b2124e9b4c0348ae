# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Archives that objects are put into."""

__all__ = ["OutputArchive", "OutputArchiveHandle"]

import lsst.pex.exceptions as pexExceptions
from lsst.afw.fits import FitsFile
from lsst.daf.base import PropertyList

from .._catalog import BaseCatalog
from .._formatRegistry import archiveFormats
from .._schema import Schema
from ._archiveIndex import NO_CATALOGS_SAVED, archiveIndexSchema
from ._fitsWriter import writeCatalog

_SAME = Schema.EQUAL_KEYS | Schema.EQUAL_NAMES


class OutputArchive:
    """A collection of objects saved as rows of catalogs, each object once."""

    def __init__(self):
        self._ids = {}
        self._kept = []
        self._nextId = 1
        self._catalogs = []
        self._lastNames = {}
        self._index = []

    def put(self, obj, permissive=False):
        """Save an object, and what it holds, unless it is saved already.

        Parameters
        ----------
        obj : `Persistable` or `None`
            The object.
        permissive : `bool`, optional
            Return 0 for an object that cannot be saved instead of raising.

        Returns
        -------
        id : `int`
            Its number in the archive, 0 for None.
        """
        if obj is None or permissive and not obj.isPersistable():
            return 0
        known = self._ids.get(id(obj))
        if known is not None:
            return known
        number = self._nextId
        self._nextId += 1
        self._ids[id(obj)] = number
        self._kept.append(obj)
        format = archiveFormats.of(type(obj))
        if format is None:
            raise pexExceptions.LogicError("afw::table-based persistence is not supported for this object.")
        format.write(obj, OutputArchiveHandle(self, number, format.nameOf(obj), format.moduleOf(obj)))
        return number

    def _makeCatalog(self, schema):
        for catalog in self._catalogs:
            known = catalog.table._schema
            if known is schema or known.compare(schema, _SAME) == _SAME:
                return BaseCatalog(catalog.table)
        metadata = PropertyList()
        metadata.set("EXTTYPE", "ARCHIVE_DATA")
        metadata.set("AR_CATN", len(self._catalogs) + 1,
                     "# of this catalog relative to the start of this archive")
        catalog = BaseCatalog(schema)
        catalog.table.setMetadata(metadata)
        self._catalogs.append(catalog)
        return BaseCatalog(catalog.table)

    def _saveCatalog(self, catalog, entry, position):
        number = next((i for i, saved in enumerate(self._catalogs, 1) if saved.table is catalog.table), 0)
        if number == 0:
            raise pexExceptions.LogicError(
                "All catalogs passed to saveCatalog must be created by makeCatalog")
        saved = self._catalogs[number - 1]
        name = entry[1]
        if self._lastNames.get(number) != name:
            self._lastNames[number] = name
            metadata = saved.table.getMetadata()
            if not metadata.exists("AR_NAME") or name not in metadata.getArray("AR_NAME"):
                metadata.add("AR_NAME", name, "Class name for objects stored here")
            metadata.set("EXTNAME", name)
        self._index.append((entry, number, position, len(saved), len(catalog)))
        saved.extend(catalog)

    def getIndexCatalog(self):
        """Return the index as a catalog."""
        keys = archiveIndexSchema()
        index = BaseCatalog(keys.schema)
        metadata = PropertyList()
        metadata.set("EXTTYPE", "ARCHIVE_INDEX")
        metadata.set("EXTNAME", "ARCHIVE_INDEX")
        metadata.set("AR_CATN", 0, "# of this catalog relative to the start of this archive")
        index.table.setMetadata(metadata)
        index.resize(len(self._index))
        if self._index:
            entries, catArchive, catPersistable, row0, nRows = zip(*self._index)
            index[keys.id] = [entry[0] for entry in entries]
            index[keys.catArchive] = catArchive
            index[keys.catPersistable] = catPersistable
            index[keys.row0] = row0
            index[keys.nRows] = nRows
            index._stored(keys.name)[:] = [keys.name._toElement(entry[1]) for entry in entries]
            index._stored(keys.module)[:] = [keys.module._toElement(entry[2]) for entry in entries]
        return index

    def getCatalog(self, n):
        """Return a catalog of the archive; 0 is the index."""
        if n == 0:
            return self.getIndexCatalog()
        if not 0 < n <= len(self._catalogs):
            raise pexExceptions.LengthError(
                f"Catalog number {n} is out of range [0,{len(self._catalogs)}]")
        return self._catalogs[n - 1]

    def countCatalogs(self):
        """Return the number of catalogs, the index included."""
        return len(self._catalogs) + 1

    def writeFits(self, file):
        """Append the archive to a FITS file.

        Parameters
        ----------
        file : `lsst.afw.fits.FitsFile` or `lsst.afw.fits.Fits`
            The open file.
        """
        file = file if isinstance(file, FitsFile) else file.file
        index = self.getIndexCatalog()
        index.table.getMetadata().set(
            "AR_NCAT", len(self._catalogs) + 1, "# of catalogs in this archive, including the index")
        for catalog in [index, *self._catalogs]:
            writeCatalog(catalog, file)


class OutputArchiveHandle:
    """What an object gets to save itself with.

    Parameters
    ----------
    archive : `OutputArchive`
        The archive.
    id : `int`
        Number of the object.
    name, module : `str`
        Name and module of its factory.
    """

    def __init__(self, archive, id, name, module):
        self._archive = archive
        self._entry = (id, name, module)
        self._position = 0

    def makeCatalog(self, schema):
        """Return a new catalog to be filled and then saved with `saveCatalog`."""
        return self._archive._makeCatalog(schema)

    def saveCatalog(self, catalog):
        """Save a catalog from `makeCatalog`; the reader gets the catalogs in the order they are saved in."""
        self._archive._saveCatalog(catalog, self._entry, self._position)
        self._position += 1

    def saveEmpty(self):
        """Save an object that has no state."""
        self._archive._index.append(
            (self._entry, NO_CATALOGS_SAVED, NO_CATALOGS_SAVED, NO_CATALOGS_SAVED, 0))

    def put(self, obj, permissive=False):
        """Save another object in the same archive; see `OutputArchive.put`."""
        return self._archive.put(obj, permissive)
