# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Registries of measurement plugins, and the ordered set of plugins that a task runs."""

import collections

import lsst.pex.config

from .apCorrRegistry import addApCorrName

__all__ = ("PluginMap", "PluginRegistry", "generateAlgorithmName", "register")


def generateAlgorithmName(AlgClass):
    """Make the name of a plugin from the name of its algorithm class.

    Parameters
    ----------
    AlgClass : `type`
        Class of the algorithm, such as ``lsst.meas.base.psfFlux.PsfFluxAlgorithm``.

    Returns
    -------
    name : `str`
        The package without ``lsst`` and ``meas``, and the class without ``Algorithm``:
        ``"base_PsfFlux"``. A module named after the class does not count.
    """
    name = AlgClass.__name__.replace("Algorithm", "")
    terms = AlgClass.__module__.split(".")
    if len(terms) > 1 and terms[-1].startswith("_"):
        terms = terms[:-1]
    if len(terms) > 1 and terms[-1].endswith("Lib"):
        terms = terms[:-1]
    if terms[0] == "lsst":
        terms = terms[1:]
    if terms[0] == "meas":
        terms = terms[1:]
    if name.lower().startswith(terms[-1].lower()):
        terms = terms[:-1]
    return "_".join(terms) + "_" + name


class PluginRegistry(lsst.pex.config.Registry):
    """A registry of plugins."""

    class Configurable:
        """An entry of the registry.

        Calling it does not make the plugin but tells the task what it needs to make all plugins
        in their order.

        Parameters
        ----------
        name : `str`
            Name of the plugin.
        PluginClass : `type`
            Class of the plugin.
        """

        __slots__ = "PluginClass", "name"

        def __init__(self, name, PluginClass):
            self.name = name
            self.PluginClass = PluginClass

        @property
        def ConfigClass(self):
            """Config class of the plugin."""
            return self.PluginClass.ConfigClass

        def __call__(self, config):
            """Return execution order, name, config and class."""
            return (self.PluginClass.getExecutionOrder(), self.name, config, self.PluginClass)

    def register(self, name, PluginClass, shouldApCorr=False, apCorrList=()):
        """Register a plugin class.

        Parameters
        ----------
        name : `str`
            Name of the plugin, and prefix of its fields.
        PluginClass : `type`
            Class of the plugin; it may be registered under several names.
        shouldApCorr : `bool`, optional
            Do aperture corrections apply to its flux? Ignored if ``apCorrList`` is given.
        apCorrList : iterable of `str`, optional
            Prefixes of the fluxes that aperture corrections apply to.
        """
        super().register(name, self.Configurable(name, PluginClass))
        if shouldApCorr and not apCorrList:
            apCorrList = [name]
        for prefix in apCorrList:
            addApCorrName(prefix)

    def makeField(self, doc, default=None, optional=False, multi=False):
        """Make a config field that selects plugins of this registry.

        Parameters
        ----------
        doc : `str`
            Documentation of the field.
        default : `str` or `list` of `str`, optional
            Names of the plugins selected by default.
        optional : `bool`, optional
            May the field be `None`?
        multi : `bool`, optional
            May several plugins be selected?

        Returns
        -------
        field : `lsst.pex.config.RegistryField`
            The field.
        """
        return lsst.pex.config.RegistryField(doc, self, default, optional, multi)


def register(name, shouldApCorr=False, apCorrList=()):
    """Make a class decorator that registers a plugin in the registry of its base class.

    Parameters
    ----------
    name : `str`
        Name of the plugin.
    shouldApCorr, apCorrList
        See `PluginRegistry.register`.
    """

    def decorate(PluginClass):
        PluginClass.registry.register(name, PluginClass, shouldApCorr=shouldApCorr, apCorrList=apCorrList)
        return PluginClass

    return decorate


class PluginMap(collections.OrderedDict):
    """The plugins of a task by name, in the order in which they run."""

    def iter(self):
        """Yield the plugins that measure one source at a time."""
        return (plugin for plugin in self.values() if plugin.config.doMeasure)

    def iterN(self):
        """Yield the plugins that measure the members of a blend together."""
        return (plugin for plugin in self.values() if plugin.config.doMeasureN)
