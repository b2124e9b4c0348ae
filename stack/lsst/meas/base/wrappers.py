# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Makes plugins out of algorithms."""

import lsst.pex.config

from .apCorrRegistry import addApCorrName
from .forcedMeasurement import ForcedPlugin
from .genericPlugin import GenericPlugin  # part of this module in v23
from .pluginRegistry import generateAlgorithmName
from .pluginsBase import measuresCatalogs

__all__ = (
    "GenericPlugin",
    "wrapAlgorithm",
    "wrapAlgorithmControl",
    "wrapForcedAlgorithm",
)


class _WrappedPlugin:
    """A plugin around an algorithm, which is the attribute ``cpp``."""

    def _makeAlgorithm(self, config, name, schema, metadata, logName):
        kwargs = {"logName": logName} if getattr(self, "hasLogName", False) and logName is not None else {}
        return self.factory(config, name, schema, metadata, **kwargs)

    def fail(self, measRecord, error=None):
        """Let the algorithm set its flags."""
        self.cpp.fail(measRecord, error)


class WrappedForcedPlugin(_WrappedPlugin, ForcedPlugin):
    """A forced plugin around an algorithm."""

    def __init__(self, config, name, schemaMapper, metadata, logName=None):
        ForcedPlugin.__init__(self, config, name, schemaMapper, metadata, logName=logName)
        self.cpp = self._makeAlgorithm(config, name, schemaMapper, metadata, logName)

    def measure(self, measRecord, exposure, refRecord, refWcs):
        """Let the algorithm measure one source."""
        self.cpp.measureForced(measRecord, exposure, refRecord, refWcs)

    def measureN(self, measCat, exposure, refCat, refWcs):
        """Let the algorithm measure the members of a blend together."""
        self.cpp.measureNForced(measCat, exposure, refCat, refWcs)


def _measureCatalog(self, measCat, exposure, *refArgs):
    """Let the algorithm measure all sources of a catalog."""
    return self.cpp.measureCatalog(measCat, exposure)


def _failRows(self, measCat, rows, error):
    """Let the algorithm set its flags for several sources."""
    self.cpp.failRows(measCat, rows, error)


def wrapAlgorithmControl(Base, Control, module=None, hasMeasureN=False):
    """Make the config class that belongs to a control class.

    Parameters
    ----------
    Base : `type`
        Base of the config class.
    Control : `type`
        The control class.
    module : module, `str` or `int`, optional
        Where the config class shall live; by default where the control class does.
    hasMeasureN : `bool`, optional
        Add a field ``doMeasureN``?

    Returns
    -------
    ConfigClass : `type`
        The config class.
    """
    if not hasMeasureN:
        return lsst.pex.config.makeConfigClass(Control, module=module, base=Base)
    field = lsst.pex.config.Field(
        dtype=bool, default=True, doc="measure the members of a blend together with this plugin?"
    )
    cls = type(Control.__name__.replace("Control", "Config"), (Base,), {"doMeasureN": field})
    return lsst.pex.config.makeConfigClass(Control, module=module, cls=cls)


def wrapAlgorithm(
    Base,
    AlgClass,
    factory,
    executionOrder,
    name=None,
    Control=None,
    ConfigClass=None,
    doRegister=True,
    shouldApCorr=False,
    apCorrList=(),
    hasLogName=False,
    **kwds,
):
    """Make a plugin class around an algorithm class.

    Parameters
    ----------
    Base : `type`
        `WrappedForcedPlugin`.
    AlgClass : `type`
        The algorithm; if it has ``measureCatalog`` so has the plugin.
    factory : callable
        Makes the algorithm from config, name, schema (or mapper) and metadata.
    executionOrder : `float`
        When to run the plugin.
    name : `str`, optional
        Name to register; by default made from the class name.
    Control : `type`, optional
        Control class; by default ``AlgClass.Control``.
    ConfigClass : `type`, optional
        Config class; by default made from the control class.
    doRegister : `bool`, optional
        Register the plugin?
    shouldApCorr : `bool`, optional
        Do aperture corrections apply to its flux?
    apCorrList : iterable of `str`, optional
        Prefixes of the fluxes that aperture corrections apply to.
    hasLogName : `bool`, optional
        Does the algorithm take a ``logName``?
    **kwds
        More arguments of `wrapAlgorithmControl`.

    Returns
    -------
    PluginClass : `type`
        The plugin class.
    """
    if ConfigClass is None:
        Control = AlgClass.Control if Control is None else Control
        ConfigClass = wrapAlgorithmControl(Base.ConfigClass, Control, **kwds)
    members = {
        "AlgClass": AlgClass,
        "ConfigClass": ConfigClass,
        "factory": staticmethod(factory),
        "getExecutionOrder": staticmethod(lambda: executionOrder),
        "hasLogName": hasLogName,
    }
    if measuresCatalogs(AlgClass):
        members.update(measureCatalog=_measureCatalog, failRows=_failRows)
    PluginClass = type(AlgClass.__name__ + Base.__name__, (Base,), members)
    if doRegister:
        name = generateAlgorithmName(AlgClass) if name is None else name
        Base.registry.register(name, PluginClass)
        for prefix in apCorrList or ([name] if shouldApCorr else []):
            addApCorrName(prefix)
    return PluginClass


def _makeFactory(AlgClass, needsMetadata, hasMeasureN, getSchema=None):
    """Make the function that makes the algorithm: it takes only the arguments it needs."""

    def factory(config, name, schema, metadata, **kwargs):
        args = [config.makeControl(), name, schema if getSchema is None else getSchema(schema)]
        if needsMetadata:
            args.append(metadata)
        if hasMeasureN:
            args.append(config.doMeasureN)
        return AlgClass(*args, **kwargs)

    return factory


def wrapForcedAlgorithm(
    AlgClass,
    executionOrder,
    name=None,
    needsMetadata=False,
    hasMeasureN=False,
    needsSchemaOnly=False,
    hasLogName=False,
    **kwds,
):
    """Make a forced plugin class around an algorithm class.

    Parameters
    ----------
    AlgClass, executionOrder, name, hasLogName, **kwds
        See `wrapAlgorithm`.
    needsMetadata : `bool`, optional
        Does the algorithm take the metadata?
    hasMeasureN : `bool`, optional
        Can it measure the members of a blend together?
    needsSchemaOnly : `bool`, optional
        Does the algorithm take the output schema, instead of the schema mapper?

    Returns
    -------
    PluginClass : `type`
        The plugin class.
    """
    getSchema = (lambda mapper: mapper.editOutputSchema()) if needsSchemaOnly else None
    return wrapAlgorithm(
        WrappedForcedPlugin,
        AlgClass,
        executionOrder=executionOrder,
        name=name,
        factory=_makeFactory(AlgClass, needsMetadata, hasMeasureN, getSchema),
        hasMeasureN=hasMeasureN,
        hasLogName=hasLogName,
        **kwds,
    )
