# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Background in an annulus around each source."""

import numpy as np

from ._control import Control, ControlField
from ._rows import Failure
from .algorithm import SimpleAlgorithm
from .exceptions import MeasurementError
from .flagHandler import FlagDefinitionList, FlagHandler
from .fluxUtilities import FluxResultKey
from .inputUtilities import SafeCentroidExtractor

__all__ = ["LocalBackgroundAlgorithm", "LocalBackgroundControl"]

_flags = FlagDefinitionList()


class LocalBackgroundControl(Control):
    """Settings of `LocalBackgroundAlgorithm`."""

    badMaskPlanes = ControlField(
        "std::vector<std::string>", ["BAD", "SAT", "NO_DATA"], "mask planes of the pixels that are left out"
    )
    annulusInner = ControlField("float", 7.0, "inner radius of the annulus, in units of the PSF's sigma")
    annulusOuter = ControlField("float", 15.0, "outer radius of the annulus, in units of the PSF's sigma")
    bgRej = ControlField("float", 3.0, "clipping threshold (standard deviations)")
    bgIter = ControlField("int", 3, "number of clipping iterations")


class LocalBackgroundAlgorithm(SimpleAlgorithm):
    """Clipped mean and standard deviation of the pixels in an annulus around each source.

    Parameters
    ----------
    ctrl : `LocalBackgroundControl`
        Settings.
    name : `str`
        Prefix of the fields.
    schema : `lsst.afw.table.Schema`
        Gets the fields.
    logName : `str`, optional
        Name of the log.
    """

    Control = LocalBackgroundControl

    FAILURE = _flags.addFailureFlag()
    NO_GOOD_PIXELS = _flags.add("flag_noGoodPixels", "no good pixels in the annulus")
    NO_PSF = _flags.add("flag_noPsf", "no PSF provided")

    def __init__(self, ctrl, name, schema, logName=""):
        self._ctrl = ctrl
        self._logName = logName or name
        self._resultKey = FluxResultKey.addFields(schema, name, "background in annulus around source")
        self._flagHandler = FlagHandler.addFields(schema, name, _flags)
        self._centroidExtractor = SafeCentroidExtractor(schema, name)

    @staticmethod
    def getFlagDefinitions():
        """Return the definitions of the flags."""
        return _flags

    def measureCatalog(self, measCat, exposure):
        """Measure all sources of a catalog; see `SingleFrameAlgorithm.measureCatalog`."""
        positions, failures = self._centroidExtractor.extract(measCat, self._flagHandler)
        rows = np.flatnonzero(np.isfinite(positions).all(axis=1))
        psf = exposure.getPsf()
        if psf is None:
            return [*failures, Failure(rows, MeasurementError(self.NO_PSF.doc, self.NO_PSF.number))]
        sigma = np.float32(psf.computeShape(psf.getAveragePosition()).getDeterminantRadius())
        inner, outer = (
            float(np.float32(factor) * sigma) for factor in (self._ctrl.annulusInner, self._ctrl.annulusOuter)
        )
        badBits = exposure.mask.getPlaneBitMask(list(self._ctrl.badMaskPlanes))
        # Here, as what it imports takes long: see lsst._compiled.
        from ._annulusStatistics import measureAnnuli

        mean, stdev, nPixels = measureAnnuli(
            exposure, badBits, (inner, outer), positions[rows], self._ctrl.bgRej, self._ctrl.bgIter
        )
        good = nPixels > 0
        self._resultKey.setRows(measCat, rows[good], mean[good], stdev[good])
        if not good.all():
            error = MeasurementError(self.NO_GOOD_PIXELS.doc, self.NO_GOOD_PIXELS.number)
            failures.append(Failure(rows[~good], error))
        return failures
