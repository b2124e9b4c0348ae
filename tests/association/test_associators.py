# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Properties that every associator must have, on skies made up by hypothesis."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lsst.dia.repro.association.associators import DiaSources, Memberships, associatorRegistry
from lsst.dia.repro.sky import chord, separation
from skies import ARCSEC, makeSky, members

ALL = ("multiMatch", "clustering", "assignment")
ORDER_FREE = ("clustering", "assignment")
skies = st.fixed_dictionaries({
    "seed": st.integers(0, 10**6), "spacing": st.sampled_from([0.6, 1.5, 5.0]),
    "error": st.sampled_from([0.01, 0.1, 0.3]),
    "center": st.sampled_from([(1.0, 0.3), (0.0, -0.5), (3.0, np.pi/2), (0.7, -np.pi/2), (2*np.pi, 0.0)])})


def build(name, **options):
    config = associatorRegistry[name].ConfigClass()
    config.update(**options)
    return associatorRegistry[name](config=config)


def sky(seed, **options):
    return makeSky(np.random.default_rng(seed), **options)[0]


@pytest.mark.parametrize("name", ALL)
@given(options=skies)
@settings(max_examples=15, deadline=None)
def testEverySourceHasItsObject(name, options):
    sources = sky(**options)
    memberships = build(name).run(sources).memberships
    count = np.bincount(memberships.source, minlength=len(sources))
    if name == "multiMatch":
        assert (count >= 1).all()
        assert (count[memberships.source[~memberships.ambiguous]] == 1).all()
    else:
        assert (count == 1).all()
    assert sorted(set(memberships.object)) == list(range(memberships.nObjects))


@pytest.mark.parametrize("name", ORDER_FREE)
@given(options=skies)
@settings(max_examples=15, deadline=None)
def testOneSourceOfAnExposure(name, options):
    sources = sky(**options)
    memberships = build(name).run(sources).memberships
    pairs = np.stack([memberships.object, sources.exposure[memberships.source]])
    assert len(np.unique(pairs, axis=1).T) == len(memberships)


@given(options=skies)
@settings(max_examples=15, deadline=None)
def testClustersStayWithinTheRadius(options):
    sources = sky(**options)
    result = build("clustering").run(sources)
    assert (result.separation <= 0.5*ARCSEC*(1 + 1e-9)).all()


@given(options=skies)
@settings(max_examples=15, deadline=None)
def testMultiMatchMembersAreNearTheFirst(options):
    sources = sky(**options)
    memberships = build("multiMatch").run(sources).memberships
    first = sources.vectors()[memberships.firstSources()[memberships.object]]
    distance = separation(sources.vectors()[memberships.source], first)
    # It compares with 2 - 2 cos(radius), 5.9e-12, which is rounded to 2e-16: 4e-5 of it, 2e-5 of the radius.
    assert (distance <= 0.5*ARCSEC*(1 + 2e-5)).all()


@given(options=skies)
@settings(max_examples=15, deadline=None)
def testAssignmentJoinsWithinTheRadius(options):
    sources = sky(**options)
    memberships = build("assignment").run(sources).memberships
    # Equal errors: the running mean is that of the members before.
    vectors = sources.vectors()[memberships.source]
    for number in range(memberships.nObjects):
        members = vectors[memberships.object == number]
        for i in range(1, len(members)):
            mean = members[:i].mean(axis=0)
            assert np.linalg.norm(members[i] - mean) <= 0.5*ARCSEC*(1 + 1e-6)


