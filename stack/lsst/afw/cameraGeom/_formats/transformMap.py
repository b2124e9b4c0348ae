# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Coordinate systems of detectors in archives: a row for each transform that connects two."""

from lsst.afw.table import Schema
from lsst.afw.table.io import MalformedArchiveError, registerArchiveFormat

from .._cameraSys import CameraSys
from .._transformMap import TransformMap, _Connection


def _write(transformMap, handle):
    schema = Schema()
    for end in ("from", "to"):
        schema.addField(f"{end}SysName", type=str, size=0, doc="Camera coordinate system name.")
        schema.addField(f"{end}SysDetectorName", type=str, size=0,
                        doc="Camera coordinate system detector name.")
    schema.addField("transform", type="I", doc="Archive ID of the transform.")
    catalog = handle.makeCatalog(schema)
    for connection in transformMap._connections:
        record = catalog.addNew()
        for end, system in (("from", connection.fromSys), ("to", connection.toSys)):
            record.set(f"{end}SysName", system.sysName)
            record.set(f"{end}SysDetectorName", system.detectorName)
        record.set("transform", handle.put(connection.transform))
    handle.saveCatalog(catalog)


def _read(archive, catalogs):
    if len(catalogs) == 2:
        return _readOld(archive, *catalogs)
    if len(catalogs) != 1 or len(catalogs[0]) == 0:
        raise MalformedArchiveError("TransformMap in archive is not one catalog of connections")
    connections = []
    for record in catalogs[0]:
        fromSys, toSys = (
            CameraSys(record.get(f"{end}SysName"), record.get(f"{end}SysDetectorName"))
            for end in ("from", "to")
        )
        connections.append(_Connection(archive.get(record.get("transform")), fromSys, toSys))
    return TransformMap(connections[0].fromSys, connections)


def _readOld(archive, systemCatalog, connectionCatalog):
    """Read the format of before 2019: systems by number, of which 1 is the reference."""
    systems = {
        record.get("id"): CameraSys(record.get("sysName"), record.get("detectorName"))
        for record in systemCatalog
    }
    try:
        connections = [
            _Connection(
                archive.get(record.get("transform")), systems[record.get("from")], systems[record.get("to")]
            )
            for record in connectionCatalog
        ]
        return TransformMap(systems[1], connections)
    except KeyError as error:
        raise MalformedArchiveError(f"TransformMap in archive has no system {error}") from error


registerArchiveFormat(TransformMap, "TransformMap", "lsst.afw.cameraGeom", _read, _write)
