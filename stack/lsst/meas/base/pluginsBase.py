# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Base of all plugins."""

import traceback

import lsst.pex.config

from .exceptions import MeasurementError

__all__ = ("BasePlugin", "BasePluginConfig", "measuresCatalogs")


class BasePluginConfig(lsst.pex.config.Config):
    """Base of the configs of all plugins."""


class BasePlugin:
    """Base of all plugins.

    Parameters
    ----------
    config : `BasePluginConfig`
        Configuration.
    name : `str`
        Name of the plugin, and prefix of its fields.
    logName : `str`, optional
        Name of the plugin's log.

    Notes
    -----
    Plugins run in the order of `getExecutionOrder`, which usually is one of the constants below.
    """

    CENTROID_ORDER = 0.0
    """Order of plugins that need only footprints and peaks, such as centroiders."""

    SHAPE_ORDER = 1.0
    """Order of plugins that need a centroid."""

    FLUX_ORDER = 2.0
    """Order of plugins that need a centroid and a shape."""

    APCORR_ORDER = 3.0
    """Order of plugins that need centroid, shape and fluxes."""

    DEFAULT_CATALOGCALCULATION = 4.0
    """Order of plugins that see only the catalog, not the pixels."""

    ConfigClass = BasePluginConfig
    """Class of the configuration."""

    @classmethod
    def getExecutionOrder(cls):
        """Return when to run the plugin relative to others (`float`).

        Raises
        ------
        NotImplementedError
            The plugin does not say.
        """
        raise NotImplementedError("All plugins must implement getExecutionOrder()")

    def __init__(self, config, name, logName=None):
        self.config = config
        self.name = name
        self.logName = logName

    def getLogName(self):
        """Return the name of the plugin's log, or `None`."""
        return self.logName

    def fail(self, measRecord, error=None):
        """Record a failure; plugins that can fail override this to set their flags.

        Parameters
        ----------
        measRecord : `lsst.afw.table.SourceRecord`
            The source that was being measured.
        error : `MeasurementError`, optional
            The failure, if the plugin foresaw it.

        Raises
        ------
        NotImplementedError
            Always, unless overridden.
        """
        traceback.print_exc()
        raise NotImplementedError(
            f"The algorithm {type(self).__name__!r} thinks it cannot fail, but it did; "
            "please report this as a bug (the full traceback is above)."
        )

    def failRows(self, measCat, rows, error):
        """Record a failure of several sources; the default calls `fail` for each.

        Parameters
        ----------
        measCat : `lsst.afw.table.SourceCatalog`
            The sources that were being measured.
        rows : `numpy.ndarray`
            Numbers of the rows that failed.
        error : `Exception`
            What went wrong.
        """
        foreseen = error if isinstance(error, MeasurementError) else None
        for row in rows:
            self.fail(measCat[int(row)], foreseen)


def measuresCatalogs(cls, forCatalog="measureCatalog", forRecord="measure"):
    """Does a plugin class measure a whole catalog at once?

    Parameters
    ----------
    cls : `type`
        Class of a plugin.
    forCatalog, forRecord : `str`, optional
        Names of the methods that take a catalog and a record.

    Returns
    -------
    answer : `bool`
        `True` if it has a method for catalogs that is not older than the one for records: a subclass
        that overrides only the latter means that one to be called.
    """
    for base in cls.__mro__:
        if forCatalog in vars(base):
            return True
        if forRecord in vars(base):
            return False
    return False
