# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Reading images and catalogs, against fitsio's raw reading; positions, against AST."""

import os
import tempfile

import fitsio
import lsst.afw.geom as afwGeom
import lsst.afw.image as afwImage
import lsst.afw.table as afwTable
import lsst.geom as geom
import numpy as np

from ._timing import Row, bestOf

SIZE, N_ROWS = 4000, 1_000_000


def readPlanes(path):
    """Read the three planes of an exposure with fitsio."""
    with fitsio.FITS(path) as file:
        return [file[hdu].read() for hdu in (1, 2, 3)]


def images(path):
    """Yield the rows on exposures."""
    exposure = afwImage.ExposureF(SIZE, SIZE)
    exposure.image.array[:] = np.random.default_rng(1).normal(0, 10, (SIZE, SIZE))
    exposure.variance.array[:] = 100
    exposure.setWcs(makeWcs())
    exposure.writeFits(path)
    whole = bestOf(afwImage.ExposureF, path)
    yield Row("reading an ExposureF of 4000 x 4000", whole, "fitsio", bestOf(readPlanes, path), 1.3)
    box = geom.Box2I(geom.Point2I(2000, 2000), geom.Extent2I(100, 100))
    yield Row("reading a box of 100 x 100", bestOf(afwImage.ExposureF, path, box), "the whole", whole, 0.02)
    yield Row("reading the WCS alone", bestOf(readWcs, path), "the whole", whole)


def readWcs(path):
    """Read the WCS of an exposure without its pixels."""
    return afwImage.ExposureFitsReader(path).readWcs()


def makeCatalog():
    """Return a catalog of a million rows, sixty columns and forty flags."""
    schema = afwTable.SourceTable.makeMinimalSchema()
    for i in range(60):
        schema.addField(f"column_{i}", type="D", doc="number")
    for i in range(40):
        schema.addField(f"flag_{i}", type="Flag", doc="flag")
    catalog = afwTable.SourceCatalog(schema)
    catalog.resize(N_ROWS)
    return catalog


def readAllColumns(path):
    """Read a catalog and look at every column."""
    catalog = afwTable.SourceCatalog.readFits(path)
    return [catalog[name] for name in catalog.schema.getNames()]


def readPositions(path):
    """Read a catalog and look at ids and positions only."""
    catalog = afwTable.SourceCatalog.readFits(path)
    return [catalog[name] for name in ("id", "coord_ra", "coord_dec")]


def catalogs(path):
    """Yield the rows on catalogs."""
    catalog = makeCatalog()
    writing = bestOf(catalog.writeFits, path, repeats=1)
    raw = bestOf(fitsio.read, path, None, None, 1)
    yield Row("writing a catalog of 1e6 rows", writing, "fitsio's reading", raw, 3)
    yield Row("reading all columns", bestOf(readAllColumns, path), "fitsio", raw, 2)
    yield Row("reading ids and positions", bestOf(readPositions, path), "fitsio", raw)


def makeWcs():
    """Return a TAN WCS."""
    return afwGeom.makeSkyWcs(geom.Point2D(2000, 2000), geom.SpherePoint(53, -27, geom.degrees),
                              afwGeom.makeCdMatrix(0.2*geom.arcseconds))


def run():
    """Yield the rows of the report."""
    with tempfile.TemporaryDirectory() as folder:
        yield from images(os.path.join(folder, "exposure.fits"))
        yield from catalogs(os.path.join(folder, "catalog.fits"))
