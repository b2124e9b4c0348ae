# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Coordinate systems and the transforms that connect them."""

__all__ = ["TransformMap"]

from collections import deque
from dataclasses import dataclass

import astshim
from lsst.afw.geom import TransformPoint2ToPoint2
from lsst.afw.table.io import Persistable
from lsst.pex.exceptions import InvalidParameterError

from ._cameraSys import CameraSys


@dataclass
class _Connection:
    """One transform of a `TransformMap`.

    Parameters
    ----------
    transform : `lsst.afw.geom.TransformPoint2ToPoint2`
    fromSys, toSys : `CameraSys`
    """

    transform: TransformPoint2ToPoint2
    fromSys: CameraSys
    toSys: CameraSys

    def reversed(self):
        """Return the connection in the other direction."""
        return _Connection(self.transform.inverted(), self.toSys, self.fromSys)

    def __str__(self):
        return f"{self.fromSys}->{self.toSys}"


class TransformMap(Persistable):
    """Tree of coordinate systems.

    Parameters
    ----------
    reference : `CameraSys`
        Root of the tree.
    connections : `list` [`TransformMap.Connection`] or `dict` [`CameraSys`, `TransformPoint2ToPoint2`]
        Transforms between systems; in a `dict` those from the reference to others.

    Raises
    ------
    lsst.pex.exceptions.InvalidParameterError
        Raised if the connections are not a tree that begins at the reference.
    """

    Connection = _Connection
    __hash__ = object.__hash__

    def __init__(self, reference, connections):
        if isinstance(connections, dict):
            connections = [_Connection(transform, reference, sys) for sys, transform in connections.items()]
        self._connections = _standardized(reference, connections)
        self._systems = [reference] + [connection.toSys for connection in self._connections]
        self._frameSet = None

    def _getMapping(self, fromSys, toSys):
        for sys in (fromSys, toSys):
            if sys not in self._systems:
                raise InvalidParameterError(f"Unsupported coordinate system: {sys}")
        if self._frameSet is None:
            # Exposures of large cameras have hundreds of systems, of which few are asked for
            self._frameSet = self._makeFrameSet()
        return self._frameSet.getMapping(self._systems.index(fromSys) + 1, self._systems.index(toSys) + 1)

    def _makeFrameSet(self):
        frameSet = astshim.FrameSet(astshim.Frame(2))
        for connection in self._connections:
            index = self._systems.index(connection.fromSys) + 1
            frameSet.addFrame(index, connection.transform._mapping, astshim.Frame(2))
        return frameSet

    def getTransform(self, fromSys, toSys):
        """Return the `lsst.afw.geom.TransformPoint2ToPoint2` between two systems.

        Raises
        ------
        lsst.pex.exceptions.InvalidParameterError
            Raised if there is no such system.
        """
        return TransformPoint2ToPoint2(self._getMapping(fromSys, toSys))

    def transform(self, point, fromSys, toSys):
        """Convert a `lsst.geom.Point2D`, or a list of them, from one system to another."""
        return self.getTransform(fromSys, toSys).applyForward(point)

    def getConnections(self):
        """Return the connections (`list`), those near the reference first."""
        return list(self._connections)

    def __len__(self):
        return len(self._systems)

    def __contains__(self, system):
        return system in self._systems

    def __iter__(self):
        return iter(self._systems)


def _standardized(reference, connections):
    """Return connections sorted by their distance from the reference, which they lead away from."""
    if not connections:
        raise InvalidParameterError("Cannot create a TransformMap with no connections.")
    remaining, result = list(connections), []
    known, current = {reference}, deque([reference])
    while current:
        following = deque()
        for connection in list(remaining):
            if connection.fromSys not in current and connection.toSys not in current:
                continue
            remaining.remove(connection)
            if connection.fromSys not in current:
                connection = connection.reversed()
            if connection.toSys == connection.fromSys:
                raise InvalidParameterError(f"Identity connection found: {connection}.")
            if connection.toSys in known:
                raise InvalidParameterError(
                    f"Multiple paths between reference {reference} and {connection.toSys}."
                )
            known.add(connection.toSys)
            following.append(connection.toSys)
            result.append(connection)
        current = following
    if remaining:
        names = ", ".join(str(connection) for connection in remaining)
        raise InvalidParameterError(f"Disconnected connection(s) found: {names}.")
    return result
