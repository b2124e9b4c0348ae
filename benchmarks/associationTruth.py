# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Score the associators on simulated skies and write the table for the user guide.

Run as ``python -m benchmarks.associationTruth``.
"""

import pathlib

import numpy as np
from lsst.dia.repro.association.associators import DiaSources, Memberships, associatorRegistry
from lsst.dia.repro.sky import toVectors
from lsst.dia.repro.units import ARCSEC
from lsst.sphgeom import HtmPixelization
from scipy.spatial import cKDTree

ROOT = pathlib.Path(__file__).parent.parent
PAGE = ROOT/"doc"/"lsst.dia.repro"/"association-truth.rst"
STACK = ROOT/"stack"/"tests"/"data"/"stack-v23"
ASSOCIATORS = ("multiMatch", "clustering", "assignment")
N_PAIRS, N_EXPOSURES, N_ASTEROIDS, DETECTED = 2000, 20, 2000, 0.7

HEADER = """################################
How well the associators do it
################################

Simulated skies: {pairs} pairs of objects, 0.2 to 3 arcsec apart, each detected in {detected:.0%} of
{exposures} exposures, and {asteroids} asteroids, each detected once. The astrometric error is given to the
associators, as the errors of the catalogs are. Options are the defaults, with a radius of 0.5 arcsec, but
where it is said.

complete
    share of the true objects for which there is a DIAObject that has most of their DIASources and little else
pure
    share of the DIAObjects of several DIASources that show one true object
split
    share of the true objects whose DIASources are in several DIAObjects
merged
    share of the DIAObjects that show several true objects

``multiMatch`` keeps ambiguous objects here; ``dropped`` is what it does by default.

``ideal``
    what could be had if the true positions were known: each exposure is assigned at best to the means of what
    the true objects have, and what joins none is a DIAObject

