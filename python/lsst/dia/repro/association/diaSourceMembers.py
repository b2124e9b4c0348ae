# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""The catalog that tells which DIAObject each DIASource belongs to."""

from __future__ import annotations

__all__ = ["MEMBER_FIELDS", "makeMemberCatalog", "sortMembers"]

from typing import Any

import lsst.afw.table as afwTable
import numpy as np
from lsst.pipe.base import Struct

from ..segments import Segments
from ..units import ARCSEC_PER_DEGREE

_FIELDS = (
    ("diaObjectId", "L", "", "Id of the DIAObject; 0 for none"),
    ("separation", "F", "arcsec", "Distance from the weighted mean position of the DIAObject's members"),
    ("separationSigma", "F", "", "The same in units of its error"),
    ("hasRival", "Flag", "", "Another DIAObject lies within the radius, or what errors allow without one"),
    ("isAmbiguous", "Flag", "", "The associator found the DIAObject ambiguous"),
    ("isRejected", "Flag", "", "Not associated, for its flags, signal-to-noise or position"),
)

#: Columns that members have beside those of DIASources.
MEMBER_FIELDS = tuple(name for name, _, _, _ in _FIELDS)


def makeMemberCatalog(catalog: afwTable.SourceCatalog, accepted: np.ndarray, association: Struct,
                      objectIds: np.ndarray, hasObject: np.ndarray, isElsewhere: np.ndarray,
                      ownsSource: np.ndarray) -> afwTable.SourceCatalog:
    """Make the catalog of members.

    Parameters
    ----------
    catalog : `lsst.afw.table.SourceCatalog`, (N,)
        The DIASources.
    accepted : `numpy.ndarray`, (A,)
        Rows of the DIASources that were associated.
    association : `lsst.pipe.base.Struct`
        What an associator's ``run`` returned for them, with L links.
    objectIds : `numpy.ndarray`, (L,)
        Id of the DIAObject of each link; 0 where it is not listed.
    hasObject, isElsewhere : `numpy.ndarray`, (L,)
        Whether the DIAObject is listed, and whether it belongs to another
        tile, which lists the source with it, bool; neither if it was dropped.
    ownsSource : `numpy.ndarray`, (N,)
        Which sources to list if they have no DIAObject, bool.

    Returns
    -------
    members : `lsst.afw.table.SourceCatalog`
        The DIASources, sorted by id. A source that belongs to several
        ambiguous objects has a row for each of them.
    """
    links = _makeLinks(catalog, accepted, association, objectIds, hasObject, isElsewhere, ownsSource)
    mapper = afwTable.SchemaMapper(catalog.schema, True)
    mapper.addMinimalSchema(catalog.schema, True)
    for name, dtype, units, doc in _FIELDS:
        mapper.editOutputSchema().addField(name, type=dtype, units=units, doc=doc)
    members = afwTable.SourceCatalog(mapper.getOutputSchema())
    members.reserve(len(links["row"]))
    # A catalog can be subset by a mask but not by numbers, so rows that repeat
    # are appended in turns.
    for repeat in range(links["repeat"].max(initial=-1) + 1):
        isNext = np.zeros(len(catalog), dtype=bool)
        isNext[links["row"][links["repeat"] == repeat]] = True
        members.extend(catalog[isNext], mapper=mapper)
    members = members.copy(deep=True)
    for name, _, _, _ in _FIELDS:
        members[name] = links[name]
    return sortMembers(members)


def sortMembers(members: afwTable.SourceCatalog) -> afwTable.SourceCatalog:
    """Sort a catalog of members by id, then DIAObject.

    Parameters
    ----------
    members : `lsst.afw.table.SourceCatalog`
        The catalog.

    Returns
    -------
    members : `lsst.afw.table.SourceCatalog`
        The same, contiguous and sorted.
    """
    members.sort(members.schema["diaObjectId"].asKey())
    members.sort()
    return members.copy(deep=True)


def _makeLinks(catalog: afwTable.SourceCatalog, accepted: np.ndarray, association: Struct,
               objectIds: np.ndarray, hasObject: np.ndarray, isElsewhere: np.ndarray,
               ownsSource: np.ndarray) -> dict[str, np.ndarray]:
    """Return columns, one entry a row of the member catalog.

    `row` is the source's row in the catalog; `repeat` counts the entries of a
    source from 0. Entries are sorted by `repeat`, then `row`.
    """
    isRejected = np.ones(len(catalog), dtype=bool)
    isRejected[accepted] = False
    rejected = np.flatnonzero(isRejected)
    entries: dict[str, tuple[np.ndarray, Any]] = {
        "row": (accepted[association.memberships.source], rejected),
        "diaObjectId": (objectIds, 0),
        "separation": (np.degrees(association.separation)*ARCSEC_PER_DEGREE, np.nan),
        "separationSigma": (association.separationSigma, np.nan),
        "hasRival": (association.rival, False),
        "isAmbiguous": (association.memberships.ambiguous, False),
        "isRejected": (np.zeros(len(objectIds), dtype=bool), True),
        "hasObject": (hasObject, False),
        "isElsewhere": (isElsewhere, False),
    }
    columns = {name: np.append(values, np.broadcast_to(ofRejected, len(rejected)))
               for name, (values, ofRejected) in entries.items()}
    keep = _isListed(columns["row"], columns["hasObject"], columns["isElsewhere"], ownsSource)
    columns = {name: values[keep] for name, values in columns.items()}
    bySource = Segments(columns["row"])
    repeat = np.empty(len(bySource.order), dtype=np.int64)
    repeat[bySource.order] = np.arange(len(repeat)) - bySource.spread(bySource.starts)
    order = np.lexsort((columns["row"], repeat))
    return {"repeat": repeat[order], **{name: values[order] for name, values in columns.items()}}


def _isListed(row: np.ndarray, hasObject: np.ndarray, isElsewhere: np.ndarray,
              ownsSource: np.ndarray) -> np.ndarray:
    """Tell the links to list: those with an object, and one of a source without."""
    without = np.flatnonzero(~hasObject & ~isElsewhere)
    _, first = np.unique(row[without], return_index=True)
    once = without[first]
    isListed = hasObject.copy()
    isListed[once[ownsSource[row[once]]]] = True
    return isListed
