# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Made-up skies for the tests of association."""

from math import lgamma

import numpy as np
from lsst.dia.repro.association.associators import DiaSources

ARCSEC = np.pi/180/3600


def makeSky(rng, nObjects=40, nExposures=8, error=0.1, spacing=3.0, center=(1.0, 0.3), fraction=0.8):
    """Return DiaSources of objects strewn at random, and the object of each source."""
    side = spacing*np.sqrt(nObjects)*ARCSEC
    east, north = rng.uniform(-side/2, side/2, (2, nObjects))
    exposure, owner = np.nonzero(rng.random((nExposures, nObjects)) < fraction)
    east, north = (axis[owner] + rng.normal(0, error*ARCSEC, len(owner)) for axis in (east, north))
    ra, dec = offsetPosition(*center, east, north)
    return DiaSources(np.arange(len(owner)) + 1, ra, dec, exposure, np.full(len(owner), error*ARCSEC)), owner


def offsetPosition(ra, dec, east, north):
    """Return the position at tangent-plane offsets (radians) from a centre."""
    vectors = tangentBasis(ra, dec)
    v = vectors[2] + east[:, np.newaxis]*vectors[0] + north[:, np.newaxis]*vectors[1]
    v /= np.linalg.norm(v, axis=1)[:, np.newaxis]
    return np.arctan2(v[:, 1], v[:, 0]) % (2*np.pi), np.arcsin(v[:, 2])


def tangentBasis(ra, dec):
    """Return the unit vectors east, north and outward at a position."""
    east = np.array([-np.sin(ra), np.cos(ra), 0])
    out = np.array([np.cos(dec)*np.cos(ra), np.cos(dec)*np.sin(ra), np.sin(dec)])
    return east, np.cross(out, east), out


def members(sources, memberships):
    """Return the set of objects, each the tuple of its members' ids."""
    groups = {}
    for source, number in zip(memberships.source, memberships.object):
        groups.setdefault(int(number), []).append(int(sources.id[source]))
    return {tuple(sorted(group)) for group in groups.values()}


def logLikelihood(place, error, label=0, maxSigma=5.0):
    """Return the log likelihood of a partition, written down anew: what `Partition` says in its notes."""
    total = 0.0
    label = np.broadcast_to(label, len(error))
    for mine in (label == each for each in np.unique(label)):
        w = error[mine]**-2.0
        chi2 = np.sum(w*np.sum((place[mine] - w @ place[mine]/np.sum(w))**2, axis=1))
        total += lgamma(len(w)) - np.log(np.sum(w)/np.exp(np.mean(np.log(w)))) - 0.5*chi2 - 0.5*maxSigma**2
    return total
