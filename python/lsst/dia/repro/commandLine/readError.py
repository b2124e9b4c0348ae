# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Why a dataset could not be used, in one line that names its file."""

__all__ = ["describeError", "describeReadError"]

import os


def describeError(error):
    """Say in one line what went wrong.

    Parameters
    ----------
    error : `Exception`
        What went wrong.

    Returns
    -------
    description : `str`
        Its message.
    """
    lines = [line.strip() for line in str(error).splitlines() if line.strip()] or [type(error).__name__]
    # The stack's C++ puts a trace of its calls before the message.
    return lines[-1] if lines[0].startswith("File ") else " ".join(lines)


def describeReadError(error, dataRef, dataset):
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
    path = _path(dataRef, dataset)
    return message if os.path.basename(path) in message else f"{path}: {message}"


def _path(dataRef, dataset):
    """Return where the dataset is; empty if it is nowhere."""
    try:
        return dataRef.getUri(dataset)
    except Exception:
        return ""