This page is written by ``python -m benchmarks.associationTruth``.
"""


def tileCorner():
    """Return the position of a corner of a level-6 tile, radians."""
    corner = HtmPixelization(6).triangle(61234).getVertices()[0]
    return np.arctan2(corner.y(), corner.x()) % (2*np.pi), np.arcsin(corner.z())


def makeSky(error, ra, dec, seed=1):
    """Return DIASources and the true object of each, -1 for an asteroid.

    Parameters
    ----------
    error : `float`
        Astrometric error, arcsec.
    ra, dec : `float`
        Centre of the field, radians.
    seed : `int`, optional
        Seed of the sky.
    """
    rng = np.random.default_rng(seed)
    side = 40*np.sqrt(N_PAIRS)
    first = rng.uniform(-side/2, side/2, (2, N_PAIRS))
    apart, angle = rng.uniform(0.2, 3.0, N_PAIRS), rng.uniform(0, 2*np.pi, N_PAIRS)
    second = first + apart*np.stack([np.cos(angle), np.sin(angle)])
    offset = np.concatenate([first, second], axis=1)
    exposure, owner = np.nonzero(rng.random((N_EXPOSURES, 2*N_PAIRS)) < DETECTED)
    position = offset[:, owner] + rng.normal(0, error, (2, len(owner)))
    exposure = np.append(exposure, rng.integers(0, N_EXPOSURES, N_ASTEROIDS))
    owner = np.append(owner, np.full(N_ASTEROIDS, -1))
    position = np.append(position, rng.uniform(-side/2, side/2, (2, N_ASTEROIDS)), axis=1)
    order = np.argsort(exposure, kind="stable")
    sky = place(position[:, order]*ARCSEC, ra, dec)
    sources = DiaSources(np.arange(len(order)), *sky, exposure[order], np.full(len(order), error*ARCSEC))
    return sources, owner[order]


def place(offset, ra, dec):
    """Return the positions at tangent-plane offsets (radians) from a centre."""
    east = np.array([-np.sin(ra), np.cos(ra), 0])
    out = np.array([np.cos(dec)*np.cos(ra), np.cos(dec)*np.sin(ra), np.sin(dec)])
    x, y, z = out[:, np.newaxis] + np.outer(east, offset[0]) + np.outer(np.cross(out, east), offset[1])
    return np.arctan2(y, x) % (2*np.pi), np.arctan2(z, np.hypot(x, y))


def score(memberships, keep, owner):
    """Return (complete, pure, split, merged) of memberships, as shares.

    Parameters
    ----------
    memberships : `Memberships`
        What an associator found.
    keep : `numpy.ndarray`, (L,)
        Which links to score.
    owner : `numpy.ndarray`, (N,)
        True object of each source, -1 for an asteroid.
    """
    number, true = memberships.object[keep], owner[memberships.source[keep]]
    size = np.bincount(number, minlength=memberships.nObjects)
    nTrue = np.bincount(owner[owner >= 0], minlength=2*N_PAIRS)
    pairs, shared = np.unique(np.stack([number, true]), axis=1, return_counts=True)
    kinds = np.bincount(pairs[0], minlength=memberships.nObjects)
    isTrue = pairs[1] >= 0
    found = pairs[:, isTrue]
    matched = (shared[isTrue] > 0.5*nTrue[found[1]]) & (shared[isTrue] > 0.5*size[found[0]])
    several = size > 1
    trueKinds = np.bincount(found[0], minlength=memberships.nObjects)
    return (len(np.unique(found[1][matched]))/(2*N_PAIRS), np.mean(kinds[several] == 1),
            np.mean(np.bincount(found[1], minlength=2*N_PAIRS) > 1), np.mean(trueKinds[size > 0] > 1))


def build(name, **options):
    """Return an associator with some options."""
    config = associatorRegistry[name].ConfigClass()
    config.update(**options)
    return associatorRegistry[name](config=config)


def scoreAll(sources, owner, count=score):
    """Yield name and score of every associator with its default options."""
    for name in ASSOCIATORS:
        memberships = build(name).run(sources).memberships
        yield name, count(memberships, np.ones(len(memberships), dtype=bool), owner)
        if name == "multiMatch":
            yield "dropped", count(memberships, ~memberships.ambiguous, owner)


def scoreMatched(sources, owner, radius):
    """Yield name and score of the associators that know errors, with a radius, and of the ideal."""
    for label, name, more in (("clustering", "clustering", {}), ("assignment", "assignment", {}),
                              ("``refine=True``", "assignment", {"refine": True})):
        memberships = build(name, radius=radius, **more).run(sources).memberships
        yield label, score(memberships, np.ones(len(memberships), dtype=bool), owner)
    memberships = assignIdeally(sources, owner)
    yield "ideal", score(memberships, np.ones(len(memberships), dtype=bool), owner)


def assignIdeally(sources, owner):
    """Return the memberships that follow if the mean of every true object is known."""
    task, vectors = build("assignment", radius=0), sources.vectors()
    isOwned = owner >= 0
    means = np.stack([np.bincount(owner[isOwned], axis[isOwned]) for axis in vectors.T], axis=1)
    means /= np.linalg.norm(means, axis=1)[:, np.newaxis]
    label = len(means) + np.arange(len(sources))
    for exposure in np.unique(sources.exposure):
        rows = np.flatnonzero(sources.exposure == exposure)
        # Known exactly, but for what divisions by it need.
        place = task.assignExposure(means, np.full(len(means), 1e-24), vectors[rows],
                                    task.boundErrors(sources.error)[rows])
        label[rows[place >= 0]] = place[place >= 0]
    return Memberships.fromLinks(np.arange(len(sources)), label)


def misjudge(sources, factor):
    """Return the sources with errors that are wrong by a factor."""
    return DiaSources(sources.id, sources.ra, sources.dec, sources.exposure, factor*sources.error)


def scoreStackSurvey():
    """Yield name and (found, split, merged) of every associator on the stack's simulated survey."""
    from astropy.table import Table
    from lsst.daf.persistence import Butler

    catalogs = [(ref.get("ccdExposureId"), ref.get("deepDiff_diaSrc", immediate=True))
                for ref in Butler(str(STACK/"repo")).subset("deepDiff_diaSrc")]
    catalogs.sort(key=lambda pair: pair[0])
    ids, ra, dec = (np.concatenate([np.array(catalog[name]) for _, catalog in catalogs])
                    for name in ("id", "coord_ra", "coord_dec"))
    exposure = np.repeat(np.arange(len(catalogs)), [len(catalog) for _, catalog in catalogs])
    sources = DiaSources(ids, ra, dec, exposure)
    truth = Table.read(STACK/"expected"/"truth_objects.csv")
    tree = cKDTree(toVectors(np.radians(np.array(truth["ra"])), np.radians(np.array(truth["dec"]))))
    distance, owner = tree.query(sources.vectors(), distance_upper_bound=ARCSEC)
    return scoreAll(sources, np.where(np.isfinite(distance), owner, -1), countTruth)


