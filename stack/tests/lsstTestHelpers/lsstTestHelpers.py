# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Plugin of pytest: what LSST's tests find in a stack and the slice has not, or has elsewhere."""

from __future__ import annotations

import copy
import importlib
import importlib.abc
import importlib.util
import os
import pathlib
import sys
import types
from collections.abc import Callable
from importlib.machinery import ModuleSpec

import numpy as np

HELPERS = {
    "lsst.afw.geom.testUtils": "afw",
    "lsst.afw.geom.utils": "afw",
    "lsst.afw.image.testUtils": "afw",
    "lsst.afw.table.testUtils": "afw",
    "lsst.daf.persistence.test": "daf_persistence",
    "lsst.geom.testUtils": "geom",
    "lsst.meas.base.tests": "meas_base",
    "lsst.obs.base.test": "obs_base",
}
"""Modules that only tests import, with the packages that have them."""

PRIVATE_MODULES = {
    "lsst.afw.geom._geom": "lsst.afw.geom",
    "lsst.afw.image.basicUtils": "lsst.afw.image",
    "lsst.afw.image.image": "lsst.afw.image",
    "lsst.geom._geom": "lsst.geom",
}
"""Private modules of v23 that those helpers import, and who has here what they have."""

ABSENT = {
    "lsst.afw.fits": [
        "makeLimitedFitsHeader",
    ],
    "lsst.afw.geom": [
        "computePixelToDistortedPixel",
        "getSipMatrixFromMetadata",
        "hasSipMatrix",
        "makeFlippedWcs",
        "makeModifiedWcs",
        "makeRadialTransform",
        "makeTanSipMetadata",
        "makeTanSipWcs",
    ],
}
"""Functions that files of tests import when they are loaded; tests that call them fail."""

TRANSFORMS = ("ApertureFlux", "GaussianFlux", "LocalBackground", "NaiveCentroid", "PeakLikelihoodFlux",
              "PsfFlux", "ScaledApertureFlux", "SdssCentroid", "SdssShape", "SimpleCentroid")
"""Whose transforms files of tests name when they are loaded; the slice has none, and their tests fail."""


class HelperFinder(importlib.abc.MetaPathFinder):
    """Find the helpers of tests, and nothing else, in the folder of checkouts."""

    def __init__(self, folder: pathlib.Path) -> None:
        self.folder = folder

    def find_spec(self, fullname: str, path: object, target: object = None) -> ModuleSpec | None:
        """Return where a helper is; `None` for all else."""
        parent = next((name for name in HELPERS if f"{fullname}.".startswith(name + ".")), None)
        if parent is None:
            return None
        place = self.folder/HELPERS[parent]/"python"/fullname.replace(".", "/")
        if place.is_dir():
            return importlib.util.spec_from_file_location(fullname, place/"__init__.py",
                                                          submodule_search_locations=[str(place)])
        file = place.with_suffix(".py")
        return importlib.util.spec_from_file_location(fullname, file) if file.is_file() else None


def giveGen2Names() -> None:
    """Give names the homes that they had in v23, and have no more in the packages on PyPI."""
    import lsst.pipe.base
    import lsst.utils.packages

    import lsst.pipe.cmdline

    for name in lsst.pipe.cmdline.__all__:
        setattr(lsst.pipe.base, name, getattr(lsst.pipe.cmdline, name))
    lsst.pipe.base.argumentParser = lsst.pipe.cmdline
    sys.modules["lsst.base"] = lsst.utils.packages


def getCdMatrix(metadata: object) -> np.ndarray:
    """Return the CD matrix of a header, shape (2, 2), in degrees per pixel."""
    names = [[f"CD{row}_{column}" for column in (1, 2)] for row in (1, 2)]
    values = [[metadata.getScalar(name) if name in metadata else 0.0 for name in row] for row in names]
    return np.array(values)


def giveHelpers() -> None:
    """Load the helpers that v23's packages load themselves: they add assertions to all tests."""
    sys.modules["astshim.test"] = importlib.import_module("astshimTest")
    sys.modules["lsst.afw.cameraGeom.testUtils"] = importlib.import_module("detectorWrapper")
    import lsst.afw.geom

    lsst.afw.geom.getCdMatrixFromMetadata = getCdMatrix
    for name, home in PRIVATE_MODULES.items():
        sys.modules[name] = importlib.import_module(home)
    utils = importlib.import_module("lsst.afw.geom.utils")
    lsst.afw.geom.wcsAlmostEqualOverBBox = utils.wcsAlmostEqualOverBBox
    for package in ("lsst.geom", "lsst.afw.geom", "lsst.afw.image", "lsst.afw.table"):
        importlib.import_module(package + ".testUtils")


