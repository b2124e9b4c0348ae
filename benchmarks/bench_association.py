# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Association of a million DIASources."""

import functools

import lsst.afw.table as afwTable
import lsst.geom as geom
import numpy as np
from lsst.dia.repro.association.associators import DiaSources, associatorRegistry
from lsst.dia.repro.sky import chord
from lsst.dia.repro.units import ARCSEC
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from stack.benchmarks._timing import Row, bestOf, bestOfEach, peakMemory, sortSeconds

#: Numbers of sources for the growth of time.
SIZES = (5_000_000, 10_000_000)

#: Bytes a source that an associator needs: id, ra, dec, error and exposure.
COLUMNS = 8*5


def makeSources(nObjects, nExposures, spacing=27.0, error=0.1):
    """Return DIASources of objects strewn at a mean spacing (arcsec)."""
    rng = np.random.default_rng(1)
    side = spacing*np.sqrt(nObjects)*ARCSEC
    east, north = rng.uniform(0, side, (2, nObjects))
    exposure = np.repeat(np.arange(nExposures), nObjects)
    scatter = rng.normal(0, error*ARCSEC, (2, len(exposure)))
    return DiaSources(np.arange(len(exposure)), np.tile(east, nExposures) + scatter[0],
                      np.tile(north, nExposures) + scatter[1], exposure)


def kernel(vectors, radius=0.5*ARCSEC):
    """Pair neighbours and find connected components: the bare reference."""
    pairs = cKDTree(vectors).query_pairs(chord(radius), output_type="ndarray")
    n = len(vectors)
    graph = coo_matrix((np.ones(len(pairs), dtype=bool), (pairs[:, 0], pairs[:, 1])), shape=(n, n))
    return connected_components(graph, directed=False)


def multiMatch():
    """Match 200 catalogs of 5,000 sources with MultiMatch."""
    rng = np.random.default_rng(2)
    sources = makeSources(10_000, 1)
    catalogs = []
    for i in range(200):
        catalog = afwTable.SourceCatalog(afwTable.SourceTable.makeMinimalSchema())
        catalog.resize(5000)
        chosen = rng.choice(10_000, 5000, replace=False)
        catalog["id"] = np.arange(5000*i, 5000*(i + 1))
        catalog["coord_ra"] = sources.ra[chosen] + rng.normal(0, 0.1*ARCSEC, 5000)
        catalog["coord_dec"] = sources.dec[chosen] + rng.normal(0, 0.1*ARCSEC, 5000)
        catalogs.append(catalog)

    def match():
        matcher = afwTable.MultiMatch(catalogs[0].schema, {}, radius=0.5*geom.arcseconds)
        for catalog in catalogs:
            matcher.add(catalog, {})
        matcher.finish()

    return bestOf(match, repeats=2)


def run():
    """Yield the rows of the report."""
    yield Row("MultiMatch, 1e6 sources of 1e4 objects", multiMatch(), "numpy.sort(1e7)", sortSeconds(), 2.2)
    for spacing, crowding in ((27.0, "sparse"), (7.0, "crowded")):
        sources = makeSources(100_000, 10, spacing)
        reference = bestOf(kernel, sources.vectors())
        for name, limit in (("clustering", 3), ("assignment", 6)):
            task = associatorRegistry[name]()
            seconds = bestOf(task.run, sources)
            yield Row(f"{name}, 1e6 sources of 1e5 objects, {crowding}", seconds, "kernel", reference, limit)
    for nObjects, nExposures in (100_000, 10), (2500, 200):
        sources = makeSources(nObjects, nExposures, 7.0)
        sources.error[:] = 0.1*ARCSEC
        plain, refined = bestOfEach([functools.partial(makeAssignment(refine).run, sources)
                                     for refine in (False, True)])
        yield Row(f"assignment refined, {nExposures} exposures, crowded", refined, "assignment", plain, 1.5)
    for name in ("clustering", "assignment"):
        task = associatorRegistry[name]()
        less, more = bestOfEach([functools.partial(task.run, makeSources(size//10, 10)) for size in SIZES])
        yield Row(f"{name}, growth from {SIZES[0]:.3g} to {SIZES[1]:.3g} sources", more,
                  f"{SIZES[0]:.3g} sources", less, 2.2)
        ratio = peakMemory(associate, name, SIZES[-1])/(SIZES[-1]*COLUMNS)
        label = f"{name}, peak memory of {SIZES[-1]:.3g} sources, themselves included"
        yield f"{label:58s} {ratio:.2f} x the columns it needs  limit 3" + ("" if ratio <= 3 else "  MISSED")


def makeAssignment(refine):
    """Return the associator by assignment, with refinement or without."""
    config = associatorRegistry["assignment"].ConfigClass()
    config.refine = refine
    return associatorRegistry["assignment"](config=config)


def associate(name, number):
    """Make sources and associate them."""
    associatorRegistry[name]().run(makeSources(number//10, 10))
