# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Measurement of a selection of the records of a catalog, whose columns cannot be written."""

import numpy as np

import lsst.afw.image as afwImage
import lsst.afw.table as afwTable
import lsst.geom as geom
from lsst.meas.base import ForcedMeasurementTask


def test_selectionIsMeasuredInPlace(stackData):
    exposure = afwImage.ExposureF(str(stackData / "repo" / "deepDiff/v866-fi/R22/diffexp-S11.fits"))
    reference = afwTable.SourceCatalog.readFits(str(stackData / "expected" / "reference.fits"))
    box = geom.Box2D(exposure.getBBox())
    wcs = exposure.getWcs()
    onImage = np.array([box.contains(wcs.skyToPixel(record.getCoord())) for record in reference])
    reference = reference[onImage].copy(deep=True)
    config = ForcedMeasurementTask.ConfigClass()
    config.plugins.names = ["base_TransformedCentroidFromCoord", "base_PsfFlux", "base_LocalPhotoCalib"]
    config.slots.centroid = "base_TransformedCentroidFromCoord"
    config.slots.shape = None
    config.doReplaceWithNoise = False
    config.copyColumns = {"id": "diaObjectId", "coord_ra": "coord_ra", "coord_dec": "coord_dec"}
    task = ForcedMeasurementTask(refSchema=reference.schema, config=config)
    catalogs = []
    for selection in (np.ones(len(reference), dtype=bool), np.arange(len(reference)) % 3 == 0):
        measCat = task.generateMeasCat(exposure, reference, wcs)
        selected, chosen = (cat if selection.all() else cat[selection] for cat in (measCat, reference))
        task.attachPsfShapeFootprints(selected, exposure)
        task.run(selected, exposure, chosen, wcs)
        catalogs.append(measCat)
    assert len(reference) > 10
    for name in ("base_PsfFlux_instFlux", "base_PsfFlux_instFluxErr", "base_LocalPhotoCalib"):
        whole, part = (np.array(cat[name]) for cat in catalogs)
        np.testing.assert_allclose(part[selection], whole[selection], rtol=1e-9, err_msg=name)
        assert np.isnan(part[~selection]).all()
