# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Base of the configs of measurement."""

import lsst.pex.config

from .noiseReplacer import NoiseReplacerConfig
from .pluginsBase import BasePlugin, BasePluginConfig

__all__ = (
    "BaseMeasurementConfig",
    "BaseMeasurementPlugin",
    "BaseMeasurementPluginConfig",
    "SourceSlotConfig",
)


class BaseMeasurementPluginConfig(BasePluginConfig):
    """Base of the configs of measurement plugins.

    Plugins that can measure the members of a blend together add a field ``doMeasureN``.
    """

    doMeasure = lsst.pex.config.Field(
        dtype=bool, default=True, doc="measure sources one at a time with this plugin?"
    )

    doMeasureN = False


class BaseMeasurementPlugin(BasePlugin):
    """Base of the measurement plugins."""


def _makeSlot(default, what):
    return lsst.pex.config.Field(
        dtype=str, default=default, optional=True, doc=f"plugin that measures {what}"
    )


class SourceSlotConfig(lsst.pex.config.Config):
    """Which plugins the slots of a source catalog stand for."""

    centroid = _makeSlot("base_SdssCentroid", "the centroid")
    shape = _makeSlot("base_SdssShape", "the adaptive moments")
    psfShape = _makeSlot("base_SdssShape_psf", "the adaptive moments of the PSF")
    apFlux = _makeSlot("base_CircularApertureFlux_12_0", "the aperture flux")
    modelFlux = _makeSlot("base_GaussianFlux", "the model flux")
    psfFlux = _makeSlot("base_PsfFlux", "the PSF flux")
    gaussianFlux = _makeSlot("base_GaussianFlux", "the Gaussian flux")
    calibFlux = _makeSlot("base_CircularApertureFlux_12_0", "the flux used for calibration")

    def setupSchema(self, schema):
        """Define the slots, as aliases, in a schema.

        Parameters
        ----------
        schema : `lsst.afw.table.Schema`
            Schema, changed in place.
        """
        aliases = schema.getAliasMap()
        for name in (
            "centroid",
            "shape",
            "psfShape",
            "apFlux",
            "modelFlux",
            "psfFlux",
            "gaussianFlux",
            "calibFlux",
        ):
            target = getattr(self, name)
            if target is not None:
                aliases.set(f"slot_{name[0].upper()}{name[1:]}", target)


class BaseMeasurementConfig(lsst.pex.config.Config):
    """Base of the configs of measurement tasks; subclasses add ``plugins`` and ``undeblended``."""

    slots = lsst.pex.config.ConfigField(
        dtype=SourceSlotConfig, doc="which plugins the slots of the source catalog stand for"
    )
    doReplaceWithNoise = lsst.pex.config.Field(
        dtype=bool,
        default=True,
        optional=False,
        doc="replace the footprints of all other sources by noise while measuring one?",
    )
    noiseReplacer = lsst.pex.config.ConfigField(
        dtype=NoiseReplacerConfig, doc="how to replace neighbors by noise"
    )
    undeblendedPrefix = lsst.pex.config.Field(
        dtype=str, default="undeblended_", doc="prefix of the names of undeblended plugins"
    )

    def validate(self):
        """Check that the plugins of all slots are run.

        Raises
        ------
        ValueError
            One is not.
        """
        super().validate()
        for slot in ("centroid", "shape"):
            name = getattr(self.slots, slot)
            if name is not None and name not in self.plugins.names:
                raise ValueError(f"source {slot} slot algorithm '{name}' is not being run.")
        for slot in ("psfFlux", "apFlux", "modelFlux", "gaussianFlux", "calibFlux"):
            name = getattr(self.slots, slot)
            if name is not None and not any(name.startswith(plugin) for plugin in self.plugins.names):
                raise ValueError(f"source instFlux slot algorithm '{name}' is not being run.")
