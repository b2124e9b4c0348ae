# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Flux with Gaussian weights of the shape of the source."""

import numpy as np

import lsst.pex.exceptions

from ._control import Control, ControlField
from ._fixedMoments import computeFixedMomentsFluxes
from ._rows import Failure, setRows
from .algorithm import SimpleAlgorithm
from .flagHandler import FlagDefinitionList, FlagHandler
from .fluxUtilities import FluxResultKey
from .inputUtilities import SafeCentroidExtractor, SafeShapeExtractor

__all__ = ["GaussianFluxAlgorithm", "GaussianFluxControl"]

_flags = FlagDefinitionList()


class GaussianFluxControl(Control):
    """Settings of `GaussianFluxAlgorithm`."""

    background = ControlField("double", 0.0, "not used")


class GaussianFluxAlgorithm(SimpleAlgorithm):
    """Flux with Gaussian weights of the shape of the source, at its centroid.

    Parameters
    ----------
    ctrl : `GaussianFluxControl`
        Settings.
    name : `str`
        Prefix of the fields.
    schema : `lsst.afw.table.Schema`
        Gets the fields.
    """

    Control = GaussianFluxControl

    FAILURE = _flags.addFailureFlag()

    def __init__(self, ctrl, name, schema):
        self._ctrl = ctrl
        self._logName = name
        self._fluxKey = FluxResultKey.addFields(schema, name, "instFlux from Gaussian Flux algorithm")
        self._centroidExtractor = SafeCentroidExtractor(schema, name)
        self._shapeExtractor = SafeShapeExtractor(schema, name)
        self._flagHandler = FlagHandler.addFields(schema, name, _flags)

    @staticmethod
    def getFlagDefinitions():
        """Return the definitions of the flags."""
        return _flags

    def measureCatalog(self, measCat, exposure):
        """Measure all sources of a catalog; see `SingleFrameAlgorithm.measureCatalog`."""
        positions, failures = self._centroidExtractor.extract(measCat, self._flagHandler)
        shapes, shapeFailures = self._shapeExtractor.extract(measCat, self._flagHandler)
        failures += shapeFailures
        usable = np.isfinite(positions).all(axis=1)
        for failure in shapeFailures:
            usable[failure.rows] = False
        rows = np.flatnonzero(usable)
        flux, fluxErr, problems = computeFixedMomentsFluxes(exposure, *positions[rows].T, shapes[rows])
        good = np.ones(len(rows), dtype=bool)
        for why, index in problems.items():
            good[index] = False
            failures.append(Failure(rows[index], lsst.pex.exceptions.RuntimeError(why)))
        self._fluxKey.setRows(measCat, rows[good], flux[good], fluxErr[good])
        # The original takes back what a suspicious position or shape made it set.
        setRows(measCat, self._flagHandler._findKey(self.FAILURE.number), rows[good], False)
        return failures
