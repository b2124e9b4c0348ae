# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Formatters of the Gen3 butler for images, masks, masked images and exposures."""

__all__ = ["FitsExposureFormatter", "FitsImageFormatter", "FitsMaskFormatter", "FitsMaskedImageFormatter",
           "StandardFitsImageFormatterBase"]

import hashlib
import json
import warnings

from lsst.daf.butler import FormatterV2
from lsst.utils.introspection import find_outside_stacklevel

from lsst.afw.image import (
    ExposureFitsReader,
    ExposureInfo,
    FilterLabel,
    ImageFitsReader,
    MaskedImageFitsReader,
    MaskFitsReader,
)

from .._butlerProvenance import setButlerProvenance
from ._fitsExtensions import DEFAULT_EXTENSION, EXTENSIONS
from ._imageRecipes import PLANES, makeWriteOptions, validateRecipes


class StandardFitsImageFormatterBase(FormatterV2):
    """Reads and writes what has pixels and a ``ReaderClass``, whole, a part, or one component."""

    supported_extensions = EXTENSIONS
    default_extension = DEFAULT_EXTENSION
    can_read_from_local_file = True
    supported_write_parameters = frozenset({"recipe"})

    ReaderClass = None
    """What reads the files."""

    planes = ("image",)
    """The parts of a recipe that apply, in the order of the arguments of ``writeFits``."""

    @property
    def checked_parameters(self):
        """The parameters that the user gave (`dict`).

        Raises
        ------
        KeyError
            Raised if the storage class has no such parameter.
        """
        parameters = dict(self.file_descriptor.parameters or {})
        self.file_descriptor.storageClass.validateParameters(parameters)
        return parameters

    @property
    def _dtype(self):
        """Type of the pixels; `None` where the storage class leaves it to the file."""
        return getattr(self.file_descriptor.storageClass.pytype, "dtype", None)

    def read_from_local_file(self, path, component=None, expected_size=-1):
        """Return the dataset of a file, or one of its components.

        Raises
        ------
        KeyError
            Raised if there are no such components or parameters.
        lsst.afw.fits.FitsError
            Raised if the file cannot be read.
        lsst.pex.exceptions.LengthError
            Raised if a box is not inside the image.
        """
        reader = self.ReaderClass(path)
        if component is None:
            return self.readFull(reader)
        return self.readComponent(reader, component)

    def readFull(self, reader):
        """Return the dataset, or the part of it that the parameters name."""
        return reader.read(**self.checked_parameters, dtype=self._dtype)

    def readComponent(self, reader, component):
        """Return a component."""
        if component == "bbox":
            return reader.readBBox()
        if component == "dimensions":
            return reader.readBBox().getDimensions()
        if component == "xy0":
            return reader.readBBox().getMin()
        raise KeyError(f"{reader.fileName}: {type(self).__name__} has no component {component!r}")

    def write_local_file(self, in_memory_dataset, uri):
        """Write a dataset to a file, with the recipe that the configuration names.

        Raises
        ------
        RuntimeError
            Raised if there is no such recipe.
        """
        recipe = self._recipe()
        if recipe is None:
            in_memory_dataset.writeFits(uri.ospath)
            return
        seed = _seedFor(self.data_id)
        options = [makeWriteOptions(recipe[plane], seed) for plane in self.planes]
        in_memory_dataset.writeFits(uri.ospath, *options)

    def _recipe(self):
        """Return the settings to write with; `None` for no compression."""
        name = self.write_parameters.get("recipe")
        if not name:
            return self.write_recipes.get("default")
        if name not in self.write_recipes:
            raise RuntimeError(f"There is no write recipe {name!r} for {self.dataset_ref.datasetType.name}; "
                               f"{self.name()} has {', '.join(self.write_recipes) or 'none'}")
        return self.write_recipes[name]

    @classmethod
    def validate_write_recipes(cls, recipes):
        """Return recipes with all settings; `RuntimeError` if one has settings that it cannot have."""
        return validateRecipes(recipes) if recipes else recipes


def _seedFor(dataId):
    """Return a seed of the dithering that is always the same for a data ID (`int`, 1 to 9999)."""
    text = json.dumps(list(dataId.required_values))
    digest = hashlib.md5(text.encode(), usedforsecurity=False).digest()
    return 1 + int.from_bytes(digest, "big") % 9999


class FitsImageFormatter(StandardFitsImageFormatterBase):
    """Reads and writes images."""

    ReaderClass = ImageFitsReader


