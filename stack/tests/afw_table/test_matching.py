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


def separations(cat1, cat2):
    def vectors(cat):
        ra, dec = cat["coord_ra"], cat["coord_dec"]
        return np.stack([np.cos(ra) * np.cos(dec), np.sin(ra) * np.cos(dec), np.sin(dec)], axis=1)

    a, b = vectors(cat1), vectors(cat2)
    return 2 * np.arcsin(0.5 * np.sqrt(((a[:, None] - b[None]) ** 2).sum(axis=-1)))


@pytest.mark.parametrize("center", [(0.0, 0.0), (1.0, 1.5), (3.0, -1.2)])
@pytest.mark.parametrize("n", [40, 2000])
def test_againstBruteForce(center, n):
    cat1, cat2 = randomCatalog(n, 1, center), randomCatalog(n, 2, center)
    radius = 2 * lsst.geom.arcseconds
    distance = separations(cat1, cat2)
    control = afwTable.MatchControl()
    control.findOnlyClosest = False
    pairs = {(m.first.getId(), m.second.getId()) for m in afwTable.matchRaDec(cat1, cat2, radius, control)}
    expected = {(i + 1, j + 1) for i, j in zip(*np.nonzero(distance < radius.asRadians()))}
    assert pairs == expected
    closest = {m.first.getId(): m for m in afwTable.matchRaDec(cat1, cat2, radius)}
    nearest = distance.argmin(axis=1)
    assert set(closest) == {i for i, _ in expected}
    for i, match in closest.items():
        assert match.second.getId() == nearest[i - 1] + 1
        assert match.distance == pytest.approx(distance[i - 1].min(), rel=1e-6)


def test_selfMatch():
    catalog = randomCatalog(200, 5)
    radius = 5 * lsst.geom.arcseconds
    distance = separations(catalog, catalog)
    expected = {(i + 1, j + 1) for i, j in zip(*np.nonzero(distance < radius.asRadians())) if i != j}
    pairs = {(m.first.getId(), m.second.getId()) for m in afwTable.matchRaDec(catalog, radius)}
    assert pairs == expected
    assert {(m[0].getId(), m[1].getId()) for m in afwTable.matchRaDec(catalog, catalog, radius)} == expected
    control = afwTable.MatchControl()
    control.symmetricMatch = False
    assert 2 * len(afwTable.matchRaDec(catalog, radius, control)) == len(expected)


def test_nanAndMismatches():
    cat1 = makeCatalog(np.array([0.0, 0.1, np.nan, 0.3]), np.array([0.0, 0.0, 0.0, -0.1]))
    cat2 = makeCatalog(np.array([0.0, np.nan]), np.array([ARCSEC, 0.0]))
    control = afwTable.MatchControl()
    control.includeMismatches = True
    matches = afwTable.matchRaDec(cat1, cat2, 2 * lsst.geom.arcseconds, control)
    found = [(m.first.getId(), m.second and m.second.getId()) for m in matches]
    assert found == [(4, None), (1, 1), (2, None)]


def test_errors():
    catalog = randomCatalog(3, 1)
    with pytest.raises(pexExceptions.RangeError):
        afwTable.matchRaDec(catalog, randomCatalog(3, 2), 46 * lsst.geom.degrees)
    with pytest.raises(TypeError):
        afwTable.matchRaDec(catalog, catalog, 1.0)
    with pytest.raises(TypeError):
        simple = randomCatalog(3, 1, cls=afwTable.SimpleCatalog)
        afwTable.matchRaDec(catalog, simple, 1 * lsst.geom.arcseconds)


def test_packedMatches():
    cat1 = randomCatalog(100, 1, cls=afwTable.SimpleCatalog)
    cat2 = randomCatalog(100, 2)
    matches = afwTable.matchRaDec(cat1, cat2, 4 * lsst.geom.arcseconds)
    assert matches and isinstance(matches[0], afwTable.ReferenceMatch)
    packed = afwTable.packMatches(matches)
    back = afwTable.unpackMatches(packed, cat1, cat2)
    assert [(m.first, m.second, m.distance) for m in back] == [tuple(m) for m in matches]
    cat1.sort(cat1.schema.find("coord_ra").key)
    with pytest.raises(pexExceptions.InvalidParameterError):
        afwTable.unpackMatches(packed, cat1, cat2)


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


def test_groupView():
    catalog = randomCatalog(6, 1)
    schema = catalog.schema
    schema.addField("object", type=np.int64)
    mapper = afwTable.SchemaMapper(catalog.schema)
    mapper.addMinimalSchema(catalog.schema)
    objectKey = mapper.editOutputSchema().addField("object", type=np.int64)
    grouped = afwTable.SourceCatalog(mapper.getOutputSchema())
    grouped.extend(catalog, mapper=mapper)
    grouped[objectKey] = np.array([1, 1, 4, 5, 5, 5])
    groups = afwTable.GroupView.build(grouped)
    assert list(groups) == [1, 4, 5] and len(groups[5]) == 3 and groups.count == 6
    with pytest.raises(KeyError):
        groups[2]
    assert groups.aggregate(len, dtype=int).tolist() == [2, 1, 3]
    assert np.allclose(groups.aggregate(np.mean, field="coord_ra")[1], grouped["coord_ra"][2])
    assert groups.apply(lambda ids: ids - ids[0], field="id").tolist() == [0, 1, 0, 0, 1, 2]
    assert list(groups.where(lambda group: len(group) > 1)) == [1, 5]
    grouped[objectKey] = np.array([1, 4, 1, 5, 5, 5])
    with pytest.raises(AssertionError):
        afwTable.GroupView.build(grouped)
