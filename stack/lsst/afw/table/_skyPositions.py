# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""The positions of catalogs on the sky, for matching."""

import logging

from ._matchSearch import SkyPositions

_LOG = logging.getLogger("lsst.afw.table")


def skyPositions(catalog, exact=True):
    """Return the `SkyPositions` of a catalog; warn of NaN."""
    key = catalog.table.getCoordKey()
    positions = SkyPositions(catalog._stored(key.getRa()), catalog._stored(key.getDec()), exact)
    if positions.nBad:
        _LOG.warning("At least one source had ra or dec equal to NaN")
    return positions
