# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Write files that are complete when they appear."""

from __future__ import annotations

__all__ = ["openComplete"]

import contextlib
import os
import tempfile
from collections.abc import Iterator
from typing import IO


@contextlib.contextmanager
def openComplete(path: str) -> Iterator[IO[str]]:
    """Open a file of text that gets its final name when it is complete.

    Parameters
    ----------
    path : `str`
        The final name.

    Yields
    ------
    stream : file object
        Its ``name``, of the same ending, may be written to instead.
    """
    directory, name = os.path.split(path)
    stream = tempfile.NamedTemporaryFile("w", dir=directory or os.curdir, prefix="." + name,
                                         suffix=os.path.splitext(name)[1], delete=False, encoding="utf-8")
    try:
        with stream:
            yield stream
        umask = os.umask(0o077)
        os.umask(umask)
        os.chmod(stream.name, 0o666 & ~umask)
        os.replace(stream.name, path)
    except BaseException:
        os.remove(stream.name)
        raise
