# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Reading images and catalogs, against fitsio's raw reading; positions, against AST."""

import os
import tempfile

import fitsio
import numpy as np
from starlink import Ast

import lsst.afw.geom as afwGeom
import lsst.afw.image as afwImage
import lsst.afw.table as afwTable
import lsst.geom as geom
from lsst.afw.fits import ImageWriteOptions
from lsst.daf.base import PropertySet

from ._timing import Row, bestOf

SIZE, N_ROWS, N_POSITIONS = 4000, 1_000_000, 1_000_000
BOX = geom.Box2I(geom.Point2I(2000, 2000), geom.Extent2I(100, 100))
COMPONENTS = ("readWcs", "readPhotoCalib", "readVisitInfo", "readPsf")


def readPlanes(path):
    """Read the three planes of an exposure with fitsio."""
    with fitsio.FITS(path) as file:
        return [file[hdu].read() for hdu in (1, 2, 3)]


def makeExposure():
    """Return an exposure of noise with a WCS, a PSF and a calibration."""
    from lsst.meas.algorithms import DoubleGaussianPsf

    rng = np.random.default_rng(1)
    exposure = afwImage.ExposureF(SIZE, SIZE)
    exposure.image.array[:] = rng.normal(0, 10, (SIZE, SIZE))
    exposure.mask.array[:] = 1 << rng.integers(0, 8, (SIZE, SIZE))*(rng.random((SIZE, SIZE)) < 0.02)
    exposure.variance.array[:] = rng.normal(100, 5, (SIZE, SIZE))
    exposure.setWcs(makeWcs())
    exposure.setPsf(DoubleGaussianPsf(41, 41, 2.0, 4.0, 0.1))
    exposure.setPhotoCalib(afwImage.PhotoCalib(57.5))
    return exposure


def writeOptions(algorithm, isQuantized):
    """Return the options of a plane, tiles of one row as is usual."""
    settings = PropertySet()
    settings.set("compression.algorithm", algorithm)
    if isQuantized:
        settings.set("scaling.algorithm", "STDEV_POSITIVE")
        settings.set("scaling.bitpix", 32)
        settings.set("scaling.quantizeLevel", 100.0)
    return ImageWriteOptions(ImageWriteOptions.validate(settings))


def images(folder):
    """Yield the rows on exposures, stored in three ways."""
    exposure = makeExposure()
    for name, options in {
        "uncompressed": [],
        "RICE": [writeOptions("RICE", isFloat) for isFloat in (True, False, True)],
        "GZIP_SHUFFLE": [writeOptions("GZIP_SHUFFLE", False)]*3,
    }.items():
        path = os.path.join(folder, name + ".fits")
        exposure.writeFits(path, *options)
        whole = bestOf(afwImage.ExposureF, path)
        yield Row(f"reading an ExposureF of 4000 x 4000, {name}", whole, "fitsio",
                  bestOf(readPlanes, path), 1.3)
        # Compressed, the box is in 2.5 % of the tiles, of which not all needs to be uncompressed.
        yield Row(f"a box of 100 x 100, {name}", bestOf(afwImage.ExposureF, path, BOX, repeats=15),
                  "the whole", whole, 0.02)
    for component in COMPONENTS:
        # The whole takes some 0.1 s, and a component shall take less than 0.02 s.
        path = os.path.join(folder, "uncompressed.fits")
        yield Row(f"{component} of the uncompressed", bestOf(readComponent, path, component, repeats=5),
                  "the whole", bestOf(afwImage.ExposureF, path), 0.2)


def readComponent(path, method):
    """Read a component of an exposure without its pixels."""
    return getattr(afwImage.ExposureFitsReader(path), method)()


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


def readRaw(path):
    """Read the same table with fitsio."""
    return fitsio.read(path, ext=1)


def readBytes(path):
    """Read the bytes of a file."""
    with open(path, "rb") as stream:
        return stream.read()


def catalogs(folder):
    """Yield the rows on catalogs."""
    path = os.path.join(folder, "catalog.fits")
    catalog = makeCatalog()
    writing = bestOf(catalog.writeFits, path, repeats=1)
    raw = bestOf(readRaw, path)
    reading = bestOf(readAllColumns, path)
    yield Row("writing a catalog of 1e6 rows", writing, "fitsio's reading", raw, 3)
    yield Row("reading all columns", reading, "fitsio", raw, 2)
    yield Row("reading all columns", reading, "reading the bytes", bestOf(readBytes, path))
    yield Row("reading ids and positions", bestOf(readPositions, path), "fitsio", raw)


def makeWcs():
    """Return a TAN WCS."""
    return afwGeom.makeSkyWcs(geom.Point2D(2000, 2000), geom.SpherePoint(53, -27, geom.degrees),
                              afwGeom.makeCdMatrix(0.2*geom.arcseconds))


def makeSipWcs():
    """Return the same with distortions of some pixels."""
    forward = np.zeros((4, 4))
    forward[2, 0], forward[1, 1], forward[0, 2], forward[3, 0] = 1e-7, 2e-7, -1e-7, 1e-11
    metadata = afwGeom.makeSimpleWcsMetadata(
        geom.Point2D(2000, 2000), geom.SpherePoint(53, -27, geom.degrees),
        afwGeom.makeCdMatrix(0.2*geom.arcseconds), "TAN-SIP")
    for name, matrix in (("A", forward), ("B", forward.T), ("AP", -forward), ("BP", -forward.T)):
        metadata.combine(afwGeom.makeSipMatrixMetadata(matrix, name))
    return afwGeom.makeSkyWcs(metadata)


def readWithAst(wcs):
    """Return the WCS as pyast reads it from FITS cards."""
    channel = Ast.FitsChan()
    metadata = wcs.getFitsMetadata(precise=True)
    for name in metadata.getOrderedNames():
        value = metadata.getScalar(name)
        text = f"'{value}'" if isinstance(value, str) else repr(value)
        channel.putfits(f"{name:8s}= {text:>20s}", False)
    channel.clear("Card")
    return channel.read()


def positions():
    """Yield the rows on positions."""
    x, y = np.random.default_rng(2).uniform(0, SIZE, (2, N_POSITIONS))
    for name, wcs in {"TAN": makeWcs(), "TAN-SIP": makeSipWcs()}.items():
        ra, dec = wcs.pixelToSkyArray(x, y)
        reference = bestOf(readWithAst(wcs).tran, np.array([ra, dec]), False)
        yield Row(f"skyToPixel of 1e6 positions, {name}", bestOf(wcs.skyToPixelArray, ra, dec), "pyast",
                  reference, 1.5)


def run():
    """Yield the rows of the report."""
    with tempfile.TemporaryDirectory() as folder:
        yield from images(folder)
        yield from catalogs(folder)
    yield from positions()
