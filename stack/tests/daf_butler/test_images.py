# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Images, masks, masked images and exposures of all types of pixels through the Gen3 butler."""

import numpy as np
import pytest
from lsst.daf.butler import DatasetTypeNotSupportedError

import lsst.afw.image as afwImage
from lsst.afw.fits import FitsError
from lsst.geom import Box2I, Extent2I, Point2I

BOX = Box2I(Point2I(-3, 7), Extent2I(30, 20))
PART = Box2I(Point2I(0, 10), Extent2I(5, 4))
COUNTS = np.arange(600).reshape(20, 30)

# What the default configuration has a formatter for, and what it has none for
STORED = [("ImageF", "ImageF"), ("ImageU", "ImageU"), ("Image", "ImageD"), ("Image", "ImageI"),
          ("Mask", "MaskX"), ("MaskX", "MaskX"), ("MaskedImageF", "MaskedImageF"), ("ExposureF", "ExposureF"),
          ("ExposureI", "ExposureI"), ("Exposure", "ExposureD"), ("Exposure", "ExposureU")]
OTHERS = [("ImageI", "ImageI"), ("MaskedImage", "MaskedImageD"), ("MaskedImageI", "MaskedImageI"),
          ("MaskedImageU", "MaskedImageU"), ("ExposureU", "ExposureU")]

pytestmark = pytest.mark.filterwarnings("ignore:.*the filter is None:UserWarning")


def make(name):
    """Make an object of a class, with all kinds of pixels."""
    cls = getattr(afwImage, name)
    whole = cls(BOX)
    if hasattr(whole, "variance"):
        whole.image[:], whole.variance[:] = make(f"Image{name[-1]}"), make("ImageF")
        whole.mask[:] = make("MaskX")
        return whole
    whole.array[:] = COUNTS
    if whole.array.dtype.kind == "f":
        whole.array[3, 4:7] = np.nan, np.inf, -np.inf
    if name == "MaskX":
        whole.array[:] &= whole.getPlaneBitMask(["BAD", "EDGE", "DETECTED"])
    return whole


def planesOf(item):
    names = [name for name in ("image", "mask", "variance") if hasattr(item, name)]
    return {name: getattr(item, name).array for name in names} or {None: item.array}


@pytest.fixture
def assertSame(sameArrays):
    def check(first, second):
        assert type(first) is type(second) and first.getBBox() == second.getBBox()
        planes, others = planesOf(first), planesOf(second)
        assert planes.keys() == others.keys()
        assert all(sameArrays(planes[name], others[name]) for name in planes)
    return check


def check(place, assertSame, storageClass, item):
    name = place.put(item, storageClass)
    assertSame(place.get(name), item)
    assertSame(place.get(name, parameters={"bbox": PART}), item[PART])
    for plane in planesOf(item):
        if plane:
            part = place.get(f"{name}.{plane}", parameters={"bbox": PART})
            assertSame(part, getattr(item, plane)[PART])


@pytest.mark.parametrize("storageClass, cls", STORED)
def test_files(repo, assertSame, storageClass, cls):
    check(repo, assertSame, storageClass, make(cls))


@pytest.mark.parametrize("storageClass, cls", STORED + OTHERS)
def test_memory(memoryRepo, assertSame, storageClass, cls):
    check(memoryRepo, assertSame, storageClass, make(cls))


@pytest.mark.parametrize("storageClass, cls", STORED + OTHERS)
def test_parts(partsRepo, assertSame, storageClass, cls):
    check(partsRepo, assertSame, storageClass, make(cls))


@pytest.mark.parametrize("storageClass, cls", OTHERS)
def test_whatTheDefaultsLeaveOut(repo, storageClass, cls):
    with pytest.raises(DatasetTypeNotSupportedError, match=storageClass):
        repo.put(make(cls), storageClass)


def test_longIntegersCannotBeCompressed(repo):
    # as in a stack: cfitsio has no compression of 64-bit integers
    with pytest.raises(RuntimeError, match="Failed to serialize") as caught:
        repo.put(afwImage.ImageL(BOX), "Image")
    assert isinstance(caught.value.__cause__, FitsError)
