# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Formatter of the Gen3 butler for all that has ``readFits`` and ``writeFits``."""

__all__ = ["FitsGenericFormatter"]

from lsst.daf.butler import FormatterV2

from .._butlerProvenance import setButlerProvenance
from ._fitsExtensions import DEFAULT_EXTENSION, EXTENSIONS


class FitsGenericFormatter(FormatterV2):
    """Reads and writes catalogs and whatever else is stored in a FITS file of its own."""

    supported_extensions = EXTENSIONS
    default_extension = DEFAULT_EXTENSION
    can_read_from_local_file = True

    def read_from_local_file(self, path, component=None, expected_size=-1):
        """Return the dataset of a file; parameters go to ``readFitsWithOptions`` of a class that has it."""
        cls = self.file_descriptor.storageClass.pytype
        parameters = self.file_descriptor.parameters
        if parameters and hasattr(cls, "readFitsWithOptions"):
            return cls.readFitsWithOptions(path, options=parameters)
        return cls.readFits(path)

    def write_local_file(self, in_memory_dataset, uri):
        """Write a dataset to a file."""
        in_memory_dataset.writeFits(uri.ospath)

    def add_provenance(self, in_memory_dataset, /, *, provenance=None):
        """Note dataset and inputs in the metadata of what has any, and return it."""
        getMetadata = getattr(in_memory_dataset, "getMetadata", None)
        metadata = getMetadata() if getMetadata else getattr(in_memory_dataset, "metadata", None)
        setButlerProvenance(metadata, self.dataset_ref, provenance)
        return in_memory_dataset
