# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""The radius: associations without one, and the warning where it is too small."""

import logging

import lsst.pex.config as pexConfig
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lsst.dia.repro import friendsOfFriends
from lsst.dia.repro.association.associators import DiaSources, associatorRegistry
from lsst.dia.repro.association.diaAssociation import DiaObjectMakerConfig
from lsst.dia.repro.optionOwner import nameOption
from lsst.dia.repro.prompt.diaPromptProcessing import DiaPromptConfig
from lsst.dia.repro.sky import separation, toVectors
from skies import ARCSEC, makeSky, members

skies = st.fixed_dictionaries({"seed": st.integers(0, 10**6), "spacing": st.sampled_from([0.8, 2.0, 8.0]),
                               "error": st.sampled_from([0.05, 0.2])})


def build(name, **options):
    config = associatorRegistry[name].ConfigClass()
    config.update(**options)
    config.validate()
    return associatorRegistry[name](config=config)


def makeUnequalSky(seed, error, **options):
    """Return sources of which some are known much less well than others."""
    sources, _ = makeSky(np.random.default_rng(seed), error=error, **options)
    factor = np.random.default_rng(seed + 1).choice([0.5, 1, 2, 8], len(sources), p=[0.3, 0.4, 0.25, 0.05])
    return DiaSources(sources.id, sources.ra, sources.dec, sources.exposure, sources.error*factor)


@pytest.mark.parametrize("name, more", [("assignment", {}), ("assignment", {"refine": True}),
                                        ("clustering", {})])
@given(options=skies, nothing=st.sampled_from([0, None]))
@settings(max_examples=15, deadline=None)
def testErrorsDecideAloneAsWithAWideRadius(name, more, options, nothing):
    sources = makeUnequalSky(**options)
    found, expected = (build(name, radius=radius, **more).run(sources) for radius in (nothing, 10.0))
    assert members(sources, found.memberships) == members(sources, expected.memberships)


@pytest.mark.parametrize("name", ["assignment", "clustering"])
@given(options=skies, size=st.sampled_from([1, 7, 60]))
@settings(max_examples=15, deadline=None)
def testChunksGiveTheSameWithoutARadius(name, options, size):
    sources = makeUnequalSky(**options)
    whole, chunked = build(name, radius=0), build(name, radius=0)
    chunked.chunkSize = size
    expected, found = whole.run(sources), chunked.run(sources)
    assert members(sources, found.memberships) == members(sources, expected.memberships)
    np.testing.assert_array_equal(found.rival, expected.rival)


def testRivalsWithoutARadiusAreWithinTheErrors():
    # Two objects 0.9 arcsec apart: 4.5 errors of the first source, 6 of the second.
    sources = DiaSources([1, 2], np.array([0, 0.9])*ARCSEC, [0, 0], [0, 0], np.array([0.2, 0.15])*ARCSEC)
    assert build("assignment", radius=0).run(sources).rival.tolist() == [True, False]


@given(seed=st.integers(0, 10**6))
@settings(max_examples=30, deadline=None)
def testUnequalNeighborhoods(seed):
    rng = np.random.default_rng(seed)
    ra, dec = rng.uniform(0, 60*ARCSEC, (2, 150))
    length = rng.choice([0.5, 1.3, 6.0], 150, p=[0.6, 0.38, 0.02])*ARCSEC
    label = friendsOfFriends.findUnequalNeighborhoods(ra, dec, length)
    distance = np.hypot(ra - ra[:, np.newaxis], dec - dec[:, np.newaxis])
    reach = np.maximum(length, length[:, np.newaxis])
    isSame = label == label[:, np.newaxis]
    assert isSame[distance <= reach].all()
    # A source that nothing is near to, by the widest cells that its length and theirs may have, is alone.
    isLonely = (distance + np.where(np.eye(150, dtype=bool), np.inf, 0) > 4*np.sqrt(3)*reach).all(axis=1)
    assert (isSame[isLonely].sum(axis=1) == 1).all()


@pytest.mark.parametrize("nothing", [0, None])
def testMultiMatchNeedsARadius(nothing):
    config = DiaObjectMakerConfig()
    config.associator["multiMatch"].radius = nothing
    with pytest.raises(pexConfig.FieldValidationError, match="this associator needs a radius"):
        config.validate()
    config.associator.name, config.associator["assignment"].radius = "assignment", nothing
    config.validate()


def testLevel1CanDoWithoutARadius():
    config = DiaPromptConfig()
    config.associator.radius = 0
    config.validate()
    task = config.associator.apply(name="associator")
    means, sources = (DiaSources(np.arange(2), np.array(east)*ARCSEC, np.zeros(2), [0, 0]).vectors()
                      for east in ([0.0, 3.0], [1.5, 3.0]))
    variance, error = np.full(2, (0.1*ARCSEC)**2), np.full(2, 0.4*ARCSEC)
    assert task.assignExposure(means, variance, sources, error).tolist() == [0, 1]
    config.associator.radius = 0.5
    task = config.associator.apply(name="associator")
    assert task.assignExposure(means, variance, sources, error).tolist() == [-1, 1]


def testWarningOfATooSmallRadius(caplog):
    caplog.set_level(logging.WARNING)
    # Of a hundred known errors, one is beyond all, and 49 are 0.3 arcsec; those unknown have no say.
    error = np.array([0.08]*50 + [0.3]*49 + [4.0] + [np.nan]*300)*ARCSEC
    task = build("assignment")
    assert task.checkRadius(error) == (0.5, 1.5)
    assert task.checkRadius(error) == (0.5, 1.5)
    assert [record.getMessage() for record in caplog.records] == [
        "Position errors allow more than the radius of 0.5 arcsec for 50 % of the DIASources, whose "
        "DIAObjects may be split: the option radius=1.5 prevents that, or 0, by which errors decide alone"]
    caplog.clear()
    assert build("clustering", radius=1.5).checkRadius(error.astype(np.float32)) == (0.01, 1.5)
    assert build("assignment", radius=0).checkRadius(error) == (0.01, 1.5)
    assert build("assignment").checkRadius(np.full(5, np.nan)) == (0.0, 0.0)
    assert not caplog.records


def testOptionsAreNamedAsTheyAreTyped():
    # In a survey the associator is chosen from a registry, in Level 1 it is fixed.
    survey, level1 = DiaObjectMakerConfig(), DiaPromptConfig()
    survey.associator = "assignment"
    assert nameOption(survey.associator.active, "radius") == "associator.active.radius"
    assert nameOption(level1.associator.apply(name="associator").config, "radius") == "associator.radius"


@pytest.mark.parametrize("slab", [1, 7, 10**6])
def testNeighborhoodsDoNotDependOnHowCellsAreSorted(slab, monkeypatch):
    rng = np.random.default_rng(5)
    ra, dec = rng.uniform(0, 2*np.pi, 3000), np.arcsin(rng.uniform(-1, 1, 3000))
    expected = friendsOfFriends.findNeighborhoods(ra, dec, 0.02)
    monkeypatch.setattr(friendsOfFriends, "SLAB", slab)
    np.testing.assert_array_equal(friendsOfFriends.findNeighborhoods(ra, dec, 0.02), expected)
    isNear = separation(toVectors(ra, dec)[:, np.newaxis], toVectors(ra, dec)) < 0.02
    assert (expected == expected[:, np.newaxis])[isNear].all() and len(np.unique(expected)) > 10
