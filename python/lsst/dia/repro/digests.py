# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Digests, by which what made an output is compared."""

from __future__ import annotations

__all__ = ["digestConfig", "digestFile", "digestText"]

import ast
import functools
import hashlib
import io
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import lsst.pex.config as pexConfig

#: Hexadecimal digits of a digest: 64 bits tell a billion outputs apart, and a person can compare them.
DIGITS = 16

#: Bytes at either end of a file of which only the ends are looked at.
ENDS = 2**18


def digestText(lines: Iterable[str]) -> str:
    """Return a digest of lines of text, hexadecimal."""
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:DIGITS]


def digestFile(path: str, onlyEnds: bool = False) -> str:
    """Return a digest of the contents of a file.

    Parameters
    ----------
    path : `str`
        The file.
    onlyEnds : `bool`, optional
        Look at the beginning and the end of a large file alone?

    Returns
    -------
    digest : `str`
        Hexadecimal.

    Raises
    ------
    OSError
        Raised if it cannot be read.
    """
    digest = hashlib.sha256()
    with open(path, "rb") as stream:
        if onlyEnds and os.fstat(stream.fileno()).st_size > 2*ENDS:
            digest.update(stream.read(ENDS))
            stream.seek(-ENDS, os.SEEK_END)
        for block in iter(functools.partial(stream.read, 2**20), b""):
            digest.update(block)
    return digest.hexdigest()[:DIGITS]


def digestConfig(config: pexConfig.Config, without: Sequence[str] = ()) -> str:
    """Return a digest of the options that matter.

    Parameters
    ----------
    config : `lsst.pex.config.Config`
        The options. Those of choices that were not chosen do not matter.
    without : sequence [`str`]
        Names of fields that do not matter either, such as ``products``.

    Returns
    -------
    digest : `str`
        Hexadecimal.
    """
    stream = io.StringIO()
    config.saveToStream(stream, skipImports=True)
    lines = [line for line in stream.getvalue().splitlines() if line.startswith("config.")]
    choices = filter(None, (re.match(r"([^=]*)\.names?=(.*)", line) for line in lines))
    chosen = {match[1]: ast.literal_eval(match[2]) for match in choices}
    # A registry stores its choices in the order of their registration, which differs from stack to stack.
    return digestText(sorted(_sortNames(line) for line in lines
                             if re.split(r"[.\[=]", line)[1] not in without and _isChosen(line, chosen)))


def _isChosen(line: str, chosen: Mapping[str, Any]) -> bool:
    """Tell whether an option is not one of a choice that was not chosen."""
    for match in re.finditer(r"\['([^']*)'\]", line.partition("=")[0]):
        names = chosen.get(line[:match.start()], match[1])
        if match[1] not in ([names] if isinstance(names, str) else names or []):
            return False
    return True


def _sortNames(line: str) -> str:
    """Return an option with the names of what was chosen sorted: v23 stores a set, in any order."""
    path, isNames, names = line.partition(".names=")
    return path + isNames + repr(sorted(ast.literal_eval(names))) if isNames else line
