# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""IDs of exposures and of the sources on them."""

__all__ = ["ExposureIdInfo"]

from lsst.afw.table import IdFactory


class ExposureIdInfo:
    """The ID of an exposure and how many bits such IDs take.

    Parameters
    ----------
    expId : `int`, optional
        ID of the exposure.
    expBits : `int`, optional
        Number of bits of the largest such ID.
    maxBits : `int`, optional
        Number of bits for IDs made of it; as many as a source ID has if not given.

    Raises
    ------
    RuntimeError
        The ID has too many bits, or there are fewer than it needs.
    """

    def __init__(self, expId=0, expBits=1, maxBits=None):
        self.expId = int(expId)
        self.expBits = int(expBits)
        self.maxBits = None if maxBits is None else int(maxBits)
        used = self.expId.bit_length()
        if used > self.expBits:
            raise RuntimeError(f"expId={self.expId} uses {used} bits > expBits={self.expBits}")
        if self.maxBits is not None and self.maxBits < self.expBits:
            raise RuntimeError(f"expBits={self.expBits} > maxBits={self.maxBits}")

    @property
    def unusedBits(self):
        """Number of bits for what is added to the ID (`int`)."""
        if self.maxBits is not None:
            return self.maxBits - self.expBits
        return IdFactory.computeReservedFromMaxBits(self.expBits)

    def makeSourceIdFactory(self):
        """Return an `lsst.afw.table.IdFactory` for the sources on the exposure."""
        return IdFactory.makeSource(self.expId, self.unusedBits)
