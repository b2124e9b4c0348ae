# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Matching catalogs by position, and catalogs of matches."""

__all__ = ["MatchControl", "SimpleMatch", "ReferenceMatch", "SourceMatch", "matchRaDec", "matchXy",
           "packMatches", "unpackMatches"]

import logging
import math

import numpy as np

import lsst.geom
import lsst.pex.exceptions as pexExceptions

from ._catalog import BaseCatalog
from ._matchSearch import (
    PlanePositions,
    SkyPositions,
    chordToAngle,
    closePairs,
    closePairsWithin,
    closestOnly,
    skyLimits,
)
from ._schema import Schema
from ._simple import SimpleCatalog
from ._source import SourceCatalog

_LOG = logging.getLogger("lsst.afw.table")


class MatchControl:
    """Options of matching."""

    def __init__(self):
        self.findOnlyClosest = True
        """Keep only the closest match of each record of the first catalog? (two catalogs)"""
        self.symmetricMatch = True
        """Return each pair in both orders? (one catalog)"""
        self.includeMismatches = False
        """Return records of the first catalog without match, with None as second? (two catalogs)"""


class _Match:
    """Two records and the distance between them (radians or pixels); also behaves as a tuple of the three.

    Parameters
    ----------
    first, second : record, optional
        The records.
    distance : `float`, optional
        Distance between them.
    """

    __slots__ = ("first", "second", "distance")

    def __init__(self, first=None, second=None, distance=0.0):
        self.first = first
        self.second = second
        self.distance = distance

    def clone(self):
        """Return a copy that has the same records."""
        return type(self)(self.first, self.second, self.distance)

    def __len__(self):
        return 3

    def __getitem__(self, i):
        return getattr(self, self.__slots_of(i))

    def __setitem__(self, i, value):
        setattr(self, self.__slots_of(i), value)

    @staticmethod
    def __slots_of(i):
        if not -3 <= i <= 2:
            raise IndexError(i)
        return ("first", "second", "distance")[i]

    def __repr__(self):
        return f"Match({self.first!r},\n            {self.second!r},\n            {self.distance:g})"

    def __str__(self):
        return f"Match({_describe(self.first)}, {_describe(self.second)}, dist {self.distance:g})"


def _describe(record):
    text = f"{type(record).__name__}(id {record.getId()}"
    if hasattr(record, "getRa"):
        text += f" RA,Dec=({record.getRa().asDegrees():g},{record.getDec().asDegrees():g}) deg"
    if hasattr(record, "getX"):
        text += f" x,y=({record.getX():g},{record.getY():g})"
    return text + ")"


class SimpleMatch(_Match):
    """A match of two `SimpleRecord`."""

    __slots__ = ()


class ReferenceMatch(_Match):
    """A match of a `SimpleRecord` with a `SourceRecord`."""

    __slots__ = ()


class SourceMatch(_Match):
    """A match of two `SourceRecord`."""

    __slots__ = ()


def _matchClass(cat1, cat2):
    """Return the class of matches of two catalogs.

    Raises
    ------
    TypeError
        Raised if they cannot be matched.
    """
    if isinstance(cat1, SimpleCatalog) and isinstance(cat2, SimpleCatalog):
        return SimpleMatch
    if isinstance(cat2, SourceCatalog):
        if isinstance(cat1, SimpleCatalog):
            return ReferenceMatch
        if isinstance(cat1, SourceCatalog):
            return SourceMatch
    raise TypeError(f"Cannot match a {type(cat1).__name__} with a {type(cat2).__name__}")


def skyPositions(catalog, exact=True):
    """Return the `SkyPositions` of a catalog; warn of NaN."""
    key = catalog.table.getCoordKey()
    positions = SkyPositions(catalog._stored(key.getRa()), catalog._stored(key.getDec()), exact)
    if positions.nBad:
        _LOG.warning("At least one source had ra or dec equal to NaN")
    return positions


def _planePositions(catalog):
    key = catalog.table.getCentroidSlot().getMeasKey()
    return PlanePositions(catalog._stored(key.getX()), catalog._stored(key.getY()))


