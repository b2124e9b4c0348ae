# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""`lsst.images` stands on the slice's astshim, and its types become afw's and afw's become its."""

import numpy as np
import pytest

images = pytest.importorskip("lsst.images", reason="no lsst-images, which needs Python 3.12 or later")

import astropy.units as u  # noqa: E402
from lsst.daf.butler import Butler, DatasetType  # noqa: E402
from lsst.images._transforms import _ast  # noqa: E402
from starlink import Ast  # noqa: E402

import astshim  # noqa: E402
from lsst.afw.image import ExposureF, ImageF, MaskedImageF, MaskX  # noqa: E402
from lsst.geom import Box2I, Extent2I, Point2D, Point2I  # noqa: E402

PLANES = images.get_legacy_difference_image_mask_planes()


@pytest.fixture(scope="module")
def exposure(stackData):
    return ExposureF(str(stackData/"repo"/"deepDiff"/"v853-fr"/"R22"/"diffexp-S12.fits"))


@pytest.fixture(scope="module")
def butler(tmp_path_factory):
    root = str(tmp_path_factory.mktemp("images")/"repo")
    Butler.makeRepo(root)
    return Butler.from_config(root, writeable=True, run="tests")


def throughButler(butler, item, name, storageClass, readAs):
    """Put a dataset as one storage class and return what comes back as another."""
    butler.registry.registerDatasetType(DatasetType(name, (), storageClass, universe=butler.dimensions))
    butler.put(item, name)
    return butler.get(name, storageClass=readAs)


def test_itTakesOurAstshim():
    assert not _ast.USING_STARLINK_PYAST and _ast.Frame is astshim.Frame
    missing = [name for name in set(_ast.__all__) - {"USING_STARLINK_PYAST"}
               if getattr(astshim, name, None) is not getattr(_ast, name)]
    assert missing == []


def test_boxes():
    box = Box2I(Point2I(3, -4), Extent2I(10, 20))
    assert images.Box.from_legacy(box).to_legacy() == box


def test_images(butler, exposure, sameArrays):
    ours = throughButler(butler, images.Image.from_legacy(exposure.image), "image1", "ImageV2", "ImageF")
    assert isinstance(ours, ImageF) and sameArrays(ours.array, exposure.image.array)
    theirs = throughButler(butler, exposure.image, "image2", "ImageF", "ImageV2")
    assert isinstance(theirs, images.Image) and sameArrays(theirs.array, exposure.image.array)
    butler.registry.registerDatasetType(DatasetType("exposure", (), "ExposureF", universe=butler.dimensions))
    butler.put(exposure, "exposure")
    assert isinstance(butler.get("exposure.image", storageClass="ImageV2"), images.Image)
    assert butler.get("exposure.bbox", storageClass="BoxV2").to_legacy() == exposure.getBBox()


def planesOf(mask):
    return {name: mask.array & mask.getPlaneBitMask(name) != 0 for name in ("NO_DATA", "DETECTED")}


def test_masks(butler, exposure):
    theirs = images.Mask.from_legacy(exposure.mask, PLANES)
    ours = throughButler(butler, theirs, "mask1", "MaskV2", "Mask")
    assert isinstance(ours, MaskX)
    for name, pixels in planesOf(exposure.mask).items():
        assert np.array_equal(planesOf(ours)[name], pixels), name


def test_maskedImages(butler, exposure, sameArrays):
    theirs = images.MaskedImage.from_legacy(exposure.maskedImage, plane_map=PLANES)
    ours = throughButler(butler, theirs, "maskedImage1", "MaskedImageV2", "MaskedImageF")
    assert isinstance(ours, MaskedImageF)
    assert sameArrays(ours.image.array, exposure.image.array)
    assert sameArrays(ours.variance.array, exposure.variance.array)


def test_skyProjections(exposure):
    frame = images.DetectorFrame(instrument="Toy", visit=5, detector=1,
                                 bbox=images.Box.from_legacy(exposure.getBBox()))
    theirs = images.SkyProjection.from_legacy(exposure.wcs, frame)
    x, y = np.array([0.0, 100.5, 359.0]), np.array([0.0, 200.25, 379.0])
    positions = theirs.pixel_to_sky(x=x, y=y)
    ra, dec = exposure.wcs.pixelToSkyArray(x, y)
    assert positions.ra.to_value(u.rad) == pytest.approx(ra, abs=1e-13)
    assert positions.dec.to_value(u.rad) == pytest.approx(dec, abs=1e-13)
    assert theirs.to_legacy().pixelToSky(Point2D(10, 20)) == exposure.wcs.pixelToSky(Point2D(10, 20))
    header = theirs.as_fits_wcs(images.Box.from_legacy(exposure.getBBox()))
    assert header.pixel_to_world(x, y).separation(positions).arcsec.max() < 1e-5


def test_aPublishedDifferenceImage(shared):
    """The mapping of DP2's sky projection gives the numbers that it gives in the hands of pyast."""
    path = shared/"real"/"rubin"/"difference_image-1.0.0-dp2.json"
    if not path.exists():
        pytest.skip(f"there is no {path}")
    image = images.DifferenceImage.read(str(path))
    x, y = np.array([3.0, 12.0]), np.array([5.0, 8.0])
    positions = image.sky_projection.pixel_to_sky(x=x, y=y)
    mapping = image.sky_projection.pixel_to_sky_transform._ast_mapping
    ra, dec = Ast.Channel(mapping.show(False).splitlines()).read().tran([x, y])
    assert positions.ra.to_value(u.rad) == pytest.approx(np.mod(ra, 2*np.pi), abs=1e-15)
    assert positions.dec.to_value(u.rad) == pytest.approx(dec, abs=1e-15)
