# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""The files that an output is made of, and whether they are still the same."""

from __future__ import annotations

__all__ = ["InputFile", "Inputs"]

import json
import os
from collections.abc import Iterable, Mapping
from typing import Any, Callable, NamedTuple

from .digests import digestFile, digestText


class InputFile(NamedTuple):
    """A file that an output is made of.

    Attributes
    ----------
    dataId : `dict`
        Its data ID; empty if it is of all data.
    path : `str` or `None`
        The file, `None` if there is none.
    onlyEnds : `bool`
        Are its ends enough to tell it from others? So it is for an image
        whose WCS and calibration, which lie there, are read, and no pixels.
    """

    dataId: Mapping[str, Any]
    path: str | None
    onlyEnds: bool = False


class Inputs:
    """The files that an output is made of.

    Parameters
    ----------
    count : `int`
        Number of data IDs.
    nBytes : `int`
        Size of the files.
    dates : `str`
        Digest of data IDs, sizes and times of modification; empty if these
        say nothing.
    digest : `str` or `callable`
        Digest of data IDs, sizes and contents, or what computes it when it is
        asked for.
    """

    def __init__(self, count: int, nBytes: int, dates: str, digest: str | Callable[[], str]) -> None:
        self.count, self.nBytes, self.dates = count, nBytes, dates
        self._digest = digest

    @classmethod
    def fromFiles(cls, files: Iterable[InputFile], trustDates: bool = False,
                  digests: Mapping[str, str] | None = None) -> Inputs:
        """Look at files.

        Parameters
        ----------
        files : iterable [`InputFile`]
            The files, in any order.
        trustDates : `bool`, optional
            Are files of the same dates the same, so that their contents need
            not be read? The dates make a part of the fingerprint then.
        digests : `dict` [`str`, `str`], optional
            What `digestFile` returned for files by their path, as far as it is
            known when the digest of all is asked for.

        Returns
        -------
        inputs : `Inputs`
            The contents are read when their digest is asked for, and no
            sooner.

        """
        ordered = sorted(files, key=lambda file: (_toText(file.dataId), file.path or ""))
        stats = [(file, _state(file.path)) for file in ordered]
        count = len({_toText(file.dataId) for file in ordered if file.dataId})
        dates = digestText(f"{_toText(file.dataId)} {state}" for file, state in stats)
        return cls(count, sum(state[0] for _, state in stats), dates if trustDates else "",
                   lambda: digestText(
                       f"{_toText(file.dataId)} {state[0]} {_digestInput(file, state, digests or {})}"
                       for file, state in stats))

    @property
    def digest(self) -> str:
        """Digest of data IDs, sizes and contents (`str`).

        It raises an `OSError` if a file is not what it was. One that cannot be
        read is no error here: whoever needs it reports it.
        """
        if callable(self._digest):
            self._digest = self._digest()
        return self._digest

    def isSame(self, other: Inputs) -> bool:
        """Tell whether the contents are the same; they are read only if the dates are not."""
        return (self.count, self.nBytes) == (other.count, other.nBytes) and (
            bool(self.dates) and self.dates == other.dates or self.digest == other.digest)


def _toText(dataId: Mapping[str, Any]) -> str:
    return json.dumps(dict(dataId), sort_keys=True, default=str)


def _state(path: str | None) -> tuple[int, int]:
    """Return size and time of modification of a file, zeros without one or where that cannot be had."""
    try:
        stat = os.stat(path) if path is not None else None
    except OSError:
        # Whoever reads it will say what is wrong with it, and that is not to stop what is made of others.
        stat = None
    return (stat.st_size, stat.st_mtime_ns) if stat is not None else (0, 0)


def _digestInput(file: InputFile, state: tuple[int, int], digests: Mapping[str, str]) -> str:
    """Return a digest of a file, or of its ends."""
    if file.path is None:
        return "absent"
    digest = digests.get(file.path)
    if digest is None:
        try:
            digest = digestFile(file.path, file.onlyEnds)
        except OSError:
            return "unreadable"
    if _state(file.path) != state:
        raise OSError(f"{file.path} was changed while it was read; run the command again")
    return digest
