# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Paths of the command line to which a file is to be written, found out before all the work."""

from __future__ import annotations

__all__ = ["figurePath", "writablePath"]

import argparse
import os

#: Endings of figures, each a format.
FIGURE_FORMATS = (".eps", ".jpeg", ".jpg", ".pdf", ".png", ".ps", ".svg")


def writablePath(text: str) -> str:
    """Return the path of a file that can be written; a type of `argparse`.

    Parameters
    ----------
    text : `str`
        Path of a file, which may be there.

    Returns
    -------
    path : `str`
        The same.

    Raises
    ------
    argparse.ArgumentTypeError
        Raised if it has no directory, or cannot be written there.
    """
    directory = os.path.dirname(text) or os.curdir
    if not os.path.isdir(directory):
        raise argparse.ArgumentTypeError(f"there is no directory for {text}")
    if os.path.isdir(text) or not os.access(directory, os.W_OK):
        raise argparse.ArgumentTypeError(f"{text} cannot be written")
    return text


def figurePath(text: str) -> str:
    """Return the path of a figure that can be drawn; a type of `argparse`.

    Parameters
    ----------
    text : `str`
        Path of a file, which may be there.

    Returns
    -------
    path : `str`
        The same.

    Raises
    ------
    argparse.ArgumentTypeError
        Raised if its ending is that of no figure, or see `writablePath`.
    """
    if os.path.splitext(text)[1].lower() not in FIGURE_FORMATS:
        raise argparse.ArgumentTypeError(f"{text} does not end with one of {', '.join(FIGURE_FORMATS)}")
    return writablePath(text)
