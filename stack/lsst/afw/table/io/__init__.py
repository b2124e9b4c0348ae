# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Storing catalogs, and objects made of catalogs, in FITS files."""

from ._factory import registerFactory
from ._fitsReader import registerFitsReader
from ._inputArchive import InputArchive, MalformedArchiveError
from ._outputArchive import OutputArchive, OutputArchiveHandle
from ._persistable import Persistable

__all__ = [
    "InputArchive", "MalformedArchiveError", "OutputArchive", "OutputArchiveHandle", "Persistable",
    "registerFactory", "registerFitsReader",
]
