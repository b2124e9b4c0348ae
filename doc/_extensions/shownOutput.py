# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""What the site shows of the output of commands."""

import re

#: A line of a log that readers must not miss, and one that says how far a command is.
PROBLEM = re.compile(r" (WARN|WARNING|ERROR|FATAL): ")
PROGRESS = re.compile(r" INFO: .*: \d+ of \d+, [^ ]+/s\b")


def shorten(lines, last=None):
    """Return the lines to show of an output (`str`).

    Parameters
    ----------
    lines : `list` [`str`]
        The output.
    last : `int`, optional
        How many of the last lines to show, all by default.
    """
    lines = [line for line in lines if not PROGRESS.search(line)]
    begin = max(len(lines) - last, 0) if last is not None else 0
    isShown = [number >= begin or PROBLEM.search(line) is not None for number, line in enumerate(lines)]
    # Whatever is left out, three dots stand for it.
    shown = [line if isKept else "..." for line, isKept in zip(lines, isShown)]
    return "\n".join(line for line, before in zip(shown, ["", *shown]) if line != "..." or before != "...")
