# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Recipes of the Gen3 butler: named settings for the compression of image, mask and variance."""

__all__ = ["PLANES", "makeWriteOptions", "validateRecipes"]

from lsst.afw.fits import ImageCompressionOptions, ImageWriteOptions
from lsst.afw.fits._quantization import DITHERS, QUANTUM_RULES, Quantization, QuantizedCompressionOptions

PLANES = ("image", "mask", "variance")
_ALGORITHMS = {
    "GZIP_1": ImageCompressionOptions.GZIP,
    "GZIP_2": ImageCompressionOptions.GZIP_SHUFFLE,
    "RICE_1": ImageCompressionOptions.RICE,
}
_COMPRESSION = {"algorithm": "GZIP_2", "tile_width": 0, "tile_height": 1, "quantization": None}
_QUANTIZATION = {"dither": "NO_DITHER", "scaling": "STDEV_MASKED", "mask_planes": ["NO_DATA"], "level": 0.0,
                 "seed": 0}
_MAX_SEED = 10000


def validateRecipes(recipes):
    """Check recipes, and complete them with default values.

    Parameters
    ----------
    recipes : mapping
        By name: `None` for no compression, or settings for each of `PLANES`.

    Returns
    -------
    recipes : `dict` [`str`, `dict` [`str`, `dict`] or `None`]
        The same with all settings.

    Raises
    ------
    RuntimeError
        Raised if a plane is missing, a setting is unknown, or has a value that it cannot have.
    """
    return {name: None if recipe is None else _validateRecipe(name, recipe)
            for name, recipe in recipes.items()}


def _validateRecipe(name, recipe):
    where = f"write recipe {name!r}"
    missing = [plane for plane in PLANES if plane not in recipe]
    if missing:
        raise RuntimeError(f"{where}: no settings for {', '.join(missing)}")
    _complete(where, recipe, dict.fromkeys(PLANES))
    return {plane: _validatePlane(f"{where}, {plane}", recipe[plane]) for plane in PLANES}


def _validatePlane(where, settings):
    settings = _complete(where, settings, _COMPRESSION)
    _checkChoice(where, settings, "algorithm", _ALGORITHMS)
    for key in ("tile_width", "tile_height"):
        _checkNumber(where, settings, key, int, 0)
    quantization = settings["quantization"]
    if quantization is not None:
        quantization = _complete(f"{where}, quantization", quantization, _QUANTIZATION)
        _checkChoice(where, quantization, "dither", DITHERS)
        _checkChoice(where, quantization, "scaling", QUANTUM_RULES)
        _checkNumber(where, quantization, "level", (int, float), 0)
        _checkNumber(where, quantization, "seed", int, 0, _MAX_SEED)
        planes = quantization["mask_planes"] = list(quantization["mask_planes"])
        if not all(isinstance(plane, str) for plane in planes):
            raise RuntimeError(f"{where}: mask_planes must be names, not {planes}")
    return {**settings, "quantization": quantization}


def _complete(where, given, defaults):
    unknown = sorted(set(given) - set(defaults))
    if unknown:
        raise RuntimeError(f"{where}: unknown settings {', '.join(map(str, unknown))}; there are "
                           f"{', '.join(defaults)}")
    return {**defaults, **given}


def _checkChoice(where, settings, key, choices):
    if settings[key] not in choices:
        raise RuntimeError(f"{where}: {key} must be one of {', '.join(choices)}, not {settings[key]!r}")


def _checkNumber(where, settings, key, types, lowest, highest=None):
    value = settings[key]
    isNumber = isinstance(value, types) and not isinstance(value, bool)
    if not isNumber or not value >= lowest or (highest is not None and value > highest):
        raise RuntimeError(f"{where}: {key} cannot be {value!r}")


def makeWriteOptions(settings, seed):
    """Return the `lsst.afw.fits.ImageWriteOptions` for the settings of one plane.

    Parameters
    ----------
    settings : `dict`
        Settings as `validateRecipes` returns them.
    seed : `int`
        Seed of the dithering where the settings have none, from 1 to 10000.
    """
    # In afw 0 rows make tiles of one row; more than there are make one tile.
    tiles = [settings["tile_width"], settings["tile_height"] or -1]
    algorithm = _ALGORITHMS[settings["algorithm"]]
    quantization = settings["quantization"]
    if quantization is None:
        return ImageWriteOptions(ImageCompressionOptions(algorithm, tiles=tiles))
    return ImageWriteOptions(QuantizedCompressionOptions(algorithm, tiles, Quantization(
        quantization["dither"], quantization["scaling"], tuple(quantization["mask_planes"]),
        float(quantization["level"]), quantization["seed"] or seed)))
