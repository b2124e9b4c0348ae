# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Transforms described by configuration."""

__all__ = [
    "AffineTransformConfig",
    "IdentityTransformConfig",
    "MultiTransformConfig",
    "OneTransformConfig",
    "RadialTransformConfig",
    "TransformConfig",
    "transformRegistry",
]

import functools

import numpy as np
from lsst.pex.config import Config, ConfigDictField, ConfigurableField, ListField, makeRegistry

from lsst.geom import AffineTransform

from .transformFactory import makeIdentityTransform, makeRadialTransform, makeTransform

transformRegistry = makeRegistry("Functions that make a transform from an instance of their ConfigClass.")


class IdentityTransformConfig(Config):
    """Config of a transform that does nothing."""


def identityFactory(config):
    """Make the identity transform."""
    return makeIdentityTransform()


identityFactory.ConfigClass = IdentityTransformConfig
transformRegistry.register("identity", identityFactory)


class OneTransformConfig(Config):
    """Config that holds the config of one other transform."""

    transform = ConfigurableField(doc="The transform.", target=identityFactory)


def invertingFactory(config):
    """Make the inverse of the transform a `OneTransformConfig` holds."""
    return config.transform.apply().inverted()


invertingFactory.ConfigClass = OneTransformConfig
transformRegistry.register("inverted", invertingFactory)


class AffineTransformConfig(Config):
    """Config of an affine transform."""

    linear = ListField(
        doc="2x2 matrix, row by row; cos(t), sin(t), -sin(t), cos(t) rotates a vector by t.",
        dtype=float,
        length=4,
        default=(1, 0, 0, 1),
    )
    translation = ListField(
        doc="Vector added after the multiplication.", dtype=float, length=2, default=(0, 0)
    )


def affineFactory(config):
    """Make an affine transform."""
    linear = np.array(config.linear, dtype=float).reshape(2, 2)
    return makeTransform(AffineTransform(linear, np.array(config.translation, dtype=float)))


affineFactory.ConfigClass = AffineTransformConfig
transformRegistry.register("affine", affineFactory)


class RadialTransformConfig(Config):
    """Config of a radially symmetric transform."""

    coeffs = ListField(
        doc="Coefficients of the polynomial in radius, the constant first: it must be 0, the next not.",
        dtype=float,
        minLength=1,
        optional=False,
    )

    def validate(self):
        """Raise `RuntimeError` if the coefficients cannot be used."""
        coeffs = self.coeffs
        if len(coeffs) > 0 and (len(coeffs) == 1 or coeffs[0] != 0 or coeffs[1] == 0):
            raise RuntimeError(
                f"invalid radial transform coeffs {list(coeffs)}: none, or at least two, "
                "of which the first is 0 and the second is not"
            )


def radialFactory(config):
    """Make a radially symmetric transform."""
    return makeRadialTransform(list(config.coeffs))


radialFactory.ConfigClass = RadialTransformConfig
transformRegistry.register("radial", radialFactory)


class MultiTransformConfig(Config):
    """Config of a chain of transforms."""

    transformDict = ConfigDictField(
        doc="Transforms by number; they are applied in the order of the numbers.",
        keytype=int,
        itemtype=OneTransformConfig,
    )


def multiFactory(config):
    """Make the transform that applies one after the other."""
    transforms = [config.transformDict[key].transform.apply() for key in sorted(config.transformDict.keys())]
    return functools.reduce(lambda first, second: first.then(second), transforms)


multiFactory.ConfigClass = MultiTransformConfig
transformRegistry.register("multi", multiFactory)


class TransformConfig(Config):
    """Config of a transform of any registered kind."""

    transform = transformRegistry.makeField(doc="Name and config of a registered transform.")
