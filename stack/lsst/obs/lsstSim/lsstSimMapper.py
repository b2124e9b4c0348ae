# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Finding simulated LSST data.

The module and class names are part of the file format: ``repositoryCfg.yaml`` stores the mapper as
``!!python/name:lsst.obs.lsstSim.lsstSimMapper.LsstSimMapper``.
"""

__all__ = ["LsstSimMapper"]

import os
import re
import warnings

from lsst.afw.image.utils import defineFilter, resetFilters
from lsst.daf.persistence import Policy
from lsst.obs.base import CameraMapper

# Wavelengths in nm: effective, shortest, longest.
_FILTERS = {
    "u": (364.59, 324.0, 395.0),
    "g": (476.31, 405.0, 552.0),
    "r": (619.42, 552.0, 691.0),
    "i": (752.06, 818.0, 921.0),
    "z": (866.85, 922.0, 997.0),
    "y": (971.68, 975.0, 1075.0),
}
_ALIASES = {"y": ["y4"]}
_PAIR = re.compile(r"\d,\d")
_VALUE_PATTERNS = {"raft": _PAIR, "sensor": re.compile(r"\d,\d(,[AB])?"), "channel": _PAIR}
_COADD_BITS = {"tract": 7, "patch": 13, "filter": 3}


class LsstSimMapper(CameraMapper):
    """Finds simulated LSST data.

    Data IDs have ``visit`` (`int`), ``raft`` and ``sensor`` (`str`, such as "2,2"), and where they apply
    ``snap`` (`int`), ``channel`` (`str`), ``filter`` (`str`), ``tract`` (`int`) and ``patch`` (`str`).

    Parameters
    ----------
    inputPolicy : `object`, optional
        Not supported; the predecessors of today's policies had arguments in it.
    **kwargs
        Passed to `lsst.obs.base.CameraMapper`.
    """

    packageName = "obs_lsstSim"
    _CcdNameRe = re.compile(r"R:(\d,\d) S:(\d,\d(?:,[AB])?)$")
    _nbit_id = 30

    def __init__(self, inputPolicy=None, **kwargs):
        if inputPolicy is not None:
            raise NotImplementedError("LsstSimMapper: inputPolicy is not supported")
        policyFile = Policy.defaultPolicyFile(self.packageName, "LsstSimMapper.yaml", "policy")
        self.doFootprints = False
        super().__init__(Policy(policyFile), os.path.dirname(policyFile), **kwargs)
        self.filterIdMap = {"u": 0, "g": 1, "r": 2, "i": 3, "z": 4, "y": 5, "i2": 5}
        _defineFilters()

    def _transformId(self, dataId):
        """Return a data ID in the form that templates need.

        Parameters
        ----------
        dataId : `dict`
            Data ID. It may have ``ccdName`` or ``sensorName`` ("R:2,2 S:1,1") for raft and sensor, ``ccd``
            for sensor, ``amp``, ``ampName`` or ``channelName`` ("ID07") for channel, ``exposure`` for snap.

        Returns
        -------
        actualId : `dict`
            A copy with the standard keys, and without commas in raft, sensor and channel.

        Raises
        ------
        RuntimeError
            A value is not valid.
        """
        actualId = dataId.copy()
        for key in ("ccdName", "sensorName"):
            if key in actualId:
                raft, sensor = self._splitDetectorName(actualId[key].upper(), key)
                actualId.setdefault("raft", raft)
                actualId.setdefault("sensor", sensor)
                break
        for alias, key in (("ccd", "sensor"), ("amp", "channel"), ("exposure", "snap")):
            if alias in actualId:
                actualId.setdefault(key, actualId[alias])
        for key in ("ampName", "channelName"):
            if "channel" not in actualId and key in actualId:
                actualId["channel"] = _channelFromName(actualId[key], key)
        for key in ("raft", "sensor", "channel"):
            if key in actualId:
                actualId[key] = actualId[key].replace(",", "")
        return actualId

    def _splitDetectorName(self, name, key):
        match = self._CcdNameRe.match(name)
        if match is None:
            raise RuntimeError(f"Invalid value for {key}: {name!r}")
        return match.groups()

    def validate(self, dataId):
        """Check the values of raft, sensor and channel.

        Parameters
        ----------
        dataId : `dict`
            Data ID.

        Returns
        -------
        dataId : `dict`
            The same.

        Raises
        ------
        RuntimeError
            A value is not a string, or not a pair such as "2,2".
        """
        for key, pattern in _VALUE_PATTERNS.items():
            if key not in dataId:
                continue
            value = dataId[key]
            if not isinstance(value, str):
                raise RuntimeError(
                    f"{key.title()} identifier should be type str, not {type(value)}: {value!r}"
                )
            if not pattern.fullmatch(value):
                raise RuntimeError(f"Invalid {key} identifier: {value!r}")
        return dataId

    def _extractDetectorName(self, dataId):
        return "R:{raft} S:{sensor}".format(**dataId)

    def getDataId(self, visit, ccdId):
        """Return a data ID.

        Parameters
        ----------
        visit : `int`
            Visit.
        ccdId : `str`
            Name of the detector, such as "R:2,2 S:1,1".

        Returns
        -------
        dataId : `dict`
            Data ID with visit, raft and sensor.

        Raises
        ------
        RuntimeError
            It is not the name of a detector.
        """
        raft, sensor = self._splitDetectorName(ccdId, "ccdId")
        return {"visit": int(visit), "raft": raft, "sensor": sensor}

    def _computeAmpExposureId(self, dataId):
        """Compute the 45-bit ID of a snap of an amplifier from visit, snap, raft, sensor and channel."""
        pathId = self._transformId(dataId)
        amp = _number(pathId["raft"], 5) * 160 + _number(pathId["sensor"], 3) * 16
        return (pathId["visit"] << 13) + (pathId["snap"] << 12) + amp + _number(pathId["channel"], 8)

    def _computeCcdExposureId(self, dataId):
        """Compute the 41-bit ID of an exposure of a detector from visit, raft and sensor."""
        pathId = self._transformId(dataId)
        detector = _number(pathId["raft"], 5) * 10 + _number(pathId["sensor"], 3)
        return (pathId["visit"] << 9) + detector

    def _computeCoaddExposureId(self, dataId, singleFilter):
        """Compute the ID of a coadd.

        Parameters
        ----------
        dataId : `dict`
            Data ID with tract and patch, and filter if ``singleFilter``.
        singleFilter : `bool`
            Is it of a single filter?

        Returns
        -------
        id : `int`
            ID of 33 bits, or 36 with the filter.

        Raises
        ------
        RuntimeError
            Tract or patch is out of range.
        """
        tract = int(dataId["tract"])
        if not 0 <= tract < 2 ** _COADD_BITS["tract"]:
            raise RuntimeError(f"tract {tract} not in range [0,128)")
        x, y = map(int, dataId["patch"].split(","))
        size = 2 ** _COADD_BITS["patch"]
        if not (0 <= x < size and 0 <= y < size):
            raise RuntimeError(f"patch component of {x},{y} not in range [0, 8192)")
        coaddId = (tract * size + x) * size + y
        if not singleFilter:
            return coaddId
        return coaddId * 2 ** _COADD_BITS["filter"] + self.filterIdMap[dataId["filter"]]

    @staticmethod
    def getShortCcdName(ccdId):
        """Return the name of a detector in a form for file names."""
        return re.sub("[:,]", "", ccdId.replace(" ", "_"))

    def map_linearizer(self, dataId, write=False):
        """Return `None`: there are no linearizers."""
        return None

    def bypass_ampExposureId(self, datasetType, pythonType, location, dataId):
        """Return the ID of a snap of an amplifier."""
        return self._computeAmpExposureId(dataId)

    def bypass_ampExposureId_bits(self, datasetType, pythonType, location, dataId):
        """Return the number of bits of the ID of a snap of an amplifier."""
        return 45

    def bypass_ccdExposureId(self, datasetType, pythonType, location, dataId):
        """Return the ID of an exposure of a detector."""
        return self._computeCcdExposureId(dataId)

    def bypass_ccdExposureId_bits(self, datasetType, pythonType, location, dataId):
        """Return the number of bits of the ID of an exposure of a detector."""
        return 41

    def bypass_deepCoaddId(self, datasetType, pythonType, location, dataId):
        """Return the ID of a coadd of one filter."""
        return self._computeCoaddExposureId(dataId, True)

    def bypass_deepCoaddId_bits(self, datasetType, pythonType, location, dataId):
        """Return the number of bits of the ID of a coadd of one filter."""
        return 1 + _COADD_BITS["tract"] + 2 * _COADD_BITS["patch"] + _COADD_BITS["filter"]

    def bypass_deepMergedCoaddId(self, datasetType, pythonType, location, dataId):
        """Return the ID of a coadd of all filters."""
        return self._computeCoaddExposureId(dataId, False)

    def bypass_deepMergedCoaddId_bits(self, *args, **kwargs):
        """Return the number of bits that v23 gives for the ID of a coadd of all filters."""
        return 64 - self._nbit_id

    bypass_dcrCoaddId = bypass_deepCoaddId
    bypass_dcrCoaddId_bits = bypass_deepCoaddId_bits
    bypass_dcrMergedCoaddId = bypass_deepMergedCoaddId
    bypass_dcrMergedCoaddId_bits = bypass_deepMergedCoaddId_bits

    def std_eimage(self, item, dataId):
        """Make an exposure of a simulated image without electronic effects."""
        return self._standardizeExposure(self.exposures["eimage"], item, dataId)

    def _stdAmpMetadata(self, item, dataId):
        """Add the ID of the snap of the amplifier to a header."""
        item.set("Computed_ampExposureId", self._computeAmpExposureId(dataId))
        return item

    def _stdCcdMetadata(self, item, dataId):
        """Add the ID of the exposure to a header."""
        item.set("Computed_ccdExposureId", self._computeCcdExposureId(dataId))
        return item

    std_raw_md = _stdAmpMetadata
    std_postISR_md = _stdAmpMetadata
    std_eimage_md = _stdCcdMetadata
    std_postISRCCD_md = _stdCcdMetadata
    std_visitim_md = _stdCcdMetadata
    std_calexp_md = _stdCcdMetadata
    std_calsnap_md = _stdCcdMetadata


def _number(pair, base):
    """Return the number of two digits, the first counting for ``base``."""
    first, second = pair
    return int(first) * base + int(second)


def _channelFromName(name, key):
    match = re.match(r"ID(\d+)$", name)
    if match is None:
        raise RuntimeError(f"Invalid value for {key}: {name!r}")
    y, x = divmod(int(match.group(1)), 8)
    return f"{x},{y}"


def _defineFilters():
    """Define the old-style filters, which files without a filter label need."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", category=FutureWarning)
        resetFilters()
        for name, (lambdaEff, lambdaMin, lambdaMax) in _FILTERS.items():
            defineFilter(
                name, lambdaEff, lambdaMin=lambdaMin, lambdaMax=lambdaMax, alias=_ALIASES.get(name, [])
            )
