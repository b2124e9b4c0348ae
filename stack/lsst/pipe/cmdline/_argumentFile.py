# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Arguments that are kept in a file."""

__all__ = ["expandFiles"]


def expandFiles(args, split, _open=()):
    """Replace each ``@file`` among arguments by the arguments in the file, which may name files in turn.

    `argparse` does the same, but says neither which file it could not read nor why.

    Parameters
    ----------
    args : sequence of `str`
        Arguments.
    split : callable
        Splits a line into arguments.

    Returns
    -------
    args : `list` of `str`
        Arguments without files.

    Raises
    ------
    ValueError
        A file cannot be read, is not text, has unbalanced quotes, or names itself.
    """
    expanded = []
    for arg in args:
        if arg.startswith("@"):
            expanded += expandFiles(_readFile(arg[1:], split, _open), split, (*_open, arg[1:]))
        else:
            expanded.append(arg)
    return expanded


def _readFile(path, split, openFiles):
    if path in openFiles:
        raise ValueError(f"cannot read arguments from {path!r}: it includes itself")
    try:
        with open(path) as stream:
            return [arg for line in stream.read().splitlines() for arg in split(line)]
    except OSError as error:
        raise ValueError(f"cannot read arguments from {path!r}: {error.strerror}") from error
    except ValueError as error:
        raise ValueError(f"cannot read arguments from {path!r}: {error}") from error
