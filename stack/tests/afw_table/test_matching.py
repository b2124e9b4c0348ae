# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Matching: against brute force, and against what the real stack made of the same catalogs."""

import csv
import math
import re

import numpy as np
import pytest

import lsst.afw.table as afwTable
import lsst.geom
import lsst.pex.exceptions as pexExceptions
from lsst.afw.table._stdSort import stdSortOrder

ARCSEC = math.pi / 180 / 3600


def makeCatalog(ra, dec, cls=afwTable.SourceCatalog):
    catalog = cls(cls.Table.makeMinimalSchema())
    catalog.resize(len(ra))
    catalog["coord_ra"], catalog["coord_dec"] = ra, dec
    return catalog


def randomCatalog(n, seed, center=(0.0, 0.0), size=60 * ARCSEC, **kwargs):
    rng = np.random.default_rng(seed)
    ra = (center[0] + rng.uniform(-size, size, n)) % (2 * math.pi)
    return makeCatalog(ra, center[1] + rng.uniform(-size, size, n), **kwargs)


def test_stdSort():
    """The order of equal keys differs from a stable sort, but is a sort."""
    rng = np.random.default_rng(8)
    for n in (5, 16, 17, 100, 3000):
        keys = rng.integers(0, max(2, n // 4), n).astype(float)
        order = stdSortOrder(keys)
        assert np.array_equal(keys[order], np.sort(keys))
        assert np.array_equal(np.sort(order), np.arange(n))
    organPipe = np.concatenate([np.arange(2000), np.arange(2000)[::-1]]).astype(float)
    assert np.array_equal(organPipe[stdSortOrder(organPipe)], np.sort(organPipe))


# MultiMatch

def diaSources(repo):
    """Yield catalog, visit and ccdExposureId in the order of visit, raft and sensor."""
    files = []
    for path in repo.glob("deepDiff/v*-f*/R*/diaSrc-S*.fits"):
        match = re.search(r"v(\d+)-f./R(\d)(\d)/diaSrc-S(\d)(\d)\.fits", str(path))
        visit, rx, ry, sx, sy = map(int, match.groups())
        files.append((visit, rx, ry, sx, sy, path))
    for visit, rx, ry, sx, sy, path in sorted(files):
        exposure = (visit << 9) + (rx * 5 + ry) * 10 + sx * 3 + sy
        yield afwTable.SourceCatalog.readFits(str(path)), visit, exposure


def matchAll(repo, radius):
    matcher = None
    for catalog, visit, exposure in diaSources(repo):
        if matcher is None:
            matcher = afwTable.MultiMatch(catalog.schema, {"ccdExposureId": np.int64, "visit": np.int32},
                                          radius=radius * lsst.geom.arcseconds)
        matcher.add(catalog, {"ccdExposureId": exposure, "visit": visit})
    return matcher


def rowsOf(path):
    with open(path) as stream:
        return list(csv.DictReader(stream))


@pytest.mark.parametrize("kind", ["all", "unambiguous"])
def test_multiMatchAsTheStack(stackData, kind):
    result = matchAll(stackData / "repo", 0.5).finish(removeAmbiguous=kind == "unambiguous")
    expected = rowsOf(stackData / "expected" / f"multimatch_r0.5_{kind}.csv")
    assert result.isContiguous()
    for name in ("object", "id", "visit", "ccdExposureId"):
        assert result[name].tolist() == [int(row[name]) for row in expected]
    assert result["coord_ra"].tolist() == [float(row["coord_ra_rad"]) for row in expected]


def test_multiMatchOfComCam(shared):
    folder = shared / "real" / "comcam"
    matcher = matchAll(folder / "repo", 0.5)
    ambiguous = set(matcher.ambiguous)
    result = matcher.finish(removeAmbiguous=False)
    expected = rowsOf(folder / "multimatch_r0.5_stack_v23.csv")
    for name in ("object", "id", "visit", "ccdExposureId"):
        assert result[name].tolist() == [int(row[name]) for row in expected]
    assert [int(i) in ambiguous for i in result["object"]] == [row["ambiguous"] == "1" for row in expected]


def test_multiMatchAmbiguity():
    """One source between two objects takes both with it."""
    first = makeCatalog(np.array([0.0, 0.6 * ARCSEC, 1.0]), np.zeros(3))
    second = makeCatalog(np.array([0.3 * ARCSEC, 1.0, np.nan]), np.zeros(3))
    matcher = afwTable.MultiMatch(first.schema, {"visit": np.int32})
    matcher.add(first, {"visit": 1})
    matcher.add(second, {"visit": 2})
    assert matcher.ambiguous == {1, 2}
    assert len(matcher.result) == 3 + 3 + 1
    result = matcher.finish()
    assert result["object"].tolist() == [3, 3, 4]
    assert result["visit"].tolist() == [1, 2, 2]
    with pytest.raises(TypeError):
        matcher.finish()
    matcher.add(first, {"visit": 3})
    assert matcher.finish()["object"].tolist() == [5, 6, 7]


def test_multiMatchArguments():
    schema = afwTable.SourceTable.makeMinimalSchema()
    with pytest.raises(ValueError):
        afwTable.MultiMatch(schema, {}, radius=0.5)
    with pytest.raises(pexExceptions.LengthError):
        afwTable.MultiMatch(schema, {"filter": str})
