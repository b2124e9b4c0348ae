# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Recipes: what is lossless is, what is not loses half a quantum, and what nobody knows is refused."""

import numpy as np
import pytest
from astropy.io import fits
from conftest import Repository

from lsst.afw.fits import MemFileManager, imageCompressionDisabled
from lsst.afw.image import ExposureF, ExposureI, ImageF
from lsst.obs.base.formatters._imageRecipes import makeWriteOptions, validateRecipes
from lsst.obs.base.formatters.fitsExposure import FitsExposureFormatter

FORMATTERS = "lsst.obs.base.formatters.fitsExposure"
PLANE = {"algorithm": "RICE_1", "quantization": {"scaling": "MANUAL", "level": 0.5, "seed": 11,
                                                 "dither": "SUBTRACTIVE_DITHER_1"}}
MINE = {"image": PLANE, "mask": {}, "variance": {"algorithm": "GZIP_1", "tile_width": 100, "tile_height": 0}}


def withRecipe(name, **others):
    parameters = {"formatter": f"{FORMATTERS}.FitsExposureFormatter", "parameters": {"recipe": name}}
    return {"datastore": {"formatters": {"ExposureF": parameters, "write_recipes": others}}}


@pytest.fixture(scope="module")
def makeRepo(tmp_path_factory):
    def make(config):
        return Repository(str(tmp_path_factory.mktemp("recipes")/"repo"), config)
    return make


def headers(path):
    with fits.open(path, disable_image_compression=True) as hdus:
        return [hdu.header for hdu in hdus[1:4]]


