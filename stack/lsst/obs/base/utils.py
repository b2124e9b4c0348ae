# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Helpers for headers."""

__all__ = ["bboxFromIraf"]

import re


def bboxFromIraf(irafBBoxStr):
    """Convert a box as IRAF writes it.

    Parameters
    ----------
    irafBBoxStr : `str`
        ``[x0:x1,y0:y1]``, counted from 1 and with both ends included.

    Returns
    -------
    bbox : `lsst.geom.Box2I`
        The box, counted from 0.

    Raises
    ------
    RuntimeError
        It is not such a box.
    """
    from lsst.geom import Box2I, Point2I

    match = re.search(r"^\[([-\d]+):([-\d]+),([-\d]+):([-\d]+)\]$", irafBBoxStr)
    if not match:
        raise RuntimeError(f'Unable to parse IRAF-style bbox "{irafBBoxStr}"')
    x0, x1, y0, y1 = (int(limit) - 1 for limit in match.groups())
    return Box2I(Point2I(x0, y0), Point2I(x1, y1))
