# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Base of the built-in algorithms, which measure whole catalogs."""

import numpy as np

from .flagHandler import FlagHandler

__all__ = ["BaseAlgorithm", "SimpleAlgorithm", "SingleFrameAlgorithm"]


class BaseAlgorithm:
    """An algorithm that keeps its flags in a `FlagHandler` ``_flagHandler``."""

    _flagHandler = FlagHandler()
    _logName = ""

    def getLogName(self):
        """Return the name of the algorithm's log."""
        return self._logName

    def fail(self, measRecord, error=None):
        """Set the flags that tell of a failure.

        Parameters
        ----------
        measRecord : `lsst.afw.table.SourceRecord`
            The source that was being measured.
        error : `MeasurementError`, optional
            The failure, if the algorithm foresaw it.
        """
        self._flagHandler.handleFailure(measRecord, error)

    def failRows(self, measCat, rows, error):
        """Set the flags that tell of a failure of several sources.

        Parameters
        ----------
        measCat : `lsst.afw.table.SourceCatalog`
            The sources that were being measured.
        rows : `numpy.ndarray`
            Numbers of the rows that failed.
        error : `Exception`
            What went wrong.
        """
        self._flagHandler.handleFailures(measCat, rows, error)


class SingleFrameAlgorithm(BaseAlgorithm):
    """An algorithm that needs an image and the sources, but no reference catalog."""

    def measureCatalog(self, measCat, exposure):
        """Measure all sources of a catalog.

        Parameters
        ----------
        measCat : `lsst.afw.table.SourceCatalog`
            The sources; the algorithm's fields are filled.
        exposure : `lsst.afw.image.Exposure`
            The image.

        Returns
        -------
        failures : `list` of `Failure`
            Which rows failed, and why; their flags are not set yet (see `failRows`).

        Raises
        ------
        FatalAlgorithmError
            Nothing can be measured on this image.
        """
        raise NotImplementedError()

    def measure(self, measRecord, exposure):
        """Measure one source.

        Parameters
        ----------
        measRecord : `lsst.afw.table.SourceRecord`
            The source; the algorithm's fields are filled.
        exposure : `lsst.afw.image.Exposure`
            The image.

        Raises
        ------
        MeasurementError
            The measurement failed in a way that the algorithm has a flag for.
        Exception
            It failed in another way.
        """
        measCat = type(measRecord.table).Catalog(measRecord.table)
        measCat.append(measRecord)
        for failure in self.measureCatalog(measCat, exposure):
            if np.size(failure.rows):
                raise failure.error


class SimpleAlgorithm(SingleFrameAlgorithm):
    """An algorithm that works the same way in single-frame and in forced measurement."""

    def measureForced(self, measRecord, exposure, refRecord, refWcs):
        """Measure one source; the reference is not used."""
        self.measure(measRecord, exposure)