@pytest.mark.parametrize("name", ALL)
@given(options=skies, angle=st.floats(0, 2*np.pi), axis=st.sampled_from([0, 1, 2]))
@settings(max_examples=15, deadline=None)
def testRotationOfTheSkyChangesNothing(name, options, angle, axis):
    sources = sky(**options)
    plane = [i for i in range(3) if i != axis]
    rotation = np.eye(3)
    rotation[np.ix_(plane, plane)] = [[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]
    x, y, z = rotation @ sources.vectors().T
    turned = DiaSources(sources.id, np.arctan2(y, x), np.arctan2(z, np.hypot(x, y)), sources.exposure,
                        sources.error)
    task = build(name)
    assert members(sources, task.run(sources).memberships) == members(turned, task.run(turned).memberships)


@pytest.mark.parametrize("name", ALL)
def testFarPartsOfTheSkyDoNotInfluenceEachOther(name):
    rng = np.random.default_rng(5)
    here, there = makeSky(rng, spacing=1.0)[0], makeSky(rng, spacing=1.0, center=(4.0, -1.2))[0]
    exposure = np.append(here.exposure, there.exposure)
    order = np.argsort(exposure, kind="stable")
    both = DiaSources(np.arange(len(order)), np.append(here.ra, there.ra)[order],
                      np.append(here.dec, there.dec)[order], exposure[order],
                      np.append(here.error, there.error)[order])
    task = build(name)
    apart = task.run(here).memberships.nObjects + task.run(there).memberships.nObjects
    assert task.run(both).memberships.nObjects == apart


@pytest.mark.parametrize("name", ALL)
def testWellSeparatedObjectsAreFoundExactly(name):
    sources, owner = makeSky(np.random.default_rng(2), nObjects=200, error=0.05, spacing=20.0)
    memberships = build(name).run(sources).memberships
    truth = {tuple(sources.id[owner == k]) for k in np.unique(owner)}
    # Errors of 0.05 arcsec do not separate two sources of one object by 0.5.
    assert members(sources, memberships) == truth


@pytest.mark.parametrize("name, options", [
    *((name, {}) for name in ALL), *((name, {"radius": None}) for name in ORDER_FREE),
    ("assignment", {"refine": True})])
@pytest.mark.parametrize("error", [np.nan, np.inf, -np.inf, 0.0, -1.0, 1e-300, 1e154, 1e300])
def testErrorsThatAreNoErrors(name, options, error):
    """Sources whose errors say nothing are with their objects if there is no other, and all is finite."""
    # None is within 20 arcsec, twice the farthest that sources are looked for without a radius.
    sources, owner = makeSky(np.random.default_rng(2), nObjects=20, error=0.05, spacing=300.0)
    sources.error[::7] = error
    with np.errstate(all="raise"):
        task = build(name, **options)
        result, used = task.run(sources), task.boundErrors(sources.error)
    assert members(sources, result.memberships) == {tuple(sources.id[owner == k]) for k in np.unique(owner)}
    for values in (used, result.means, result.separation, result.separationSigma):
        assert np.isfinite(values).all()
    assert (used > 0).all()
    assert np.linalg.norm(result.means, axis=1) == pytest.approx(1.0, abs=1e-12)


@pytest.mark.parametrize("name", ALL)
def testNoSources(name):
    result = build(name).run(DiaSources([], [], [], []))
    assert result.memberships.nObjects == 0 and len(result.separation) == 0


def testAssignmentResolvesAPairThatNearestWouldNot():
    # Two objects 0.4 arcsec apart; in the last exposure both sources are
    # nearest to the first object, and only together can both be placed.
    east = np.array([0.0, 0.4, 0.0, 0.4, 0.05, 0.15])*ARCSEC
    sources = DiaSources(np.arange(6), east, np.zeros(6), [0, 0, 1, 1, 2, 2], np.full(6, 0.1*ARCSEC))
    assert members(sources, build("assignment").run(sources).memberships) == {(0, 2, 4), (1, 3, 5)}


def testClusteringSplitsAChain():
    east = 0.3*np.arange(9)*ARCSEC
    sources = DiaSources(np.arange(9), east, np.zeros(9), np.arange(9))
    memberships = build("clustering").run(sources).memberships
    assert memberships.nObjects > 1
    assert (np.bincount(memberships.object) <= 4).all()


def testRivalsAreTold():
    east = np.array([0.0, 0.4, 0.0, 0.4, 30.0])*ARCSEC
    sources = DiaSources(np.arange(5), east, np.zeros(5), [0, 0, 1, 1, 1], np.full(5, 0.02*ARCSEC))
    result = build("assignment").run(sources)
    isRival = dict(zip(result.memberships.source, result.rival))
    assert [isRival[i] for i in range(5)] == [True, True, True, True, False]


def testAssignmentIsTheMostLikelyNotTheShortest():
    # Objects A and B 0.24 arcsec apart. Of the last two sources, the first lies on A; the second 0.24 from A
    # and 0.45 from B. Together they are 0.45 from A, B and 0.48 from B, A; chi2 is 20.2 and 11.5.
    east = np.array([0.0, 0.24, 0.0, -0.182])*ARCSEC
    north = np.array([0.0, 0.0, 0.0, 0.156])*ARCSEC
    sources = DiaSources(np.arange(4), east, north, [0, 0, 1, 1], np.full(4, 0.1*ARCSEC))
    assert members(sources, build("assignment").run(sources).memberships) == {(0, 3), (1, 2)}


def testAssignmentCountsInErrorsOfTheSource():
    # One object for two sources: 0.1 arcsec is 2 of the first one's errors, 0.15 is 0.75 of the second's.
    east = np.array([0.0, 0.1, 0.15])*ARCSEC
    sources = DiaSources(np.arange(3), east, np.zeros(3), [0, 1, 1], np.array([0.05, 0.05, 0.2])*ARCSEC)
    assert members(sources, build("assignment").run(sources).memberships) == {(0, 2), (1,)}


def testAssignmentDoesNotPreferYoungObjects():
    # The last source is 0.2 arcsec from an object of ten and 0.22 from one of one, whose position is known
    # less well: 1.9 and 1.6 errors with those of the objects, 2 and 2.2 without.
    east = np.append(np.zeros(10), [0.42, 0.2])*ARCSEC
    exposure = np.append(np.arange(10), [9, 10])
    sources = DiaSources(np.arange(12), east, np.zeros(12), exposure, np.full(12, 0.1*ARCSEC))
    assert members(sources, build("assignment").run(sources).memberships) == {(*range(10), 11), (10,)}


@pytest.mark.parametrize("name", ALL)
@given(options=skies)
@settings(max_examples=15, deadline=None)
def testRivalsAreAllOtherObjectsWithinTheRadius(name, options):
    sources = sky(**options)
    result = build(name).run(sources)
    memberships = result.memberships
    distance = separation(sources.vectors()[memberships.source][:, np.newaxis], result.means)
    distance[np.arange(len(memberships)), memberships.object] = np.inf
    np.testing.assert_array_equal(result.rival, (distance <= 0.5*ARCSEC).any(axis=1))


def testRivalIsWithinTheRadius():
    # 0.45 and 0.55 arcsec, of one neighbourhood; a third object is 1.5 from the second.
    for apart, isRival in ((0.45, True), (0.55, False)):
        east = np.array([0.0, apart, apart + 1.5])*ARCSEC
        sources = DiaSources(np.arange(3), east, np.zeros(3), [0, 0, 0], np.full(3, 0.02*ARCSEC))
        assert build("assignment").run(sources).rival.tolist() == [isRival, isRival, False]


def testOwnObjectBeyondTheRadiusIsNoRivalAndHidesNone():
    # Means at 0 and 0.6 arcsec. The first source, at 0.8, is of the first object and out of its reach, but in
    # that of the second; the next, at 0.4, is within reach of both.
    vectors = DiaSources(np.arange(3), np.array([0.8, 0.4, 0.6])*ARCSEC, np.zeros(3), [0, 1, 2]).vectors()
    means = DiaSources(np.arange(2), np.array([0.0, 0.6])*ARCSEC, np.zeros(2), [0, 1]).vectors()
    memberships = Memberships.fromLinks(np.array([0, 1, 2]), np.array([0, 0, 1]))
    rival = memberships.rivals(vectors, means, np.zeros(3, dtype=int), chord(0.45*ARCSEC))
    assert rival.tolist() == [True, True, False]


def testSeparationInSigma():
    # Two equal sources 0.2 arcsec apart, error 0.1: mean in the middle with
    # error 0.1/sqrt(2); 0.1/sqrt(0.1^2 + 0.1^2/2) = 0.8165.
    sources = DiaSources([1, 2], np.array([0, 0.2])*ARCSEC, [0, 0], [0, 1], np.full(2, 0.1*ARCSEC))
    result = build("assignment").run(sources)
    np.testing.assert_allclose(result.separation, 0.1*ARCSEC, rtol=1e-6)
    np.testing.assert_allclose(result.separationSigma, 0.816497, rtol=1e-5)


@pytest.mark.parametrize("columns, message", [
    (dict(id=[1, 2], ra=[0, np.nan], dec=[0, 0], exposure=[0, 1]), "finite"),
    (dict(id=[1, 2], ra=[0, 0], dec=[0, 0], exposure=[1, 0]), "sorted"),
    (dict(id=[1, 1], ra=[0, 0], dec=[0, 0], exposure=[0, 0]), "twice"),
    (dict(id=[1, 2], ra=[0], dec=[0, 0], exposure=[0, 1]), "length")])
def testBadColumnsAreRefused(columns, message):
    with pytest.raises(ValueError, match=message):
        DiaSources(**columns)


@pytest.mark.parametrize("name", ORDER_FREE)
@given(options=skies, size=st.sampled_from([1, 7, 60]))
@settings(max_examples=15, deadline=None)
def testChunksGiveTheSame(name, options, size):
    sources = sky(**options)
    whole, chunked = build(name), build(name)
    chunked.chunkSize = size
    expected, result = whole.run(sources), chunked.run(sources)
    for column in ("source", "object", "ambiguous"):
        np.testing.assert_array_equal(getattr(result.memberships, column),
                                      getattr(expected.memberships, column))
    for column in ("means", "separation", "separationSigma", "rival"):
        np.testing.assert_array_equal(getattr(result, column), getattr(expected, column))