def quantum(array, ignored, level):
    values = np.sort(array[~ignored & np.isfinite(array)].astype(float))
    return 0.741*(values[len(values)//2 + len(values)//4] - values[len(values)//4])/level


def test_theDefaultIsLossless(repo, exposure):
    name = repo.put(exposure, "ExposureF")
    for header in headers(repo.path(name)):
        assert header["ZCMPTYPE"] == "GZIP_2" and (header["ZTILE1"], header["ZTILE2"]) == (360, 1)


def test_noCompression(makeRepo, exposure, samePlanes):
    repo = makeRepo(withRecipe("noCompression"))
    name = repo.put(exposure, "ExposureF")
    assert not any("ZCMPTYPE" in header for header in headers(repo.path(name)))
    assert samePlanes(repo.get(name).maskedImage, exposure.maskedImage)


def test_lossy(makeRepo, exposure, sameArrays):
    repo = makeRepo(withRecipe("lossy16"))
    exposure.image.array[5:8, 100:200] = 0.0
    exposure.image.array[0, 0] = np.inf
    exposure.mask.array[100:200] |= exposure.mask.getPlaneBitMask("INTRP")
    exposure.image.array[100:200] += 1e6
    name = repo.put(exposure, "ExposureF")
    image, mask, variance = headers(repo.path(name))
    assert image["ZCMPTYPE"] == variance["ZCMPTYPE"] == "RICE_1" and mask["ZCMPTYPE"] == "GZIP_2"
    assert image["ZQUANTIZ"] == variance["ZQUANTIZ"] == "SUBTRACTIVE_DITHER_2"
    result = repo.get(name)
    assert sameArrays(result.mask.array, exposure.mask.array)
    ignored = (exposure.mask.array & exposure.mask.getPlaneBitMask(["NO_DATA", "INTRP"])) != 0
    for number, plane, header in ((1, "image", image), (3, "variance", variance)):
        stored, given = getattr(result, plane).array, getattr(exposure, plane).array
        step = quantum(given, ignored, 16.0)
        assert header["UZSCALE"] == pytest.approx(step, rel=1e-6)
        # rounding to single precision adds an ulp
        error = np.abs(stored - given)[np.isfinite(given)] - np.spacing(np.abs(given[np.isfinite(given)]))
        assert error.max() <= 0.5*step*(1 + 1e-6) and error.mean() > 0.2*step
        assert np.array_equal(np.isnan(stored), ~np.isfinite(given))
        assert (stored[given == 0] == 0).all()
        with fits.open(repo.path(name)) as hdus:
            np.testing.assert_array_equal(hdus[number].data, stored)
    assert image["ZDITHER0"] == headers(repo.path(repo.put(exposure, "ExposureF")))[0]["ZDITHER0"]


def test_aConstantImageIsStoredWithoutLoss(makeRepo):
    repo = makeRepo(withRecipe("lossy16"))
    exposure = ExposureF(20, 10)
    exposure.image.set(3.25)
    exposure.variance.set(np.nan)
    with pytest.warns(UserWarning, match="the filter is None in the file"):
        result = repo.get(repo.put(exposure, "ExposureF"))
    assert (result.image.array == 3.25).all() and np.isnan(result.variance.array).all()


def test_recipesOfARepository(makeRepo, exposure, sameArrays):
    repo = makeRepo(withRecipe("mine", **{f"{FORMATTERS}.FitsExposureFormatter": {"mine": MINE}}))
    name = repo.put(exposure, "ExposureF")
    image, mask, variance = headers(repo.path(name))
    assert (image["ZQUANTIZ"], image["ZDITHER0"], image["UZSCALE"]) == ("SUBTRACTIVE_DITHER_1", 11, 0.5)
    assert mask["ZCMPTYPE"] == "GZIP_2"
    assert variance["ZCMPTYPE"] == "GZIP_1" and (variance["ZTILE1"], variance["ZTILE2"]) == (100, 380)
    result = repo.get(name)
    assert np.nanmax(np.abs(result.image.array - exposure.image.array)) <= 0.25 + 1e-4
    assert sameArrays(result.variance.array, exposure.variance.array)


@pytest.mark.parametrize("algorithm", ["RICE_1", "GZIP_1", "GZIP_2"])
def test_scalings(algorithm):
    """RANGE spends all integers, STDEV_CFITSIO leaves the quantum to cfitsio."""
    image = ImageF(64, 64)
    image.array[:] = np.random.default_rng(5).normal(0, 4, image.array.shape)
    # 2^32 integers for 32 times the noise, or about 8 for the noise itself
    for scaling, largest in (("RANGE", 1e-6), ("STDEV_CFITSIO", 0.5)):
        plane = {"algorithm": algorithm, "quantization": {"scaling": scaling, "level": 8.0}}
        recipes = validateRecipes({"r": {"image": plane, "mask": {}, "variance": {}}})
        file = MemFileManager()
        image.writeFits(file, makeWriteOptions(recipes["r"]["image"], 3))
        error = np.abs(ImageF(file).array - image.array).max()
        assert 0 < error < largest


def test_integersAreStoredWithoutLoss(makeRepo, sameArrays):
    repo = makeRepo({"datastore": {"formatters": {"ExposureI": {
        "formatter": f"{FORMATTERS}.FitsExposureFormatter", "parameters": {"recipe": "lossy16"}}}}})
    exposure = ExposureI(20, 10)
    exposure.image.array[:] = np.arange(200).reshape(10, 20)*1_000_003
    with pytest.warns(UserWarning, match="the filter is None in the file"):
        assert sameArrays(repo.get(repo.put(exposure, "ExposureI")).image.array, exposure.image.array)


def test_compressionThatIsForbidden(repo, exposure, samePlanes):
    with imageCompressionDisabled():
        name = repo.put(exposure, "ExposureF")
    assert not any("ZCMPTYPE" in header for header in headers(repo.path(name)))
    assert samePlanes(repo.get(name).maskedImage, exposure.maskedImage)


def test_noSuchRecipe(makeRepo, exposure):
    repo = makeRepo(withRecipe("lossless17"))
    with pytest.raises(RuntimeError, match="Failed to serialize") as caught:
        repo.put(exposure, "ExposureF")
    assert "no write recipe 'lossless17'" in str(caught.value.__cause__)
    assert "lossy16" in str(caught.value.__cause__)


@pytest.mark.parametrize("recipe, message", [
    ({"image": {}, "mask": {}}, "no settings for variance"),
    ({**MINE, "weight": {}}, "unknown settings weight"),
    ({**MINE, "mask": {"algorithm": "PLIO_1"}}, "mask: algorithm must be one of GZIP_1, GZIP_2, RICE_1"),
    ({**MINE, "mask": {"rows": 3}}, "mask: unknown settings rows"),
    ({**MINE, "image": {"compression": {"algorithm": "NONE"}}}, "image: unknown settings compression"),
    ({**MINE, "image": {"tile_height": -1}}, "tile_height cannot be -1"),
    ({**MINE, "image": {"tile_width": "all"}}, "tile_width cannot be 'all'"),
    ({**MINE, "image": {"quantization": {"level": "high"}}}, "level cannot be 'high'"),
    ({**MINE, "image": {"quantization": {"level": float("nan")}}}, "level cannot be nan"),
    ({**MINE, "image": {"quantization": {"seed": 10001}}}, "seed cannot be 10001"),
    ({**MINE, "image": {"quantization": {"scaling": "STDEV"}}}, "scaling must be one of"),
    ({**MINE, "image": {"quantization": {"dither": True}}}, "dither must be one of"),
    ({**MINE, "image": {"quantization": {"mask_planes": [1]}}}, "mask_planes must be names"),
    ({**MINE, "image": {"quantization": {"fuzz": True}}}, "unknown settings fuzz"),
])
def test_whatARecipeCannotSay(recipe, message):
    with pytest.raises(RuntimeError, match=message):
        FitsExposureFormatter.validate_write_recipes({"mine": recipe})


def test_aRepositoryWithABadRecipe(makeRepo, exposure):
    recipe = {"image": {"rows": 1}, "mask": {}, "variance": {}}
    bad = {f"{FORMATTERS}.FitsExposureFormatter": {"mine": recipe}}
    with pytest.raises(RuntimeError, match="'mine', image: unknown settings rows"):
        makeRepo(withRecipe("mine", **bad)).put(exposure, "ExposureF")


@pytest.mark.parametrize("recipes", [None, {}])
def test_noRecipes(recipes):
    assert FitsExposureFormatter.validate_write_recipes(recipes) == recipes