class FitsMaskFormatter(StandardFitsImageFormatterBase):
    """Reads and writes masks."""

    ReaderClass = MaskFitsReader
    planes = ("mask",)


class FitsMaskedImageFormatter(StandardFitsImageFormatterBase):
    """Reads and writes masked images."""

    ReaderClass = MaskedImageFitsReader
    planes = PLANES

    def readComponent(self, reader, component):
        """Return a component; of planes, the part that the parameters name."""
        if component == "image":
            return reader.readImage(**self.checked_parameters, dtype=self._dtype)
        if component == "mask":
            return reader.readMask(**self.checked_parameters)
        if component == "variance":
            return reader.readVariance(**self.checked_parameters)
        return super().readComponent(reader, component)


class FitsExposureFormatter(FitsMaskedImageFormatter):
    """Reads and writes exposures.

    Notes
    -----
    Filters are those of the data ID where it has any: what old files say of them is a guess.
    """

    ReaderClass = ExposureFitsReader
    _READERS = {
        "apCorrMap": ExposureFitsReader.readApCorrMap,
        "coaddInputs": ExposureFitsReader.readCoaddInputs,
        "detector": ExposureFitsReader.readDetector,
        "exposureInfo": ExposureFitsReader.readExposureInfo,
        "id": ExposureFitsReader.readExposureId,
        "metadata": ExposureFitsReader.readMetadata,
        "photoCalib": ExposureFitsReader.readPhotoCalib,
        "psf": ExposureFitsReader.readPsf,
        "summaryStats": lambda reader: reader.readComponent(ExposureInfo.KEY_SUMMARY_STATS),
        "transmissionCurve": ExposureFitsReader.readTransmissionCurve,
        "validPolygon": ExposureFitsReader.readValidPolygon,
        "visitInfo": ExposureFitsReader.readVisitInfo,
        "wcs": ExposureFitsReader.readWcs,
    }

    @property
    def checked_parameters(self):
        """The parameters that the user gave (`dict`).

        Raises
        ------
        KeyError
            Raised if the storage class has no such parameter.
        NotImplementedError
            Raised for those about amplifiers, and about image types of the future.
        """
        parameters = super().checked_parameters
        for name in parameters:
            if name not in ("bbox", "origin"):
                raise NotImplementedError(f"Reading {self.file_descriptor.location.uri}: the parameter "
                                          f"{name!r} is not supported")
        return parameters

    def readFull(self, reader):
        """Return the exposure, or the part of it that the parameters name."""
        exposure = super().readFull(reader)
        info = exposure.getInfo()
        info.setFilterLabel(self._filterLabel(reader, info.getFilterLabel()))
        return exposure

    def readComponent(self, reader, component):
        """Return a component."""
        if component == "filter":
            return self._filterLabel(reader, reader.readFilterLabel())
        if component in self._READERS:
            return self._READERS[component](reader)
        return super().readComponent(reader, component)

    def _filterLabel(self, reader, inFile):
        """Return the filter of the data ID, or that of the file if the data ID should have one but is short.

        Parameters
        ----------
        reader : `lsst.afw.image.ExposureFitsReader`
            The file.
        inFile : `lsst.afw.image.FilterLabel` or `None`
            Its filter.
        """
        names = {name: self.data_id.get(name) for name in ("band", "physical_filter")
                 if name in self.data_id.dimensions.names}
        isStandard = reader.readSerializationVersion() >= 2
        if None in names.values() and not self.data_id.hasFull():
            if not isStandard:
                self._warn(f"the data ID {self.data_id} lacks what it implies, so the filter is the file's "
                           f"guess, {inFile}; expandDataId before get avoids this")
            return inFile
        label = None
        if any(names.values()):
            label = FilterLabel(band=names.get("band"), physical=names.get("physical_filter"))
        if isStandard and label != inFile:
            self._warn(f"the filter is {inFile} in the file, but {label} in the data ID {self.data_id}, "
                       "which counts")
        return label

    def _warn(self, message):
        """Warn the caller of the butler."""
        level = find_outside_stacklevel("lsst.obs.base", "lsst.pipe.base", "lsst.daf.butler",
                                        allow_methods={"runQuantum"})
        warnings.warn(f"{self.file_descriptor.location.uri}: {message}", stacklevel=level)

    def add_provenance(self, in_memory_dataset, /, *, provenance=None):
        """Note dataset and inputs in the metadata of an exposure, and return it."""
        setButlerProvenance(in_memory_dataset.getMetadata(), self.dataset_ref, provenance)
        return in_memory_dataset
