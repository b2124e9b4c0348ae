# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Why a dataset could not be used, in one line that names its file."""

from __future__ import annotations

__all__ = ["describeReadError", "findPath"]

import os

from lsst.daf.persistence import ButlerDataRef

from ..describeError import describeError


def describeReadError(error: Exception, dataRef: ButlerDataRef, dataset: str) -> str:
    """Say in one line why a dataset could not be used.

    Parameters
    ----------
    error : `Exception`
        What went wrong.
    dataRef : `lsst.daf.persistence.ButlerDataRef`
        Reference to the data.
    dataset : `str`
        Name of the dataset.

    Returns
    -------
    description : `str`
        The message of the error, and the path unless the message has it.
    """
    message = describeError(error)
    path = findPath(dataRef, dataset)
    return message if os.path.basename(path) in message else f"{path}: {message}"


def findPath(dataRef: ButlerDataRef, dataset: str) -> str:
    """Find a dataset.

    Parameters
    ----------
    dataRef : `lsst.daf.persistence.ButlerDataRef` or `SurveyRef`
        Reference to the data.
    dataset : `str`
        Name of the dataset.

    Returns
    -------
    path : `str`
        Its file; empty if there is none, or no such type.
    """
    try:
        return dataRef.getUri(dataset)
    except Exception:
        # The butler has no one way to say that there is no such file.
        return ""
