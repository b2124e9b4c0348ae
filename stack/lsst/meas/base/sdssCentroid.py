# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Centroid by the maximum of the image smoothed with the PSF."""

import numpy as np

from lsst.pex.exceptions import InvalidParameterError

from ._control import Control, ControlField
from ._quarticCentroid import findMaxima
from ._rows import Failure
from ._smoothedPeaks import LocalPsfs, smoothPeaks
from .algorithm import SimpleAlgorithm
from .centroidUtilities import CentroidChecker, CentroidResultKey, UncertaintyEnum
from .exceptions import FatalAlgorithmError, MeasurementError
from .flagHandler import FlagDefinitionList, FlagHandler
from .inputUtilities import SafeCentroidExtractor

__all__ = ["SdssCentroidAlgorithm", "SdssCentroidControl"]

_flags = FlagDefinitionList()

_CHUNK = 256  # sources whose PSFs are in memory at a time


class SdssCentroidControl(Control):
    """Settings of `SdssCentroidAlgorithm`."""

    binmax = ControlField("int", 16, "largest binning")
    peakMin = ControlField("double", -1.0, "bin at least once if the peak is below this")
    wfac = ControlField("double", 1.5, "adjusts when to bin")
    doFootprintCheck = ControlField("bool", True, "must the centroid be in the footprint?")
    maxDistToPeak = ControlField("double", -1.0, "largest distance from the peak (pixels); any if negative")


class SdssCentroidAlgorithm(SimpleAlgorithm):
    """Centroid by the maximum of the image smoothed with the PSF, as in SDSS.

    It starts at the pixel of the centroid slot, or at the peak of the footprint. The maximum comes from
    quartic interpolation of the nine pixels around. A source that is wide, or whose maximum is far off,
    is measured again in bins of twice the size.

    Parameters
    ----------
    ctrl : `SdssCentroidControl`
        Settings.
    name : `str`
        Prefix of the fields.
    schema : `lsst.afw.table.Schema`
        Gets the fields.
    """

    Control = SdssCentroidControl

    FAILURE = _flags.addFailureFlag()
    EDGE = _flags.add("flag_edge", "Object too close to edge")
    NO_SECOND_DERIVATIVE = _flags.add("flag_noSecondDerivative", "Vanishing second derivative")
    ALMOST_NO_SECOND_DERIVATIVE = _flags.add(
        "flag_almostNoSecondDerivative", "Almost vanishing second derivative"
    )
    NOT_AT_MAXIMUM = _flags.add("flag_notAtMaximum", "Object is not at a maximum")

    def __init__(self, ctrl, name, schema):
        self._ctrl = ctrl
        self._logName = name
        self._centroidKey = CentroidResultKey.addFields(
            schema, name, "centroid from Sdss Centroid algorithm", UncertaintyEnum.SIGMA_ONLY
        )
        self._flagHandler = FlagHandler.addFields(schema, name, _flags)
        self._centroidExtractor = SafeCentroidExtractor(schema, name, True)
        self._centroidChecker = CentroidChecker(schema, name, ctrl.doFootprintCheck, ctrl.maxDistToPeak)

    @staticmethod
    def getFlagDefinitions():
        """Return the definitions of the flags."""
        return _flags

    def measureCatalog(self, measCat, exposure):
        """Measure all sources of a catalog; see `SingleFrameAlgorithm.measureCatalog`."""
        positions, failures = self._centroidExtractor.extract(measCat, self._flagHandler)
        rows = np.flatnonzero(np.isfinite(positions).all(axis=1))
        self._centroidKey.setRows(measCat, rows, *positions[rows].T)
        if exposure.getPsf() is None:
            raise FatalAlgorithmError("SdssCentroid algorithm requires a Psf with every exposure")
        negative = np.zeros(len(measCat), dtype=bool)
        if "flags_negative" in measCat.schema.getNames():
            negative = np.array(measCat["flags_negative"])
        search = _Search(exposure, positions[rows], negative[rows], self._ctrl)
        search.run()
        for error, index in self._listProblems(search):
            if len(index):
                failures.append(Failure(rows[index], error))
        found = np.flatnonzero(search.found)
        xy = search.position[found] + np.array(list(exposure.getXY0()))
        self._centroidKey.setRows(measCat, rows[found], *xy.T, *search.error[found].T)
        return failures + self._centroidChecker.checkRows(measCat, rows[found])

    def _listProblems(self, search):
        for flag in (
            self.EDGE, self.NO_SECOND_DERIVATIVE, self.ALMOST_NO_SECOND_DERIVATIVE, self.NOT_AT_MAXIMUM
        ):
            yield MeasurementError(flag.doc, flag.number), np.flatnonzero(search.problem == flag.number)
        error = InvalidParameterError("The PSF cannot be computed at this position")
        yield error, np.flatnonzero(~search.found & (search.problem == 0))


