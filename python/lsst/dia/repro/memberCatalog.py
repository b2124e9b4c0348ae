# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""The catalog that tells which DIAObject each DIASource belongs to."""

__all__ = ["makeMemberCatalog"]

import lsst.afw.table as afwTable
import numpy as np

from .association import Segments

_FIELDS = (
    ("diaObjectId", "L", "", "Id of the DIAObject; 0 for none"),
    ("separation", "F", "arcsec", "Distance from the weighted mean position of the DIAObject's members"),
    ("separationSigma", "F", "", "The same in units of its error"),
    ("hasRival", "Flag", "", "Another DIAObject lies within the association radius"),
    ("isAmbiguous", "Flag", "", "The associator found the DIAObject ambiguous"),
    ("isRejected", "Flag", "", "Not associated, for its flags, signal-to-noise or position"),
)


def makeMemberCatalog(catalog, accepted, association, removeAmbiguous):
    """Make the catalog of members.

    Parameters
    ----------
    catalog : `lsst.afw.table.SourceCatalog`, (N,)
        The DIASources.
    accepted : `numpy.ndarray`, (A,)
        Rows of the DIASources that were associated.
    association : `lsst.pipe.base.Struct`
        What an associator's ``run`` returned for them.
    removeAmbiguous : `bool`
        Whether members of ambiguous objects have no DIAObject.

    Returns
    -------
    members : `lsst.afw.table.SourceCatalog`
        Every DIASource, in the order of the catalog. A source that belongs to
        several ambiguous objects comes again at the end, if these are kept.
    """
    links = _makeLinks(catalog, accepted, association, removeAmbiguous)
    mapper = afwTable.SchemaMapper(catalog.schema, True)
    mapper.addMinimalSchema(catalog.schema, True)
    for name, dtype, units, doc in _FIELDS:
        mapper.editOutputSchema().addField(name, type=dtype, units=units, doc=doc)
    members = afwTable.SourceCatalog(mapper.getOutputSchema())
    members.reserve(len(links["row"]))
    for repeat in range(int(links["repeat"].max()) + 1 if len(catalog) else 0):
        isNext = np.zeros(len(catalog), dtype=bool)
        isNext[links["row"][links["repeat"] == repeat]] = True
        members.extend(catalog[isNext], mapper=mapper)
    members = members.copy(deep=True)
    for name, _, _, _ in _FIELDS:
        members[name] = links[name]
    return members


def _makeLinks(catalog, accepted, association, removeAmbiguous):
    """Return columns, one entry a link or rejected source.

    `row` is the source's row in the catalog; `repeat` counts the links of a
    source from 0. Entries are sorted by `repeat`, then `row`.
    """
    partition = association.partition
    rejected = np.setdiff1d(np.arange(len(catalog)), accepted)
    row = np.append(accepted[partition.source], rejected)
    columns = {
        "diaObjectId": (_objectIds(catalog, accepted, partition, removeAmbiguous), 0),
        "separation": (np.degrees(association.separation)*3600, np.nan),
        "separationSigma": (association.separationSigma, np.nan),
        "hasRival": (association.rival, False),
        "isAmbiguous": (partition.ambiguous, False),
        "isRejected": (np.zeros(len(partition), dtype=bool), True),
    }
    columns = {name: np.append(values, np.full(len(rejected), ofRejected))
               for name, (values, ofRejected) in columns.items()}
    bySource = Segments(row)
    repeat = np.empty(len(row), dtype=np.int64)
    repeat[bySource.order] = np.arange(len(row)) - bySource.spread(bySource.starts)
    # Without its object, a source that was linked twice is one row.
    order = np.lexsort((row, repeat))
    order = order[(repeat[order] == 0) | (columns["diaObjectId"][order] != 0)]
    return {"row": row[order], "repeat": repeat[order],
            **{name: values[order] for name, values in columns.items()}}


def _objectIds(catalog, accepted, partition, removeAmbiguous):
    """Return the id of each link's object: that of its first source, or 0."""
    first = np.append(True, np.diff(partition.object) != 0)[:len(partition)]
    objectId = catalog["id"][accepted[partition.source[first]]][partition.object]
    return np.where(partition.ambiguous, 0, objectId) if removeAmbiguous else objectId