def _arguments(args, kwargs, names, twoNames):
    """Sort out the arguments for one and for two catalogs."""
    isTwo = "cat2" in kwargs or len(args) > 1 and not isinstance(args[1], (lsst.geom.Angle, float, int))
    names = twoNames if isTwo else names
    values = dict(zip(names, args), **kwargs)
    unknown = set(values) - set(names)
    if unknown or len(args) > len(names):
        raise TypeError(f"Unexpected arguments: {sorted(unknown) or args[len(names):]}")
    for name in names[:-1]:
        if name not in values:
            raise TypeError(f"Missing argument: {name}")
    control = values.get("mc")
    if control is None:
        control = MatchControl()
    if not isinstance(control, MatchControl):
        raise TypeError(f"'mc' must be a MatchControl, not {control!r}")
    return values.get("cat1", values.get("cat")), values.get("cat2"), values["radius"], control



def _matchTwo(matchClass, cat1, cat2, positions, window, limit, toDistance, control):
    first, second = positions
    i, j, d2 = closePairs(first, second, window, limit)
    if control.findOnlyClosest:
        i, j, d2, _ = closestOnly(i, j, d2)
    distances = toDistance(d2).tolist()
    matched = zip(i.tolist(), first.index[i].tolist(), second.index[j].tolist(), distances)
    record1, record2 = cat1._record, cat2._record
    if not control.includeMismatches:
        return [matchClass(record1(a), record2(b), d) for _, a, b, d in matched]
    result = [(position, matchClass(record1(a), record2(b), d)) for position, a, b, d in matched]
    # v23 stops at the first record that lies above all of the second catalog.
    reached = len(first.index)
    if len(second.index):
        reached = int(np.searchsorted(first.sortKey - window, second.sortKey[-1], side="right"))
    else:
        reached = 0
    lonely = np.setdiff1d(np.arange(reached), i)
    result += [(int(k), matchClass(record1(int(first.index[k])), None, math.nan)) for k in lonely]
    return [match for _, match in sorted(result, key=lambda pair: pair[0])]


def _matchSelf(matchClass, cat, positions, window, limit, toDistance, symmetric):
    i, j, d2 = closePairsWithin(positions, window, limit)
    result = []
    record = cat._record
    for a, b, d in zip(positions.index[i].tolist(), positions.index[j].tolist(), toDistance(d2).tolist()):
        result.append(matchClass(record(a), record(b), d))
        if symmetric:
            result.append(matchClass(record(b), record(a), d))
    return result


def matchRaDec(*args, **kwargs):
    """Match two catalogs, or a catalog with itself, by position on the sky.

    Called as ``matchRaDec(cat1, cat2, radius, mc=MatchControl())`` or
    ``matchRaDec(cat, radius, mc=MatchControl())``.

    Parameters
    ----------
    cat1, cat2 : `SimpleCatalog` or `SourceCatalog`
        The catalogs; if they are the same object, it is matched with itself.
    radius : `lsst.geom.Angle`
        Greatest separation, at most 45 degrees.
    mc : `MatchControl`, optional
        Options.

    Returns
    -------
    matches : `list` of `SimpleMatch`, `ReferenceMatch` or `SourceMatch`
        Pairs with their separation in radians, in the order of the declination of the first. Records with
        NaN positions never match.

    Raises
    ------
    lsst.pex.exceptions.RangeError
        Raised if the radius is out of range.
    """
    cat1, cat2, radius, control = _arguments(
        args, kwargs, ("cat", "radius", "mc"), ("cat1", "cat2", "radius", "mc"))
    if not isinstance(radius, lsst.geom.Angle):
        raise TypeError(f"The radius must be an Angle, not {radius!r}")
    matchClass = _matchClass(cat1, cat1 if cat2 is None else cat2)
    window, limit = skyLimits(radius)
    if cat2 is None or cat1 is cat2:
        symmetric = control.symmetricMatch if cat2 is None else True
        return _matchSelf(matchClass, cat1, skyPositions(cat1), window, limit, chordToAngle, symmetric)
    if not len(cat1) or not len(cat2):
        return []
    positions = skyPositions(cat1), skyPositions(cat2)
    return _matchTwo(matchClass, cat1, cat2, positions, window, limit, chordToAngle, control)


