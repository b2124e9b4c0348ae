# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Mappings: what a policy says about one dataset type."""

__all__ = ["CalibrationMapping", "DatasetMapping", "ExposureMapping", "ImageMapping", "Mapping"]

import os
import re

from lsst.afw.image import Exposure, Image, MaskedImage
from lsst.daf.persistence import ButlerLocation, NoResults
from lsst.daf.persistence._dataClass import findDataClass

# A key of the template and how its value is formatted.
_FIELD = re.compile(r"\%\((\w+)\).*?([diouxXeEfFgGcrs])")
_SKYMAP_KEYS = ("tract", "patch")
# What the table of visits has; a visit alone identifies it.
_VISIT_COLUMNS = frozenset(("filter", "expTime", "taiObs"))


class Mapping:
    """Finds the file of a dataset, and the values of the keys that are missing from a data ID.

    Parameters
    ----------
    datasetType : `str`
        Dataset type.
    policy : `lsst.daf.persistence.Policy`
        ``template``, the path with format specifications; ``python``, the class; ``persistable``, the C++
        class; ``storage``, the storage type; optionally ``level``, ``tables`` of the registry, ``columns``
        of these, ``recipe`` for writing, ``obsTimeName``.
    registry : `lsst.daf.persistence.Registry`
        Where missing keys are looked up.
    rootStorage : `lsst.daf.persistence.StorageInterface`
        Where the files are.
    provided : `list` of `str`, optional
        Keys that the mapper itself provides.

    Raises
    ------
    RuntimeError
        There is no policy.
    """

    def __init__(self, datasetType, policy, registry, rootStorage, provided=None):
        if policy is None:
            raise RuntimeError(f"No policy provided for mapping {datasetType}")
        self.datasetType = datasetType
        self.registry = registry
        self.rootStorage = rootStorage
        self._template = policy["template"]
        self.keyDict = {
            key: _typeOf(conversion)
            for key, conversion in _FIELD.findall(self._template or "")
            if key not in (provided or ())
        }
        self.python = policy["python"]
        self.persistable = policy["persistable"]
        self.storage = policy["storage"]
        if "level" in policy:
            self.level = policy["level"]
        self.tables = policy.asArray("tables") if "tables" in policy else None
        self.columns = policy.asArray("columns") if "columns" in policy else None
        self.range = None
        self.obsTimeName = policy.get("obsTimeName")
        self.recipe = policy.get("recipe", "default")

    @property
    def template(self):
        """Path template (`str`); RuntimeError if it is empty."""
        if not self._template:
            raise RuntimeError(
                f"Template is not defined for the {self.datasetType} dataset type, it must be set before it "
                "can be used."
            )
        return self._template

    def keys(self):
        """Return the types of the values by key (`dict`)."""
        return self.keyDict

    def map(self, mapper, dataId, write=False):
        """Find the file of a dataset.

        Parameters
        ----------
        mapper : `CameraMapper`
            The mapper.
        dataId : `dict`
            Data ID; missing keys are looked up.
        write : `bool`, optional
            Is it to be written? Otherwise the file may also be one with the suffix .gz or .fz.

        Returns
        -------
        location : `lsst.daf.persistence.ButlerLocation`
            Location.

        Raises
        ------
        lsst.daf.persistence.NoResults
            A missing key does not have a single value.
        RuntimeError
            The template is empty or absolute, or a value does not fit it or is not a name.
        """
        actualId = self.need(self.keyDict, dataId)
        self._requireNames(actualId)
        path = mapper._mapActualToPath(self.template, actualId)
        if os.path.isabs(path):
            raise RuntimeError(f"Mapped path {path} of {self.datasetType} should not be absolute.")
        return ButlerLocation(
            pythonType=self.python,
            cppType=self.persistable,
            storageName=self.storage,
            locationList=path if write else self._findFile(path),
            dataId=actualId.copy(),
            mapper=mapper,
            storage=self.rootStorage,
            usedDataId={key: actualId[key] for key in self.keyDict},
            datasetType=self.datasetType,
            additionalData=self._additionalData(mapper, actualId),
        )

    def _requireNames(self, dataId):
        """Refuse values, which may be those of a registry, that would be more than a part of a file name."""
        for key in self.keyDict:
            value = dataId[key]
            if isinstance(value, str) and ("/" in value or value == ".."):
                raise RuntimeError(f"Refused {value!r} as the {key} of {self.datasetType}: it is not a name")

    def _findFile(self, path):
        """Return the path of the file, perhaps with another suffix; the same path if there is none."""
        for suffix in ("", ".gz", ".fz"):
            if suffix and path.endswith(suffix):
                continue
            found = self.rootStorage.instanceSearch(path + suffix)
            if found:
                return found
        return path

    def _additionalData(self, mapper, actualId):
        function = getattr(mapper, "add_" + self.datasetType, None)
        return None if function is None else lambda: function(self.datasetType, actualId)

    def lookup(self, properties, dataId):
        """Look up values in the registry.

        Parameters
        ----------
        properties : iterable of `str`
            Keys. Tract and patch must be in the data ID; registries know nothing about them.
        dataId : `dict` or `None`
            Partial data ID.

        Returns
        -------
        values : `list` of `tuple`
            Values of the keys.

        Raises
        ------
        RuntimeError
            There is no registry or no table to look in, or tract or patch is missing.
        """
        if self.registry is None:
            raise RuntimeError(f"No registry for lookup of {list(properties)} for {self.datasetType}")
        properties = list(properties)
        dataId = {} if dataId is None else dataId
        for key in _SKYMAP_KEYS:
            if key in properties and key not in dataId:
                raise RuntimeError(
                    f"Cannot look up skymap key '{key}'; it must be explicitly included in the data ID"
                )
        columns = [key for key in properties if key not in _SKYMAP_KEYS]
        rows = self._lookupColumns(columns, dataId)
        if len(columns) == len(properties):
            return rows
        known = {key: dataId[key] for key in _SKYMAP_KEYS if key in dataId}
        return [
            tuple(known[key] if key in _SKYMAP_KEYS else row[columns.index(key)] for key in properties)
            for row in rows
        ]

    def _lookupColumns(self, columns, dataId):
        tables = self.tables or ()
        if "visit" in dataId and "raw" in tables and _VISIT_COLUMNS.issuperset(columns):
            where = {"visit": dataId["visit"]}
            return self.registry.lookup(columns, "raw_visit", where, template=self.template)
        ignored = (*_SKYMAP_KEYS, self.obsTimeName)
        where = {
            key: value
            for key, value in dataId.items()
            if key not in ignored and (not self.columns or key in self.columns)
        }
        if self.range:
            where[self.range[1:]] = dataId[self.obsTimeName]
        return self.registry.lookup(columns, self.tables, where, template=self.template)

    def have(self, properties, dataId):
        """Tell whether a data ID has all of some keys."""
        return all(key in dataId for key in properties)

    def need(self, properties, dataId):
        """Complete a data ID.

        Parameters
        ----------
        properties : iterable of `str`
            Keys that are needed.
        dataId : `dict`
            Data ID; it is not changed.

        Returns
        -------
        dataId : `dict`
            A copy that has all these keys.

        Raises
        ------
        lsst.daf.persistence.NoResults
            The data ID does not determine the missing keys.
        """
        newId = dataId.copy()
        missing = [key for key in properties if key not in newId]
        if not missing:
            return newId
        found = self.lookup(missing, newId)
        if len(found) != 1:
            raise NoResults(
                f"No unique lookup for {missing} from {newId}: {len(found)} matches", self.datasetType, dataId
            )
        newId.update(zip(missing, found[0]))
        return newId


