# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""WCSs and transforms in archives: the text of AST, as one record with one array of bytes."""

import numpy as np

from lsst.afw.table import Schema
from lsst.afw.table.io import MalformedArchiveError, registerArchiveFormat

from ..skyWcs import SkyWcs
from ..transform import transformRegistry


def _register(cls, field, doc):
    """Register how a class is stored that has ``writeString`` and ``readString``, in a field of a name."""

    def write(obj, handle):
        schema = Schema()
        key = schema.addField(field, type="ArrayB", size=0, doc=doc)
        catalog = handle.makeCatalog(schema)
        catalog.addNew().set(key, np.frombuffer(obj.writeString().encode(), dtype=np.uint8))
        handle.saveCatalog(catalog)

    def read(archive, catalogs):
        if len(catalogs) != 1 or len(catalogs[0]) != 1 or field not in catalogs[0].schema.getNames():
            raise MalformedArchiveError(
                f"{cls.__name__} in archive is not one record with the field '{field}'")
        text = bytes(np.asarray(catalogs[0][0].get(field), dtype=np.uint8)).decode()
        return cls.readString(text)

    registerArchiveFormat(cls, cls.__name__, "lsst.afw.geom", read, write)


_register(SkyWcs, "wcs", "wcs string representation")
for _cls in transformRegistry.values():
    _register(_cls, "bytes", "a bytestring containing the output of Transform.writeString")
