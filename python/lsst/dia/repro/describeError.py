# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""What went wrong, in one line."""

from __future__ import annotations

__all__ = ["describeError"]

from .printable import printable


def describeError(error: BaseException) -> str:
    """Say in one line what went wrong.

    Parameters
    ----------
    error : `BaseException`
        What went wrong.

    Returns
    -------
    description : `str`
        Its message, with nothing that does not print.
    """
    # SQLAlchemy adds the SQL, its values and a web page to what the database itself says.
    error = getattr(error, "orig", None) or error
    lines = [line.strip() for line in str(error).splitlines() if line.strip()] or [type(error).__name__]
    # The stack's C++ puts a trace of its calls before the message.
    return printable(lines[-1] if lines[0].startswith("File ") else " ".join(lines))
