# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Exposures through the Gen3 butler: whole, in parts, by component; in one file, in many, in memory."""

import dataclasses

import numpy as np
import pytest

from lsst.afw.image import LOCAL, PARENT, ExposureF
from lsst.geom import Box2I, Extent2I, Point2D, Point2I

BOX = Box2I(Point2I(110, 220), Extent2I(50, 40))
COMPONENTS = ["image", "mask", "variance", "wcs", "psf", "photoCalib", "visitInfo", "apCorrMap",
              "coaddInputs", "transmissionCurve", "metadata", "filter", "detector", "validPolygon",
              "summaryStats", "id", "bbox", "dimensions", "xy0"]
POSITION = Point2D(150.0, 250.0)


@pytest.fixture(params=["repo", "memoryRepo", "partsRepo"])
def anyRepo(request):
    return request.getfixturevalue(request.param)


@pytest.fixture
def stored(anyRepo, exposure):
    return anyRepo, anyRepo.put(exposure, "ExposureF")


def asNumbers(name, value):
    """Return what is in a component, in a form that compares."""
    reader = {
        "image": lambda image: (image.getBBox(), image.array.tobytes()),
        "mask": lambda mask: (mask.getBBox(), mask.array.tobytes(), mask.getMaskPlaneDict()),
        "variance": lambda image: (image.getBBox(), image.array.tobytes()),
        "psf": lambda psf: psf.computeImage(POSITION).array.tobytes(),
        "visitInfo": lambda info: (info.getDate(), info.getExposureTime(), info.getBoresightRaDec()),
        "apCorrMap": lambda fields: {key: field.evaluate(POSITION) for key, field in fields.items()},
        "coaddInputs": lambda inputs: ([r.getId() for r in inputs.ccds], len(inputs.visits)),
        "transmissionCurve": lambda curve: curve.sampleAt(POSITION, np.array([5e3, 6e3])).tolist(),
        "metadata": lambda metadata: metadata["VISIT"],
        "detector": lambda detector: (detector.getName(), detector.getSerial(), detector.getBBox(),
                                      list(detector.getTransformMap())),
        "summaryStats": lambda stats: str(dataclasses.asdict(stats)),
    }.get(name)
    return value if reader is None else reader(value)


def valueOf(exposure, name):
    """Return a component with v23's own methods."""
    geometry = {"bbox": exposure.getBBox, "dimensions": exposure.getDimensions, "xy0": exposure.getXY0}
    if name in geometry:
        return geometry[name]()
    if name in ("image", "mask", "variance"):
        return getattr(exposure, name)
    method = {"filter": "FilterLabel"}.get(name, name[0].upper() + name[1:])
    return getattr(exposure.getInfo(), f"get{method}")()


def assertSameComponents(first, second, names=COMPONENTS):
    for name in names:
        assert asNumbers(name, valueOf(first, name)) == asNumbers(name, valueOf(second, name)), name


def test_whole(stored, exposure):
    repo, name = stored
    result = repo.get(name)
    assert isinstance(result, ExposureF)
    assertSameComponents(result, exposure)


def test_everyComponentOfTheStorageClass(stored, exposure):
    repo, name = stored
    storageClass = repo.butler.get_dataset_type(name).storageClass
    assert set(storageClass.allComponents()) == set(COMPONENTS)
    for component in COMPONENTS:
        value = repo.get(f"{name}.{component}")
        assert asNumbers(component, value) == asNumbers(component, valueOf(exposure, component)), component


@pytest.mark.parametrize("parameters", [{"bbox": BOX}, {"bbox": BOX, "origin": PARENT},
                                        {"bbox": BOX.shiftedBy(Extent2I(-100, -200)), "origin": LOCAL}])
def test_parts(stored, exposure, parameters):
    repo, name = stored
    assertSameComponents(repo.get(name, parameters=parameters), exposure[BOX])
    for plane in ("image", "mask", "variance"):
        part = repo.get(f"{name}.{plane}", parameters=parameters)
        assert asNumbers(plane, part) == asNumbers(plane, valueOf(exposure[BOX], plane))


@pytest.mark.filterwarnings("ignore:.*(summary fields|the filter is)")
def test_aRealExposureThatHasEverything(repo, shared):
    """That of the tests of Rubin's own formatters, which a Gen3 stack wrote."""
    name = repo.ingest(shared/"real"/"stack-files"/"obs_base_calexp.fits", "ExposureF")
    values = {component: repo.get(f"{name}.{component}") for component in COMPONENTS}
    assert None not in values.values()
    assert values["id"] == 180802004 and values["dimensions"] == Extent2I(64, 32)
    whole = repo.get(name)
    for component in set(COMPONENTS) - {"metadata"}:
        first, second = values[component], valueOf(whole, component)
        assert asNumbers(component, first) == asNumbers(component, second), component
