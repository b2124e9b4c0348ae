# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""The mask bits in the footprints of all sources of a catalog."""

import numpy as np

from ._lazyFootprints import findLoader
from ._psfFootprints import PsfShapeFootprints

__all__ = ["orFootprintBits"]


def orFootprintBits(catalog, rows, mask):
    """Unite the mask bits of the pixels of each footprint, as far as they are on the image.

    Parameters
    ----------
    catalog : `lsst.afw.table.SourceCatalog`
        The sources.
    rows : `numpy.ndarray`
        Which of them.
    mask : `lsst.afw.image.Mask`
        The mask.

    Returns
    -------
    bits : `numpy.ndarray`, (n,)
        Bits that any pixel of the footprint has.
    missing : `numpy.ndarray`, (n,), `bool`
        Has the source no footprint?
    """
    bits = np.zeros(len(rows), dtype=mask.array.dtype)
    missing = np.zeros(len(rows), dtype=bool)
    load, index = findLoader(catalog, rows)
    if isinstance(load, PsfShapeFootprints):
        return load.orBits(index, mask), missing
    box, xy0 = mask.getBBox(), mask.getXY0()
    for i, row in enumerate(rows):
        footprint = catalog[int(row)].getFootprint()
        if footprint is None:
            missing[i] = True
        else:
            values = footprint.getSpans().clippedTo(box).flatten(mask.array, xy0)
            bits[i] = np.bitwise_or.reduce(values, initial=0)
    return bits, missing
