# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Reading of transforms of any class."""

__all__ = ["transformFromString"]

from .transform import transformRegistry


def transformFromString(data):
    """Make a transform from the text of its ``writeString``.

    Parameters
    ----------
    data : `str`

    Returns
    -------
    transform : `Transform`
        Of the class the text names.

    Raises
    ------
    RuntimeError
        Raised if there is no such class.
    """
    className = data.split(None, 2)[1]
    if className not in transformRegistry:
        raise RuntimeError(f"Unknown transform class {className!r}")
    return transformRegistry[className].readString(data)
