# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Footprints as lists of defects."""

__all__ = ["writeFootprintAsDefects"]

from ._footprint import footprintToBBoxList

_TEMPLATE = """\
Defects: {{
    x0:     {:4d}                         # Starting column
    width:  {:4d}                         # number of columns
    y0:     {:4d}                         # Starting row
    height: {:4d}                         # number of rows
}}"""


def writeFootprintAsDefects(fd, foot):
    """Write boxes that cover the pixels of a footprint to a text file.

    Parameters
    ----------
    fd : `typing.TextIO`
        The file.
    foot : `lsst.afw.detection.Footprint`
        The footprint.
    """
    for box in footprintToBBoxList(foot):
        print(_TEMPLATE.format(box.minX, box.width, box.minY, box.height), file=fd)
