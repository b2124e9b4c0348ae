# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Sources of unique IDs."""

__all__ = ["IdFactory"]

import numpy as np

import lsst.pex.exceptions as pexExceptions

_MAX = 2**63 - 1


def _toSigned(value):
    value &= 2**64 - 1
    return value - 2**64 if value > _MAX else value


class IdFactory:
    """A callable that returns a new ID every time.

    Use `makeSimple` or `makeSource` to create one.
    """

    def __call__(self):
        """Return a new ID."""
        raise NotImplementedError

    def notify(self, id):
        """Tell the factory that an ID is used, so that the next ones are greater."""
        raise NotImplementedError

    def clone(self):
        """Return a copy in the same state."""
        raise NotImplementedError

    def _take(self, n):
        """Return an array of the next ``n`` IDs."""
        raise NotImplementedError

    @staticmethod
    def makeSimple():
        """Return a factory of 1, 2, 3, ..."""
        return _SimpleIdFactory()

    @staticmethod
    def makeSource(expId, reserved):
        """Return a factory of IDs with the bits of an exposure ID above those of a counter.

        Parameters
        ----------
        expId : `int`
            Exposure ID.
        reserved : `int`
            Number of low bits for the counter.

        Raises
        ------
        lsst.pex.exceptions.InvalidParameterError
            Raised if the exposure ID does not fit into the other bits.
        """
        return _SourceIdFactory(expId, reserved)

    @staticmethod
    def computeReservedFromMaxBits(maxBits):
        """Return the number of bits left for the counter by exposure IDs of ``maxBits`` bits."""
        return 63 - maxBits


class _SimpleIdFactory(IdFactory):
    def __init__(self, current=0):
        self._current = current

    def __call__(self):
        self._current += 1
        return self._current

    def _take(self, n):
        self._current += n
        return np.arange(self._current - n + 1, self._current + 1)

    def notify(self, id):
        self._current = id

    def clone(self):
        return _SimpleIdFactory(self._current)


class _SourceIdFactory(IdFactory):
    def __init__(self, expId, reserved, lower=0):
        self._upper = _toSigned(expId << reserved)
        if self._upper >> reserved != expId:
            raise pexExceptions.InvalidParameterError(f"Exposure ID '{expId}' is too large.")
        self._expId, self._reserved = expId, reserved
        self._upperMask = _toSigned(_MAX << reserved)
        self._lower = lower

    def __call__(self):
        return int(self._take(1)[0])

    def _take(self, n):
        last = self._lower + n
        if last & self._upperMask:
            first = max(self._lower + 1, 1 << self._reserved)
            raise pexExceptions.LengthError(
                f"Next ID '{first}' is too large for the number of reserved bits")
        self._lower = last
        return np.arange((self._upper | (last - n)) + 1, (self._upper | last) + 1)

    def notify(self, id):
        lower = id & ~self._upper
        if lower & self._upperMask:
            raise pexExceptions.InvalidParameterError(
                f"Explicit ID '{lower}' does not have the correct form.")
        self._lower = lower

    def clone(self):
        return _SourceIdFactory(self._expId, self._reserved, self._lower)
