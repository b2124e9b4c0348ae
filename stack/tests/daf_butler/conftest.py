# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""A repository of the real Gen3 butler with its default configuration, and an exposure to put into it."""

import itertools

import numpy as np
import pytest
from lsst.daf.butler import Butler, Config, DatasetRef, DatasetType, FileDataset
from lsst.pipe.base import Instrument
from lsst.sphgeom import ConvexPolygon, LonLat, UnitVector3d

from lsst.afw.cameraGeom import (
    FOCAL_PLANE,
    PIXELS,
    CameraSys,
    Detector,
    DetectorType,
    Orientation,
    TransformMap,
)
from lsst.afw.cameraGeom._detector import DetectorFields
from lsst.afw.geom import Polygon
from lsst.afw.image import (
    CoaddInputs,
    ExposureF,
    ExposureSummaryStats,
    FilterLabel,
    TransmissionCurve,
)
from lsst.geom import Box2D, Extent2D, Point2I

DATA_ID = {"instrument": "Toy", "visit": 5, "detector": 1}


class ToyInstrument(Instrument):
    """The least that an instrument can be."""

    @classmethod
    def getName(cls):
        return "Toy"

    def getRawFormatter(self, dataId):
        raise NotImplementedError("there are no raw images")

    def register(self, registry, *, update=False):
        with registry.transaction():
            record = {"name": "Toy", "class_name": "lsst.pipe.base.Instrument", "detector_max": 10,
                      "visit_max": 10, "exposure_max": 10}
            registry.syncDimensionData("instrument", record)
            registry.syncDimensionData("detector", {"instrument": "Toy", "id": 1, "full_name": "R22_S11"})
            registry.syncDimensionData("physical_filter", {"instrument": "Toy", "name": "r_03", "band": "r"})
            registry.syncDimensionData("day_obs", {"instrument": "Toy", "id": 20220108})
            corners = [UnitVector3d(LonLat.fromDegrees(*corner)) for corner in ((0, 0), (1, 0), (0, 1))]
            region = ConvexPolygon(corners)
            registry.syncDimensionData("visit", {"instrument": "Toy", "id": 5, "name": "5", "region": region,
                                                 "physical_filter": "r_03", "day_obs": 20220108})
            registry.syncDimensionData("visit_detector_region", {**DATA_ID, "region": region})


class Repository:
    """A repository to put datasets into, each of a type of its own."""

    def __init__(self, root, config=None):
        Butler.makeRepo(root, config=None if config is None else Config(config))
        self.root = root
        self.butler = Butler.from_config(root, writeable=True, run="tests")
        ToyInstrument().register(self.butler.registry)
        self._numbers = itertools.count()

    def _newType(self, storageClass, name=None):
        name = name or f"dataset{next(self._numbers)}"
        datasetType = DatasetType(name, tuple(DATA_ID), storageClass, universe=self.butler.dimensions)
        self.butler.registry.registerDatasetType(datasetType)
        return datasetType

    def put(self, dataset, storageClass, name=None, run=None):
        """Put a dataset and return its type's name."""
        datasetType = self._newType(storageClass, name)
        self.butler.put(dataset, datasetType, DATA_ID, run=run)
        return datasetType.name

    def ingest(self, path, storageClass):
        """Make a file of somebody's a dataset, and return its type's name."""
        datasetType = self._newType(storageClass)
        ref = DatasetRef(datasetType, self.butler.registry.expandDataId(DATA_ID), run="tests")
        self.butler.ingest(FileDataset(path=str(path), refs=[ref]), transfer="direct")
        return datasetType.name

    def get(self, name, **kwargs):
        return self.butler.get(name, DATA_ID, **kwargs)

    def path(self, name, **kwargs):
        return self.butler.getURI(name, DATA_ID, **kwargs).ospath


@pytest.fixture(scope="session")
def repo(tmp_path_factory):
    return Repository(str(tmp_path_factory.mktemp("gen3")/"repo"))


@pytest.fixture(scope="session")
def memoryRepo(tmp_path_factory):
    """A repository whose datasets stay in memory."""
    config = {"datastore": {"cls": "lsst.daf.butler.datastores.inMemoryDatastore.InMemoryDatastore"}}
    return Repository(str(tmp_path_factory.mktemp("gen3")/"memory"), config)


@pytest.fixture(scope="session")
def partsRepo(tmp_path_factory):
    """A repository that has a file for every component, and formatters that the defaults leave out."""
    formatter = "lsst.obs.base.formatters.fitsExposure.Fits{}Formatter".format
    formatters = {"ImageI": formatter("Image"), "MaskedImage": formatter("MaskedImage"),
                  "MaskedImageI": formatter("MaskedImage"), "MaskedImageU": formatter("MaskedImage"),
                  "ExposureU": formatter("Exposure")}
    config = {"datastore": {"composites": {"default": True}, "formatters": formatters}}
    return Repository(str(tmp_path_factory.mktemp("gen3")/"parts"), config)


@pytest.fixture(scope="session")
def storedExposure(stackData):
    """The path of an exposure that the real stack wrote."""
    return str(stackData/"repo"/"deepDiff"/"v853-fr"/"R22"/"diffexp-S12.fits")


def makeDetector(box):
    fields = DetectorFields("R22_S11", 1, DetectorType.SCIENCE, "serial", box, Orientation(),
                            Extent2D(0.01, 0.01), np.zeros((0, 0), np.float32), "CCD")
    transform = Orientation().makePixelFpTransform(Extent2D(0.01, 0.01))
    connection = TransformMap.Connection(transform, CameraSys(PIXELS, "R22_S11"), FOCAL_PLANE)
    return Detector(fields, TransformMap(FOCAL_PLANE, [connection]), [])


@pytest.fixture
def exposure(storedExposure):
    """That exposure, with an origin and all components, and the filter of the repository's data ID."""
    exposure = ExposureF(storedExposure)
    exposure.setXY0(Point2I(100, 200))
    info = exposure.getInfo()
    info.setFilterLabel(FilterLabel(band="r", physical="r_03"))
    info.setDetector(makeDetector(exposure.getBBox()))
    info.setValidPolygon(Polygon(Box2D(exposure.getBBox())))
    info.setSummaryStats(ExposureSummaryStats(version=0, psfSigma=1.5, nPsfStar=17))
    info.setTransmissionCurve(TransmissionCurve.makeIdentity())
    info.setCoaddInputs(CoaddInputs())
    info.getCoaddInputs().ccds.addNew().setId(12)
    return exposure


@pytest.fixture(scope="session")
def samePlanes(sameArrays):
    """Function that tells whether two masked images have the same box and pixels."""
    return lambda a, b: a.getBBox() == b.getBBox() and all(map(sameArrays, a.getArrays(), b.getArrays()))