def nameAbsentCode() -> None:
    """Let files of tests be loaded that import what the slice has not, for the sake of their other tests."""
    for home, names in ABSENT.items():
        for name in names:
            setattr(importlib.import_module(home), name, makeAbsent(name))
    obsBase = importlib.import_module("lsst.obs.base")
    for name in ("FilterDefinition", "FilterDefinitionCollection"):
        setattr(obsBase, name, lambda *args, **kwds: None)
    obsBase.Instrument = object
    display = types.ModuleType("lsst.afw.display")
    display.setDefaultMaskTransparency = lambda transparency: None
    display.__path__ = []
    backend = types.ModuleType("lsst.afw.display.ds9")
    utils = types.ModuleType("lsst.afw.detection.utils")
    for module in (display, backend, utils):
        sys.modules[module.__name__] = module
        parent, name = module.__name__.rsplit(".", 1)
        setattr(importlib.import_module(parent), name, module)


def makeAbsent(name: str) -> Callable:
    """Return a function that only raises."""
    def raiseAbsent(*args: object, **kwds: object) -> None:
        raise NotImplementedError(f"{name} is not in the slice")

    return raiseAbsent


class ButlerFactory:
    """The older way to make a butler, from a mapper."""

    def __init__(self, mapper: object) -> None:
        self.mapper = mapper

    def create(self) -> object:
        """Return the butler."""
        from lsst.daf.persistence import Butler

        return Butler(root=getattr(self.mapper, "root", None), mapper=self.mapper)


def giveSingleFrame() -> None:
    """Give ``lsst.meas.base`` the stand-ins for single-frame measurement."""
    import singleFrame

    import lsst.meas.base

    sys.modules["lsst.meas.base.sfm"] = singleFrame
    lsst.meas.base.sfm = singleFrame
    for name in ("SingleFrameMeasurementConfig", "SingleFrameMeasurementTask", "SingleFramePlugin",
                 "SingleFramePluginConfig", "wrapSimpleAlgorithm"):
        setattr(lsst.meas.base, name, getattr(singleFrame, name))
    for name in TRANSFORMS:
        setattr(lsst.meas.base, name + "Transform", None)


def allowUndocumentedFields() -> None:
    """Let tests' configs have fields without documentation, which newer ``lsst-pex-config`` refuses."""
    from lsst.pex.config import Field

    setup = Field._setup
    Field._setup = lambda self, doc, *args, **kwds: setup(self, doc or "none", *args, **kwds)


def giveTools() -> None:
    """Give the stand-ins for what tests only make or sum up their images with."""
    import detect
    import simpleStatistics

    import lsst.afw.detection
    import lsst.afw.math
    import lsst.daf.persistence

    lsst.daf.persistence.ButlerFactory = ButlerFactory
    for name in ("FootprintSet", "Threshold"):
        setattr(lsst.afw.detection, name, getattr(detect, name))
    for name in simpleStatistics.__all__:
        setattr(lsst.afw.math, name, getattr(simpleStatistics, name))


def keepPickles() -> None:
    """Keep in memory what tests store in ``PickleStorage``, which the slice refuses."""
    from lsst.daf.persistence import PosixStorage

    stored: dict[str, object] = {}

    def read(location: object) -> list:
        return [copy.deepcopy(stored[os.path.realpath(path)]) for path in location.getLocationsWithRoot()]

    def write(location: object, item: object) -> None:
        path = os.path.realpath(location.getLocationsWithRoot()[0])
        os.makedirs(os.path.dirname(path), exist_ok=True)
        pathlib.Path(path).touch()
        stored[path] = copy.deepcopy(item)

    PosixStorage.registerFormatters("PickleStorage", read, write)


# The last finder, so that the slice's own modules come first.
sys.meta_path.append(HelperFinder(pathlib.Path(os.environ["LSST_TEST_FOLDER"])))
sys.path.append(str(pathlib.Path(__file__).parents[1]/"afw_geom"))
giveGen2Names()
nameAbsentCode()
allowUndocumentedFields()
giveHelpers()
giveTools()
giveSingleFrame()
keepPickles()
