# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""The mask bits in the footprints of all sources of a catalog."""

import numpy as np

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
    footprints = [catalog[int(row)].getFootprint() for row in rows]
    missing = np.array([footprint is None for footprint in footprints], dtype=bool)
    collection = PsfShapeFootprints.findCommon(footprints)
    if collection is not None:
        return collection.orBits([footprint.index for footprint in footprints], mask), missing
    bits = np.zeros(len(rows), dtype=mask.array.dtype)
    for i, footprint in enumerate(footprints):
        if footprint is not None:
            spans = footprint.getSpans().clippedTo(mask.getBBox())
            bits[i] = np.bitwise_or.reduce(spans.flatten(mask.array, mask.getXY0()), initial=0)
    return bits, missing
