# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Data in the form that pages load without a web server: scripts that hand over a value."""

from __future__ import annotations

__all__ = ["encodeNumbers", "encodeTexts", "writePageData"]

import base64
import json
import os
from collections.abc import Sequence
from typing import Any

import numpy as np


def encodeNumbers(values: np.ndarray) -> dict[str, str]:
    """Turn numbers into what ``decode`` of ``report.js`` reads.

    Parameters
    ----------
    values : `numpy.ndarray`, (N,)
        Numbers of a type of 8 to 32 bits, or float64; integers are stored in
        the least type that holds them.

    Returns
    -------
    encoded : `dict`
        ``dtype``, name of the NumPy type, and ``bytes``, the numbers in
        little-endian order as base64.
    """
    if values.dtype.kind in "iu":
        ends = (values.min(), values.max()) if len(values) else (0,)
        values = values.astype(np.result_type(*map(np.min_scalar_type, ends)))
    little = np.ascontiguousarray(values, dtype=values.dtype.newbyteorder("<"))
    return {"dtype": values.dtype.name, "bytes": base64.b64encode(little.tobytes()).decode()}


def encodeTexts(values: Sequence[str]) -> dict[str, Any]:
    """Turn texts, many of them the same, into what ``decode`` of ``report.js`` reads.

    Parameters
    ----------
    values : sequence [`str`]
        The texts.

    Returns
    -------
    encoded : `dict`
        ``texts``, the different ones, and ``codes``, which of them each is.
    """
    texts, codes = np.unique(np.asarray(values, dtype=str), return_inverse=True)
    return {"texts": texts.tolist(), "codes": encodeNumbers(codes)}


def writePageData(directory: str, name: str, value: Any) -> None:
    """Write a value for pages to load.

    Parameters
    ----------
    directory : `str`
        Folder of the report.
    name : `str`
        What pages ask for; the file is ``data/<name>.js``.
    value : `object`
        What JSON can hold; a number that is not finite becomes null.
    """
    try:
        text = _toJson(value)
    except ValueError:
        # Rarely, since to look at each value takes several times as long.
        text = _toJson(_withoutNan(value))
    with open(os.path.join(directory, "data", name + ".js"), "w", encoding="ascii") as stream:
        stream.write(f"diaReport.take({json.dumps(name)},{text});\n")


def _toJson(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), allow_nan=False, default=_toBuiltin)


def _toBuiltin(value: Any) -> Any:
    """Return a number of NumPy as one of Python's."""
    if isinstance(value, np.generic):
        return value.item()
    raise TypeError(f"{type(value)} cannot be written for pages")


def _withoutNan(value: Any) -> Any:
    """Return a value in which all is JSON's, which has no NaN."""
    if isinstance(value, dict):
        return {key: _withoutNan(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_withoutNan(each) for each in value]
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and not np.isfinite(value):
        return None
    return value
