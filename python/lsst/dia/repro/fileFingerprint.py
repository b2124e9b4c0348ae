# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""The fingerprint of an output file, and whether a run would write the same."""

from __future__ import annotations

__all__ = ["readFileFingerprint", "whyReplace"]

import os
from collections.abc import Mapping
from typing import Any

from pyarrow.parquet import read_schema

from .describeError import describeError
from .fingerprintCards import readFingerprintCards
from .provenance import Fingerprint

#: How the names of Parquet files end.
PARQUET = (".parq", ".parquet", ".pq")


def readFileFingerprint(path: str, what: str) -> Fingerprint:
    """Read the fingerprint of a file.

    Parameters
    ----------
    path : `str`
        FITS catalog or Parquet file.
    what : `str`
        What messages call it, if nothing is wrong with the file itself.

    Returns
    -------
    fingerprint : `Fingerprint`
        What made it.

    Raises
    ------
    LookupError
        Raised if it cannot be read, or does not tell what made it; the
        message says so.
    """
    try:
        stored = Fingerprint.fromCards(_readCards(path))
    except Exception as error:
        # Whatever is in the way, the file is not what a run would write.
        raise LookupError(f"{path} cannot be read: {describeError(error)}") from error
    if stored is None:
        raise LookupError(f"{what} does not tell what made it")
    return stored


def whyReplace(path: str, what: str, now: Fingerprint) -> str:
    """Say why an output file has to be made, or made again.

    Parameters
    ----------
    path : `str`
        FITS catalog or Parquet file, which need not be there.
    what : `str`
        What messages call it.
    now : `Fingerprint`
        What a run would store.

    Returns
    -------
    reason : `str`
        Empty if it is what the run would write.
    """
    if not os.path.exists(path):
        return f"there is no {what}"
    try:
        stored = readFileFingerprint(path, what)
    except LookupError as error:
        return str(error)
    different = stored.differences(now)
    if stored.failed:
        different.append(f"lacks {len(stored.failed)} data IDs that could not be used")
    return f"{what}: {'; '.join(different)}" if different else ""


def _readCards(path: str) -> Mapping[str, Any]:
    """Return the header of a catalog, or what takes its place in Parquet."""
    if not path.endswith(PARQUET):
        return readFingerprintCards(path)
    return {key.decode(): value.decode() for key, value in (read_schema(path).metadata or {}).items()}
