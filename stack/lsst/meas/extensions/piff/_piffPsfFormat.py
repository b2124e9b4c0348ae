# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""How the point spread functions of Piff are stored in archives: as a pickle, which stays as it is."""

import numpy as np

from lsst.afw.table import Schema
from lsst.afw.table.io import MalformedArchiveError, registerArchiveFormat
from lsst.afw.table.io._archiveRecord import singleRecord
from lsst.pex.exceptions import LogicError, NotFoundError

from ._piffPickle import UnknownClassError, readPiffPickle
from .piffPsf import PiffPsf

_MODULE = "lsst.meas.extensions.piff.piffPsf"
_DOC = "an opaque bytestring representation of a Storable"


def _write(psf, handle):
    if psf._stored is None:
        raise LogicError("a PiffPsf is stored as it was read; one that was made or resized cannot be")
    schema = Schema()
    key = schema.addField("bytes", type="ArrayB", doc=_DOC, size=0)
    catalog = handle.makeCatalog(schema)
    catalog.addNew().set(key, np.frombuffer(psf._stored, np.uint8))
    handle.saveCatalog(catalog)


def _read(archive, catalogs):
    data = np.asarray(singleRecord(catalogs).get("bytes"), dtype=np.uint8).tobytes()
    try:
        value = readPiffPickle(data)
    except UnknownClassError as error:
        raise NotFoundError(f"this Piff PSF cannot be used: {error}") from error
    except ValueError as error:
        raise MalformedArchiveError(str(error)) from error
    try:
        # Optional, and with the libraries that it stands on slow to import.
        from ._rebuildPiff import rebuildPiff
    except ImportError as error:
        raise NotFoundError(f"a PSF of Piff needs piff, which pip install 'gen2-slice[piff]' brings ({error})"
                            ) from error
    try:
        size, piffResult = rebuildPiff(value)
    except ValueError as error:
        raise MalformedArchiveError(f"this Piff PSF cannot be used: {error}") from error
    psf = PiffPsf(size, size, piffResult)
    psf._stored = data
    return psf


registerArchiveFormat(PiffPsf, "PiffPsf", _MODULE, _read, _write)
