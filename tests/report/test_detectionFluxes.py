# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Detected fluxes find the forced ones of their object and image."""

import lsst.afw.table as afwTable
import numpy as np
import pyarrow as pa
import pytest
from lsst.dia.repro.catalogColumns import makeCatalog
from lsst.dia.repro.report.detectionFluxes import DetectionFluxes

FLUX = ("base_PsfFlux_flux", "base_PsfFlux_fluxErr")


def makeSources(objectIds, imageIds, flux, fluxErr, fields=("diaObjectId", "ccdExposureId", *FLUX)):
    schema = afwTable.SourceTable.makeMinimalSchema()
    for name in fields:
        schema.addField(name, type="D" if name in FLUX else "L", doc=name)
    sources = makeCatalog(schema, len(objectIds), afwTable.SourceCatalog)
    for name, values in zip(("diaObjectId", "ccdExposureId", *FLUX), (objectIds, imageIds, flux, fluxErr)):
        if name in fields:
            sources[name] = values
    return sources


def makeRows(objectIds, imageIds, flux):
    return pa.table({"diaObjectId": np.asarray(objectIds, dtype=np.int64),
                     "ccdExposureId": np.asarray(imageIds, dtype=np.int64), "psfDiffFlux": flux})


def testAgainstALookUp():
    rng = np.random.default_rng(1)
    # Ids that no double tells apart.
    objects, images = (1 << 62) + np.arange(40), (1 << 60) + 7*np.arange(30)
    pairs = np.stack(np.meshgrid(objects, images, indexing="ij"), -1).reshape(-1, 2)
    forced, usable = rng.normal(size=len(pairs)), rng.random(len(pairs)) < 0.8
    number = np.arange(len(pairs), dtype=np.int32) % 30
    # Some twice, some of objects or images that have no rows, some rejected.
    wanted = np.concatenate([pairs[rng.integers(0, len(pairs), 300)], [[1 << 61, images[0]]],
                             [[objects[0], 5]], [[0, images[1]]]])
    detected = rng.normal(size=len(wanted))
    fluxes = DetectionFluxes(makeSources(*wanted.T, detected, np.ones(len(wanted))))
    for some in np.array_split(np.arange(len(pairs)), 7):
        fluxes.add(makeRows(*pairs[some].T, forced[some]), number[some], usable[some])
    expected = {tuple(pair): (flux, image) for pair, flux, image, good in zip(
        pairs.tolist(), forced, number, usable) if good}
    found = sorted(zip(fluxes.detected, np.nan_to_num(fluxes.forced, nan=99.0), fluxes.image))
    assert found == sorted((flux, *expected.get(tuple(pair), (99.0, -1)))
                           for flux, pair in zip(detected, wanted.tolist()) if pair[0])


def testWhatIsNotFiniteIsLeftOut():
    sources = makeSources([1, 1, 1, 1, 1], [5, 6, 7, 8, 9], [1.0, np.nan, np.inf, 4.0, 5.0],
                          [1.0, 1.0, 1.0, 0.0, np.nan])
    assert DetectionFluxes(sources).detected.tolist() == [1.0]


@pytest.mark.parametrize("sources, text", [
    (None, "no reproDIASources"),
    (makeSources([1], [5], [1.0], [1.0], fields=("diaObjectId", FLUX[0])),
     "has no ccdExposureId, base_PsfFlux_fluxErr"),
])
def testMissing(sources, text):
    fluxes = DetectionFluxes(sources)
    assert text in fluxes.missing
    fluxes.add(makeRows([1, 1], [5, 6], [1.0, 2.0]), np.array([0, 1]), np.ones(2, dtype=bool))
    assert len(fluxes.forced) == 0


def testNothingIsMissing():
    assert DetectionFluxes(makeSources([1], [5], [1.0], [1.0])).missing == ""
