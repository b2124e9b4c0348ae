# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Frame set whose frames are known by their domains."""

__all__ = ["FrameDict"]

from starlink import Ast

from ._frameSet import FrameSet
from ._object import Object


class FrameDict(FrameSet):
    """`FrameSet` whose methods take the domain of a frame (`str`, any case) where it takes an index.

    Parameters
    ----------
    frame, mapping, currentFrame, options
        As of `FrameSet`.

    Raises
    ------
    ValueError
        If two frames have the same domain.
    """

    def __init__(self, frame, mapping=None, currentFrame=None, options=""):
        super().__init__(frame, mapping, currentFrame, options)
        self._domains()

    def _domains(self):
        """Return domain -> index of all frames that have one."""
        domains = {}
        for index in range(1, self.nFrame + 1):
            domain = self._impl.getframe(index).Domain
            if domain in domains:
                raise ValueError(f"More than one frame with domain {domain}")
            if domain:
                domains[domain] = index
        return domains

    @property
    def domain(self):
        """Domain of the current frame."""
        return self._impl.Domain

    @domain.setter
    def domain(self, domain):
        self.setDomain(domain)

    def setDomain(self, domain):
        """Set the domain of the current frame; `ValueError` if another frame has it."""
        if self.domain == domain:
            return
        if self.hasDomain(domain):
            raise ValueError(f"Another frame already has domain name {domain}")
        self._impl.Domain = domain

    def getAllDomains(self):
        """Return all domains (`set` [`str`])."""
        return set(self._domains())

    def hasDomain(self, domain):
        """Is there a frame with this domain, given in upper case? (`bool`)."""
        return domain in self._domains()

    def getIndex(self, domain):
        """Return the index (`int`, from 1) of the frame with a domain; `IndexError` if there is none."""
        try:
            return self._domains()[domain.upper()]
        except KeyError:
            raise IndexError(f"No frame found with domain {domain}") from None

    def _index(self, frame):
        return self.getIndex(frame) if isinstance(frame, str) else frame

    def addFrame(self, iframe, map, frame):
        """Add a frame, as `FrameSet.addFrame`; `ValueError` if there is one of its domain."""
        if self.hasDomain(frame.domain):
            raise ValueError(f"A frame already exists with domain {frame.domain}")
        super().addFrame(self._index(iframe), map, frame)

    def getFrame(self, iframe, copy=True):
        """Return a frame, as `FrameSet.getFrame`."""
        return super().getFrame(self._index(iframe), copy)

    def getMapping(self, from_=Ast.BASE, to=Ast.CURRENT):
        """Return the mapping from one frame to another."""
        return super().getMapping(self._index(from_), self._index(to))

    def remapFrame(self, iframe, map):
        """Change the connection of a frame, as `FrameSet.remapFrame`."""
        super().remapFrame(self._index(iframe), map)

    def removeFrame(self, iframe):
        """Remove a frame."""
        super().removeFrame(self._index(iframe))

    def setBase(self, iframe):
        """Make a frame the base frame."""
        self.base = self._index(iframe)

    def setCurrent(self, iframe):
        """Make a frame the current frame."""
        self.current = self._index(iframe)

    def __reduce__(self):
        return _makeFrameDict, (self.show(False),)


def _makeFrameDict(serialized):
    return FrameDict(Object.fromString(serialized))
