# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Storing catalogs, and objects made of catalogs, in FITS files."""

from .._formatRegistry import (
    ArchiveFormat,
    archiveFormats,
    fileFormats,
    registerArchiveFormat,
    registerFactory,
    registerFileFormat,
)
from .._persistable import Persistable
from . import _catalogFile, _exposureTableFormat, _persistableFile, _simpleFormat, _sourceFormat
from ._inputArchive import InputArchive, MalformedArchiveError
from ._outputArchive import OutputArchive, OutputArchiveHandle
from ._tableFormat import TableFormat, registerTableFormat

__all__ = [
    "ArchiveFormat", "InputArchive", "MalformedArchiveError", "OutputArchive", "OutputArchiveHandle",
    "Persistable", "TableFormat", "archiveFormats", "fileFormats", "registerArchiveFormat", "registerFactory",
    "registerFileFormat", "registerTableFormat",
]
