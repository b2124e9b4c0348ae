# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Matching many catalogs to each other, and working on the groups."""

__all__ = ["MultiMatch"]


import numpy as np

import lsst.geom

from ._matchSearch import closePairs, closestOnly, skyLimits
from ._pointKeys import CoordKey
from ._schemaMapper import SchemaMapper
from ._skyPositions import skyPositions
from ._source import SourceRecord


class MultiMatch:
    """Matches catalogs one after the other to the objects found so far.

    A record is compared with the first record of each object; of several records of a catalog the closest
    one is taken. Objects that share a record are ambiguous.

    Parameters
    ----------
    schema : `lsst.afw.table.Schema`
        Schema of all catalogs.
    dataIdFormat : `dict`
        Names and types of the data ID components that become fields of the result; only numeric types.
    coordField : `str`, optional
        Prefix of the sky position. As in v23 it must exist, but ``coord`` is what is matched.
    idField : `str`, optional
        Name of the field with unique IDs.
    radius : `lsst.geom.Angle`, optional
        Greatest separation, 0.5 arcseconds by default.
    RecordClass : `type`, optional
        Class of the records.

    Raises
    ------
    ValueError
        Raised if the radius is not an angle.
    """

    def __init__(self, schema, dataIdFormat, coordField="coord", idField="id", radius=None,
                 RecordClass=SourceRecord):
        if radius is None:
            radius = 0.5 * lsst.geom.arcseconds
        elif not isinstance(radius, lsst.geom.Angle):
            raise ValueError("'radius' argument must be an Angle")
        self.radius = radius
        self.mapper = SchemaMapper(schema)
        self.mapper.addMinimalSchema(schema, True)
        self.coordKey = CoordKey(schema[coordField])
        self.idKey = schema.find(idField).key
        self.dataIdKeys = {}
        outSchema = self.mapper.editOutputSchema()
        outSchema.setAliasMap(self.mapper.getInputSchema().getAliasMap())
        self.objectKey = outSchema.addField("object", type=np.int64, doc="Unique ID for joined sources")
        for name, dataType in dataIdFormat.items():
            self.dataIdKeys[name] = outSchema.addField(
                name, type=dataType, doc="'%s' data ID component")
        self.table = RecordClass.Table.make(self.mapper.getOutputSchema())
        self.nextObjId = 1
        self._reset()

    def _reset(self):
        self.result = None
        self.reference = None
        self.ambiguous = set()
        self._positions = None
        self._nPositions = 0

    def makeRecord(self, inputRecord, dataId, objId):
        """Make a record of the result.

        Parameters
        ----------
        inputRecord : record
            Record to copy.
        dataId : mapping
            Values of the data ID components.
        objId : `int`
            ID of the object.
        """
        outputRecord = self.table.copyRecord(inputRecord, self.mapper)
        for name, key in self.dataIdKeys.items():
            outputRecord.set(key, dataId[name])
        outputRecord.set(self.objectKey, objId)
        return outputRecord

    def _append(self, catalog, positions, dataId, objIds):
        """Append records of a catalog, given by position, to the result."""
        if not len(positions):
            return
        first = len(self.result)
        source = catalog
        if len(positions) != len(catalog) or np.any(positions[1:] <= positions[:-1]):
            source = type(catalog)._fromRows(catalog.table, catalog._rowList.take(positions))
        self.result.extend(source, mapper=self.mapper)
        rows = slice(first, len(self.result))
        for name, key in self.dataIdKeys.items():
            self._column(key)[rows] = key._toElement(dataId[name])
        self._column(self.objectKey)[rows] = objIds

    def _column(self, key):
        return self.result._stored(key)

    def add(self, catalog, dataId):
        """Match another catalog; from the second one on it is sorted by ID.

        Parameters
        ----------
        catalog : catalog
            The catalog.
        dataId : mapping
            Values of the data ID components.
        """
        if self.result is None:
            self.result = self.table.Catalog(self.table)
            self._append(catalog, np.arange(len(catalog)), dataId, self._newObjects(len(catalog)))
            self.reference = self.result.copy(deep=False)
            return
        catalog.sort(self.idKey)
        ids = catalog._stored(self.idKey)
        refPositions, catPositions = self._match(catalog)
        objIds = self.reference._stored(self.objectKey)[refPositions]
        matchedIds = ids[catPositions]
        matched = set(matchedIds.tolist())
        if len(matched) < len(matchedIds):
            self._markAmbiguous(objIds, matchedIds)
        self._append(catalog, catPositions, dataId, objIds)
        self._addUnmatched(catalog, ids, matched, dataId)

    def _newObjects(self, n):
        first = self.nextObjId
        self.nextObjId += n
        return np.arange(first, first + n)

    def _match(self, catalog):
        """Return the positions in reference and catalog of the closest pairs, in v23's order."""
        window, limit = skyLimits(self.radius)
        if not len(self.reference) or not len(catalog):
            return np.zeros(0, int), np.zeros(0, int)
        if self._nPositions != len(self.reference):
            self._positions = skyPositions(self.reference, exact=False)
            self._nPositions = len(self.reference)
        new = skyPositions(catalog, exact=False)
        i, j, _, hasTies = closestOnly(*closePairs(self._positions, new, window, limit))
        if hasTies:
            new = skyPositions(catalog)
            i, j, _, _ = closestOnly(*closePairs(self._positions, new, window, limit))
        return self._positions.index[i], new.index[j]

    def _markAmbiguous(self, objIds, matchedIds):
        """Mark the objects that have a source ID in common."""
        _, inverse, counts = np.unique(matchedIds, return_inverse=True, return_counts=True)
        self.ambiguous.update(objIds[counts[inverse] > 1].tolist())

    def _addUnmatched(self, catalog, ids, matched, dataId):
        """Make new objects of the sources that were not matched."""
        # v23 numbers the new objects in the order in which Python iterates over a set of all IDs.
        unmatched = np.array([id for id in set(ids.tolist()) if id not in matched], dtype=np.int64)
        if not len(unmatched):
            return
        first = len(self.result)
        self._append(catalog, np.searchsorted(ids, unmatched), dataId, self._newObjects(len(unmatched)))
        self.reference.extend(self.result[first:])

    def finish(self, removeAmbiguous=True):
        """Return all matched records, sorted by object, and start afresh (but go on counting objects).

        Parameters
        ----------
        removeAmbiguous : `bool`, optional
            Leave out ambiguous objects?

        Returns
        -------
        result : catalog
            A contiguous catalog.

        Raises
        ------
        TypeError
            Raised if no catalog was added.
        """
        if self.result is None:
            raise TypeError("MultiMatch.finish() was called before any catalog was added")
        result = self.result
        if removeAmbiguous and self.ambiguous:
            objIds = self._column(self.objectKey)
            isAmbiguous = np.isin(objIds, np.fromiter(self.ambiguous, np.int64, len(self.ambiguous)))
            result = result[~isAmbiguous]
        result.sort(self.objectKey)
        result = result.copy(deep=True)
        self._reset()
        return result