class ImageMapping(Mapping):
    """Mapping of images that are not from the camera."""


class ExposureMapping(Mapping):
    """Mapping of exposures, which are standardized when read."""

    def standardize(self, mapper, item, dataId):
        """Bring an exposure into the standard form; see `CameraMapper._standardizeExposure`."""
        return mapper._standardizeExposure(self, item, dataId)


class CalibrationMapping(Mapping):
    """Mapping of calibration products, whose keys can be looked up in the registry of raw data too.

    Parameters
    ----------
    datasetType : `str`
        Dataset type.
    policy : `lsst.daf.persistence.Policy`
        Besides what `Mapping` has: ``reference``, tables of the registry of raw data; ``refCols``, the keys
        that can be used there; ``validRange``: do ``validStartName`` and ``validEndName`` limit the time
        ``obsTimeName``?; ``filter``: is the filter set in the exposure?; ``metadataKey``.
    registry : `lsst.daf.persistence.Registry`
        Registry of raw data.
    calibRegistry : `lsst.daf.persistence.Registry`
        Registry of calibration products.
    calibRoot : `lsst.daf.persistence.StorageInterface`
        Where the files are.
    dataRoot : `lsst.daf.persistence.StorageInterface`, optional
        Where files are written.
    **kwargs
        Passed to `Mapping`.
    """

    def __init__(self, datasetType, policy, registry, calibRegistry, calibRoot, dataRoot=None, **kwargs):
        super().__init__(datasetType, policy, calibRegistry, calibRoot, **kwargs)
        self.reference = policy.asArray("reference") if "reference" in policy else None
        self.refCols = policy.asArray("refCols") if "refCols" in policy else None
        self.refRegistry = registry
        self.dataRoot = dataRoot
        if policy["validRange"]:
            self.range = ("?", policy["validStartName"], policy["validEndName"])
        self.setFilter = policy.get("filter", False)
        self.metadataKeys = policy.asArray("metadataKey") if "metadataKey" in policy else None

    def map(self, mapper, dataId, write=False):
        """Find the file of a dataset; see `Mapping.map`."""
        location = super().map(mapper, dataId, write=write)
        if write and self.dataRoot:
            location.storage = self.dataRoot
        return location

    def lookup(self, properties, dataId):
        """Look up values in the registry of raw data, then in that of calibration products.

        Parameters
        ----------
        properties : iterable of `str`
            Keys.
        dataId : `dict`
            Partial data ID.

        Returns
        -------
        values : `list` of `tuple`
            Values of the keys.

        Raises
        ------
        RuntimeError
            The data ID does not determine what is needed from the registry of raw data.
        """
        properties = list(properties)
        if self.reference is None:
            return super().lookup(properties, dataId)
        columns = [key for key in self.columns if key not in dataId] if self.columns else properties
        if not columns:
            return super().lookup(properties, dataId)
        where = {key: value for key, value in dataId.items() if not self.refCols or key in self.refCols}
        found = self.refRegistry.lookup(columns, self.reference, where)
        if len(found) != 1:
            raise RuntimeError(f"No unique lookup for {columns} from {dataId}: {len(found)} matches")
        values = dict(zip(columns, found[0]))
        if set(columns) == set(properties):
            return [tuple(values[key] for key in properties)]
        newId = dataId.copy()
        newId.update(values)
        return super().lookup(properties, newId)

    def standardize(self, mapper, item, dataId):
        """Bring an image into the standard form; anything else is returned as it is."""
        if issubclass(findDataClass(self.python, self.datasetType), (Exposure, MaskedImage, Image)):
            return mapper._standardizeExposure(self, item, dataId, filter=self.setFilter)
        return item


class DatasetMapping(Mapping):
    """Mapping of anything else; it is not standardized."""


def _typeOf(conversion):
    if conversion in "crs":
        return str
    return float if conversion in "eEfFgG" else int
