# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Recipes: named settings for writing."""

__all__ = ["readWriteRecipes", "validateRecipeFitsStorage"]

import os

from lsst.daf.base import PropertySet
from lsst.daf.persistence import Policy

# The defaults, and by their types what the settings must be.
_SCHEMAS = {
    "compression": {"algorithm": "NONE", "rows": 1, "columns": 0, "quantizeLevel": 0.0},
    "scaling": {
        "algorithm": "NONE",
        "bitpix": 0,
        "maskPlanes": ["NO_DATA"],
        "seed": 0,
        "quantizeLevel": 4.0,
        "quantizePad": 5.0,
        "fuzz": True,
        "bscale": 1.0,
        "bzero": 0.0,
    },
}
PLANES = ("image", "mask", "variance")


def readWriteRecipes(path, supplementsPath):
    """Read recipes.

    Parameters
    ----------
    path : `str`
        Policy file with recipes for all cameras, by storage type and name.
    supplementsPath : `str`
        Policy file with more recipes; it need not exist.

    Returns
    -------
    recipes : `dict` [`str`, `dict` [`str`, `lsst.daf.base.PropertySet`]]
        Recipes by storage type and name.

    Raises
    ------
    RuntimeError
        A recipe is in both files or has unknown settings, or a storage type has no default.
    """
    recipes = Policy(path)
    if os.path.exists(supplementsPath) and supplementsPath != path:
        supplements = Policy(supplementsPath)
        for storageType in supplements.names(True):
            known = recipes.get(storageType, Policy())
            both = set(known.names(True)) & set(supplements[storageType].names(True))
            if both:
                raise RuntimeError(
                    f"Recipes provided in {supplementsPath} section {storageType} may not override those "
                    f"in {path}: {sorted(both)}"
                )
        recipes.update(supplements)
    for storageType in recipes.names(True):
        if "default" not in recipes[storageType]:
            raise RuntimeError(f"No 'default' recipe defined for storage type {storageType} in {path}")
        if storageType != "FitsStorage":
            raise RuntimeError(f"Recipes for storage type {storageType} are not supported")
    return {"FitsStorage": validateRecipeFitsStorage(recipes["FitsStorage"])}


def validateRecipeFitsStorage(recipes):
    """Check the recipes for FITS images, and complete them with default values.

    Parameters
    ----------
    recipes : `lsst.daf.persistence.Policy`
        Recipes by name; each has ``image``, ``mask`` and ``variance`` with ``compression`` and ``scaling``.

    Returns
    -------
    recipes : `dict` [`str`, `lsst.daf.base.PropertySet`]
        Complete recipes by name.

    Raises
    ------
    RuntimeError
        A setting is unknown.
    """
    return {name: _validate(name, recipes[name]) for name in recipes.names(True)}


def _validate(name, recipe):
    _checkNames(recipe, PLANES, name)
    validated = PropertySet()
    for plane in PLANES:
        _checkNames(recipe[plane], _SCHEMAS, f"{name}->{plane}")
        for section, schema in _SCHEMAS.items():
            given = recipe[plane].get(section, {})
            _checkNames(given, schema, f"{name}->{plane}->{section}")
            for key, default in schema.items():
                value = type(default)(given[key]) if key in given else default
                validated.set(f"{plane}.{section}.{key}", value)
    return validated


def _checkNames(entry, allowed, description):
    unknown = set(entry) - set(allowed)
    if unknown:
        raise RuntimeError(
            f"Unrecognized entries when parsing image compression recipe {description}: {sorted(unknown)}"
        )
