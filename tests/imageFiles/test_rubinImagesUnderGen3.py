# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Difference images in the format of lsst.images as input of the PipelineTasks."""

import numpy as np
from astropy.time import Time, TimeDelta
from gen3.pipelines import runPipeline
from lsst.afw.table import SourceCatalog, SourceTable
from lsst.daf.butler import Butler, DatasetType, Timespan
from lsst.dia.repro.catalogColumns import makeCatalog
from lsst.dia.repro.gen3.lsstSimInstrument import LsstSimInstrument
from lsst.dia.repro.imageFiles.rubinImages import toExposure
from lsst.sphgeom import ConvexPolygon, LonLat, UnitVector3d
from test_rubinImages import dp2, images, inject, makeImage, measure, scatter  # noqa: F401

IMAGE = ("instrument", "visit", "detector")
ID = {"instrument": "LSSTSim", "visit": 7, "detector": 124}


def makeRepository(root, image, objects):
    """Make a repository with an image and positions."""
    Butler.makeRepo(str(root))
    butler = Butler.from_config(str(root), run="in", writeable=True)
    LsstSimInstrument().register(butler.registry)
    center = image.sky_projection.pixel_to_sky(x=1200.0, y=1700.0)
    corners = [UnitVector3d(LonLat.fromDegrees(center.ra.deg + x, center.dec.deg + y))
               for x, y in ((-0.2, -0.2), (0.2, -0.2), (0.2, 0.2), (-0.2, 0.2))]
    begin = Time(61000.0, format="mjd", scale="tai")
    registry, instrument = butler.registry, {"instrument": "LSSTSim"}
    region = ConvexPolygon(corners)
    registry.syncDimensionData("day_obs", {**instrument, "id": 20251121})
    registry.insertDimensionData("visit", {
        **instrument, "id": 7, "name": "7", "physical_filter": "r", "day_obs": 20251121, "region": region,
        "timespan": Timespan(begin, begin + TimeDelta(30.0, format="sec"))})
    registry.insertDimensionData("visit_detector_region", {**ID, "region": region})
    for name, dimensions, storageClass in (("difference_image", IMAGE, "DifferenceImage"),
                                           ("reproDIAObjects", ("instrument",), "SourceCatalog")):
        registry.registerDatasetType(DatasetType(name, dimensions, storageClass, universe=butler.dimensions))
    butler.put(image, "difference_image", ID)
    butler.put(objects, "reproDIAObjects", instrument="LSSTSim")


def testForcedPhotometry(makeImage, tmp_path):  # noqa: F811
    image, (x, y) = makeImage(), scatter(25)
    inject(image, x, y, 1e4)
    expected = measure(toExposure(image), image, x, y)
    objects = makeCatalog(SourceTable.makeMinimalSchema(), len(x), SourceCatalog)
    objects["id"] = expected["diaObjectId"]
    objects["coord_ra"], objects["coord_dec"] = expected["coord_ra"], expected["coord_dec"]
    makeRepository(tmp_path/"repo", image, objects)
    butler = runPipeline(tmp_path/"repo", "diaRubin.yaml", "u/forced", inputs=["in"],
                         labels=["forcedDiaPhot", "diaLightCurves"],
                         overrides=[("forcedDiaPhot", "imageStorageClass", "DifferenceImage")])
    forced = butler.get("forcedDIASource", ID).copy(deep=True)
    # What the butler stores is compressed, and loses at most a hundredth of the noise.
    for name in "base_PsfFlux_instFlux", "base_PsfFlux_flux":
        np.testing.assert_allclose(forced[name], expected[name], rtol=0, atol=1.0)
    np.testing.assert_array_equal(forced["reason"], expected["reason"])
    assert len(butler.get("diaLightCurves", instrument="LSSTSim")) == len(x)