class _Search:
    """Finds the maxima of all sources of an image.

    Attributes
    ----------
    found : `numpy.ndarray`, (n,), `bool`
        Is there a maximum?
    problem : `numpy.ndarray`, (n,), `int`
        The number of the flag that says why not; 0 if there is no PSF.
    position, error : `numpy.ndarray`, (n, 2)
        Positions, counted from the first pixel, and their errors (pixels).
    """

    def __init__(self, exposure, positions, negative, ctrl):
        n = len(positions)
        self.exposure, self.negative, self.ctrl = exposure, negative, ctrl
        xy0 = np.array(list(exposure.getXY0()))
        self.pixels = np.floor(positions - xy0 + 0.5).astype(np.int64)
        self.found, self.problem = np.zeros(n, dtype=bool), np.zeros(n, dtype=np.int64)
        self.position, self.error = np.full((2, n, 2), np.nan)
        self.bins = np.ones((n, 2), dtype=np.int64)
        self.sigma = np.full(n, np.nan)
        self.centers = (self.pixels + xy0).astype(np.float64)

    def run(self):
        """Find the maxima."""
        size = list(self.exposure.getDimensions())
        outside = ((self.pixels < 0) | (self.pixels >= size)).any(axis=1)
        self.problem[outside] = SdssCentroidAlgorithm.EDGE.number
        inside = np.flatnonzero(~outside)
        psf = self.exposure.getPsf()
        ixx, iyy, ixy = psf._computeShapes(self.centers[inside]).T
        self.sigma[inside] = (ixx * iyy - ixy * ixy) ** 0.25
        measurable = np.flatnonzero(np.isfinite(self.sigma))
        for start in range(0, len(measurable), _CHUNK):
            chunk = measurable[start : start + _CHUNK]
            for psfs in LocalPsfs.compute(psf, self.centers[chunk]):
                self._iterate(LocalPsfs(chunk[psfs.rows], psfs.kernels))

    def _iterate(self, active):
        """Measure in bins that grow, until all sources are done."""
        binSize = 1
        while binSize <= self.ctrl.binmax and len(active.rows):
            again = self._measure(active, binSize)
            active = LocalPsfs(active.rows[again], active.kernels[again])
            binSize *= 2

    def _measure(self, psfs, binSize):
        """Measure once; say which sources want to be measured again."""
        again = np.zeros(len(psfs.rows), dtype=bool)
        bins, group = np.unique(self.bins[psfs.rows], axis=0, return_inverse=True)
        for number, (binX, binY) in enumerate(bins.tolist()):
            members = np.flatnonzero(group.reshape(-1) == number)
            chosen = LocalPsfs(psfs.rows[members], psfs.kernels[members])
            again[members] = self._measureBinned(chosen, binX, binY, binSize)
        return again

    def _measureBinned(self, psfs, binX, binY, binSize):
        rows, sigma = psfs.rows, self.sigma[psfs.rows]
        image, variance, inside = smoothPeaks(self.exposure, self.pixels, psfs, binX, binY)
        # The variance of a pixel: smoothing and binning made it smaller.
        variance *= (binX * binY * 4 * np.pi * sigma**2)[:, np.newaxis, np.newaxis].astype(np.float32)
        maxima = findMaxima(image, variance, sigma, self.negative[rows])
        good = self._noteProblems(rows, inside, maxima)
        scale = np.array([binX, binY])
        offset = np.stack([maxima.x, maxima.y], axis=-1)
        size2 = np.stack([maxima.sizeX2, maxima.sizeY2], axis=-1)
        error = np.stack([maxima.xErr, maxima.yErr], axis=-1)
        if binSize > 1:
            offset, error, size2 = (offset + 0.5) * scale - 0.5, error * scale, size2 * scale**2
        self.position[rows[good]] = (offset + self.pixels[rows])[good]
        self.error[rows[good]] = np.abs(error)[good]
        limit = (self.ctrl.wfac * (1 + sigma**2))[:, np.newaxis] * scale**2
        fits = ((size2 < limit) & (offset**2 < limit)).all(axis=1)
        bright = (self.ctrl.peakMin < 0.0) | (maxima.peak > self.ctrl.peakMin) | (binSize > 1)
        self.bins[rows] *= np.where((size2 >= limit) | (offset**2 >= limit), 2, 1)
        return good & ~(fits & bright)

    def _noteProblems(self, rows, inside, maxima):
        """Keep what is wrong; say where nothing is."""
        problem = np.zeros(len(rows), dtype=np.int64)
        for flag, where in (
            (SdssCentroidAlgorithm.NOT_AT_MAXIMUM, maxima.notAtMaximum),
            (SdssCentroidAlgorithm.ALMOST_NO_SECOND_DERIVATIVE, maxima.almostNoSecondDerivative),
            (SdssCentroidAlgorithm.NO_SECOND_DERIVATIVE, maxima.noSecondDerivative),
            (SdssCentroidAlgorithm.EDGE, ~inside),
        ):
            problem[where] = flag.number
        self.problem[rows] = problem
        self.found[rows] = problem == 0
        return problem == 0
