# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""The fingerprints of the files of a Gen2 repository."""

from __future__ import annotations

__all__ = ["findInput", "readStored", "whyRun"]

from collections.abc import Sequence
from typing import Any

from ..fileFingerprint import readFileFingerprint, whyReplace
from ..inputFiles import InputFile
from ..provenance import Fingerprint
from .readError import findPath


def findInput(ref: Any, dataset: str, onlyEnds: bool = False) -> InputFile:
    """Find the file of a dataset that is read.

    Parameters
    ----------
    ref : `lsst.daf.persistence.ButlerDataRef`
        Reference to the data.
    dataset : `str`
        Name of the dataset.
    onlyEnds : `bool`, optional
        See `InputFile`.

    Returns
    -------
    file : `InputFile`
        The file; without a path if there is none.
    """
    return InputFile(dict(ref.dataId), findPath(ref, dataset) or None, onlyEnds)


def readStored(ref: Any, dataset: str) -> Fingerprint:
    """Read the fingerprint of a dataset.

    Parameters
    ----------
    ref : `lsst.daf.persistence.ButlerDataRef` or `SurveyRef`
        Reference to the data.
    dataset : `str`
        Name of the dataset, FITS catalogs or Parquet.

    Returns
    -------
    fingerprint : `Fingerprint`
        What made it.

    Raises
    ------
    LookupError
        Raised if there is no dataset, or none that tells what made it; the
        message says so.
    """
    path = findPath(ref, dataset)
    if not path:
        raise LookupError(f"there is no {dataset}")
    return readFileFingerprint(path, dataset)


def whyRun(ref: Any, datasets: Sequence[str], now: Fingerprint) -> str:
    """Say why a target has to be run.

    Parameters
    ----------
    ref : `lsst.daf.persistence.ButlerDataRef` or `SurveyRef`
        The target.
    datasets : sequence [`str`]
        Names of the datasets that the run writes.
    now : `Fingerprint`
        What it would store in them.

    Returns
    -------
    reason : `str`
        Empty if all are there, and are what the run would write.
    """
    return next(filter(None, (whyReplace(findPath(ref, dataset), dataset, now) for dataset in datasets)), "")
