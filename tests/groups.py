# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Groups of DIASources, for comparison."""

import csv


def readGroups(path, groupColumn, where=None):
    """Return the groups of a CSV file as a set of sorted tuples of source ids."""
    groups = {}
    with open(path) as stream:
        for row in csv.DictReader(stream):
            if where is None or where(row):
                groups.setdefault(row[groupColumn], []).append(int(row["id"]))
    return {tuple(sorted(group)) for group in groups.values()}


def memberGroups(diaSources):
    """Return the groups of a reproDIASources catalog likewise."""
    groups = {}
    for objectId, sourceId in zip(diaSources["diaObjectId"].tolist(), diaSources["id"].tolist()):
        if objectId:
            groups.setdefault(objectId, []).append(sourceId)
    return {tuple(sorted(group)) for group in groups.values()}
