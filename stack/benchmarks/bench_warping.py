# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""PSFs of a coadd of twenty inputs, which are rotated and point elsewhere each."""

import numpy as np

import lsst.afw.table as afwTable
import lsst.geom as geom
from benchmarks._timing import Row, bestOf, sortSeconds
from lsst.afw.detection import GaussianPsf
from lsst.afw.geom import makeSkyWcs
from lsst.afw.math import FixedKernel
from lsst.meas.algorithms import CoaddPsf, KernelPsf

N_INPUTS, N_POSITIONS = 20, 250

#: 150 microseconds a warp where sorting 1e7 doubles takes 1.2 s.
LIMIT = 150e-6*N_INPUTS*N_POSITIONS/1.2


def makeWcs(index):
    """Return the WCS of an input, or with 0 that of the coadd."""
    cos, sin = np.cos(0.3*index), np.sin(0.3*index)
    center = geom.SpherePoint(53.0 + 0.003*index, -27.0 + 0.002*(index % 5), geom.degrees)
    matrix = np.array([[-cos, sin], [sin, cos]])*0.2/3600
    return makeSkyWcs(geom.Point2D(1000 + 3*index, 1000), center, matrix)


def makeCoaddPsf():
    """Return the PSF of the coadd; each input has one of 41 x 41 pixels."""
    schema = afwTable.ExposureTable.makeMinimalSchema()
    schema.addField("weight", type="D", doc="weight")
    catalog = afwTable.ExposureCatalog(schema)
    kernel = GaussianPsf(41, 41, 2.0).computeKernelImage(geom.Point2D(0, 0))
    for index in range(N_INPUTS):
        record = catalog.addNew()
        record.setPsf(KernelPsf(FixedKernel(kernel)))
        record.setWcs(makeWcs(index))
        record.setBBox(geom.Box2I(geom.Point2I(-2000, -2000), geom.Extent2I(6000, 6000)))
        record["weight"] = 1.0
    return CoaddPsf(catalog, makeWcs(0))


def run():
    """Yield the rows of the report."""
    psf, rng = makeCoaddPsf(), np.random.default_rng(1)

    def compute():
        psf._computeKernelImages(rng.uniform(300, 1700, (N_POSITIONS, 2)))

    compute()  # so that the loops are compiled
    seconds = bestOf(compute)
    each = 1e6*seconds/(N_INPUTS*N_POSITIONS)
    name = f"CoaddPsf of {N_INPUTS} inputs, {each:.0f} us a warp"
    yield Row(name, seconds, "sort of 1e7", sortSeconds(), LIMIT)