def matchXy(*args, **kwargs):
    """Match two catalogs, or a catalog with itself, by the positions of the centroid slot.

    Called as ``matchXy(cat1, cat2, radius, mc=MatchControl())`` or
    ``matchXy(cat, radius, mc=MatchControl())``.

    Parameters
    ----------
    cat1, cat2 : `SourceCatalog`
        The catalogs; if they are the same object, it is matched with itself.
    radius : `float`
        Greatest distance in pixels.
    mc : `MatchControl`, optional
        Options.

    Returns
    -------
    matches : `list` of `SourceMatch`
        Pairs with their distance in pixels, in the order of y of the first.
    """
    cat1, cat2, radius, control = _arguments(
        args, kwargs, ("cat", "radius", "mc"), ("cat1", "cat2", "radius", "mc"))
    if not isinstance(cat1, SourceCatalog) or not isinstance(cat2, (SourceCatalog, type(None))):
        raise TypeError("matchXy needs source catalogs")
    radius = float(radius)
    if cat2 is None or cat1 is cat2:
        symmetric = control.symmetricMatch if cat2 is None else True
        return _matchSelf(SourceMatch, cat1, _planePositions(cat1), radius, radius**2, np.sqrt, symmetric)
    positions = _planePositions(cat1), _planePositions(cat2)
    return _matchTwo(SourceMatch, cat1, cat2, positions, radius, radius**2, np.sqrt, control)


def packMatches(matches):
    """Make a catalog of matches.

    Parameters
    ----------
    matches : sequence of matches
        Each has ``first.getId()``, ``second.getId()`` and ``distance``.

    Returns
    -------
    catalog : `BaseCatalog`
        Fields ``first`` and ``second`` (IDs) and ``distance``.
    """
    schema = Schema()
    first = schema.addField("first", type=np.int64, doc="ID for first source record in match.")
    second = schema.addField("second", type=np.int64, doc="ID for second source record in match.")
    distance = schema.addField("distance", type=np.float64, doc="Distance between matches sources.")
    result = BaseCatalog(schema)
    result.resize(len(matches))
    if len(matches):
        result[first] = [match.first.getId() for match in matches]
        result[second] = [match.second.getId() for match in matches]
        result[distance] = [match.distance for match in matches]
    return result


def unpackMatches(matches, cat1, cat2):
    """Make matches of a catalog from `packMatches` and the catalogs it was made of.

    Parameters
    ----------
    matches : `BaseCatalog`
        IDs and distances.
    cat1, cat2 : `SimpleCatalog` or `SourceCatalog`
        The catalogs, sorted by ID.

    Returns
    -------
    matches : `list`
        Matches; a record whose ID is not found is None, with a warning.

    Raises
    ------
    lsst.pex.exceptions.InvalidParameterError
        Raised if a catalog is not sorted.
    """
    matchClass = _matchClass(cat1, cat2)
    schema = matches.schema
    ids1 = matches._stored(schema["first"].asKey()).tolist()
    ids2 = matches._stored(schema["second"].asKey()).tolist()
    distances = matches._stored(schema["distance"].asKey()).tolist()
    if not cat1.isSorted() or not cat2.isSorted():
        raise pexExceptions.InvalidParameterError("Catalogs passed to unpackMatches must be sorted.")
    result = []
    for id1, id2, distance in zip(ids1, ids2, distances):
        match = matchClass(cat1.find(id1), cat2.find(id2), distance)
        for number, (id, record) in enumerate(((id1, match.first), (id2, match.second)), 1):
            if record is None:
                _LOG.warning("Persisted match record with ID %d not found in catalog %d.", id, number)
        result.append(match)
    return result