def countTruth(memberships, keep, owner):
    """Return how many true objects were found and split, and how many DIAObjects are merged."""
    pairs = np.unique(np.stack([memberships.object[keep], owner[memberships.source[keep]]]), axis=1)
    found = pairs[:, pairs[1] >= 0]
    return (len(np.unique(found[1])), int((np.bincount(found[1]) > 1).sum()),
            int((np.bincount(found[0]) > 1).sum()))


def stackTable(rows):
    """Return the RST table of the stack's simulated survey."""
    title = "On the survey that the real stack simulated"
    lines = ["", title, "="*len(title), "",
             "True objects (of those that show in any DIASource within an arcsecond) that were found and",
             "split, and DIAObjects that merge several.", "", ".. list-table::", "   :header-rows: 1", "",
             "   * - associator\n     - found\n     - split\n     - merged"]
    lines += [f"   * - {name}\n" + "\n".join(f"     - {value}" for value in values) for name, values in rows]
    return "\n".join(lines) + "\n"


def table(title, first, rows):
    """Return an RST table."""
    lines = ["", title, "="*len(title), "", ".. list-table::", "   :header-rows: 1", "",
             f"   * - {first}\n     - associator\n     - complete\n     - pure\n     - split\n     - merged"]
    lines += ["   * - {}\n     - {}\n{}".format(
        label, name, "\n".join(f"     - {value:.3f}" for value in values)) for label, name, values in rows]
    return "\n".join(lines) + "\n"


def main():
    errors = [(f"{1000*error:.0f} mas", name, values) for error in (0.01, 0.03, 0.1, 0.2, 0.3)
              for name, values in scoreAll(*makeSky(error, 0.93, -0.49))]
    skies = {f"{1000*error:.0f} mas": (error, *makeSky(error, 0.93, -0.49)) for error in (0.1, 0.2, 0.3)}
    matched = [(label, name, values) for label, (error, sources, owner) in skies.items()
               for name, values in scoreMatched(sources, owner, 5*error)]
    misjudged = [(f"{label}, {word}", name, values) for label, (error, sources, owner) in skies.items()
                 for factor, word in ((1/1.5, "too small"), (1.5, "too large"))
                 for name, values in scoreMatched(misjudge(sources, factor), owner, 5*factor*error)
                 if name != "ideal"]
    places = {"RA 0": (0.0, 0.0), "north pole": (0.0, np.pi/2), "south pole": (1.0, -np.pi/2),
              "tile corner": tileCorner()}
    fields = [(place, name, values) for place, (ra, dec) in places.items()
              for name, values in scoreAll(*makeSky(0.1, ra, dec))]
    page = (HEADER.format(pairs=N_PAIRS, detected=DETECTED, exposures=N_EXPOSURES, asteroids=N_ASTEROIDS)
            + table("By astrometric error, default radius", "error", errors)
            + table("At a radius of five errors", "error", matched)
            + table("Errors given wrong by 1.5, radius of five of these", "error", misjudged)
            + table("By place on the sky, error 100 mas", "place", fields)
            + stackTable(scoreStackSurvey()))
    PAGE.write_text(page)
    print(page)


if __name__ == "__main__":
    main()
