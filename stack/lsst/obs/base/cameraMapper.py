# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""The base class of the mappers of all cameras."""

__all__ = ["CameraMapper", "exposureFromImage"]

import functools
import logging
import os
import re
import weakref
import zlib

import lsst.daf.persistence as dafPersist
from lsst.daf.base import PropertySet
from lsst.daf.persistence.policy import productDir

from ._derivedTypes import addDerivedTypes
from ._policyRules import checkRepositoryPolicy
from ._standardize import StandardizeMixin, exposureFromImage
from ._writeRecipes import PLANES, readWriteRecipes
from .exposureIdInfo import ExposureIdInfo
from .mapping import CalibrationMapping, DatasetMapping, ExposureMapping, ImageMapping

# What a dataset type has, by section of the policy, unless it says otherwise.
_SECTIONS = {
    "images": (ImageMapping, {"storage": "FitsStorage"}),
    "exposures": (ExposureMapping, {"storage": "FitsStorage"}),
    "calibrations": (
        CalibrationMapping,
        {
            "storage": "FitsStorage",
            "obsTimeName": "taiObs",
            "validStartName": "validStart",
            "validEndName": "validEnd",
            "filter": False,
        },
    ),
    "datasets": (DatasetMapping, {}),
}


class CameraMapper(StandardizeMixin, dafPersist.Mapper):
    """Finds the data of a camera by a policy and a registry.

    Subclasses set ``packageName`` and have ``_extractDetectorName``, ``_computeCcdExposureId`` and
    ``_computeCoaddExposureId``. For each dataset type of the policy, the mapper has methods ``map_<type>``
    and ``query_<type>``, exposures ``std_<type>`` too, unless the subclass has them; and there are derived
    types such as ``<type>_wcs``.

    Parameters
    ----------
    policy : `lsst.daf.persistence.Policy`
        Policy of the camera. The policy of the repository goes before it, and the definitions in
        ``policy/exposures.yaml`` and ``policy/datasets.yaml`` complete it.
    repositoryDir : `str`
        Directory of the camera's policy.
    root : `str`, optional
        Root of the repository.
    registry : `str`, optional
        Path of the registry.
    calibRoot : `str`, optional
        Root of the calibration products; they are in the repository if not given, here or in the policy.
    calibRegistry : `str`, optional
        Path of their registry.
    provided : `list` of `str`, optional
        Ignored.
    parentRegistry : `lsst.daf.persistence.Registry`, optional
        Registry to use if the repository has none.
    repositoryCfg : `lsst.daf.persistence.RepositoryCfg`, optional
        Configuration of the repository.

    Raises
    ------
    ValueError
        The subclass does not set ``packageName``, or the policy has a dataset type in two sections.
    RuntimeError
        A registry that is needed or was asked for does not exist, or the policy of the repository says what
        it may not.
    NotImplementedError
        The subclass names a Gen3 instrument, which would define filters.

    Notes
    -----
    Exposures have the detectors that their files hold. There is no description of the camera: the attribute
    ``camera`` is `None`, with a warning if the item ``camera`` of the mapper's own policy names the directory
    of one, unless a subclass overrides ``_makeCamera``.
    """

    packageName = None
    _gen3instrument = None

    def __init__(self, policy, repositoryDir, root=None, registry=None, calibRoot=None, calibRegistry=None,
                 provided=None, parentRegistry=None, repositoryCfg=None):
        super().__init__()
        if self._gen3instrument is not None:
            raise NotImplementedError(f"The filters of {self._gen3instrument} cannot be used here")
        self.log = logging.getLogger("CameraMapper")
        cameraDirectory = policy.get("camera")
        if repositoryCfg is not None:
            root = root or repositoryCfg.root
        _completePolicy(policy, repositoryCfg)
        self.root = dafPersist.LogicalLocation(root or ".").locString()
        self._initLevels(policy)
        self.rootStorage = dafPersist.Storage.makeFromURI(self.root)
        calibStorage = self._openCalibStorage(calibRoot, policy)
        self.registry = parentRegistry
        path = self._findRegistry("registry", registry, policy["registryPath"], self.rootStorage)
        if path is not None:
            self.registry = self._openRegistry(path, "exposure")
        elif parentRegistry is None:
            self.log.info("Loading Posix exposure registry from %s", self.rootStorage.root)
            self.registry = dafPersist.PosixRegistry(self.rootStorage.root)
        self.calibRegistry = None
        if policy["needCalibRegistry"]:
            path = self._findRegistry(
                "calibRegistry", calibRegistry, policy["calibRegistryPath"], calibStorage
            )
            self.calibRegistry = self._openRegistry(path, "calib")
        self.keyDict = {}
        self._initMappings(policy, calibStorage)
        self.cameraDataLocation = None
        if cameraDirectory is not None:
            self.cameraDataLocation = os.path.normpath(
                os.path.join(repositoryDir, cameraDirectory, "camera.py"))
        self.camera = self._makeCamera(policy=policy, repositoryDir=repositoryDir)
        self.filters = None
        self.getPackageName()

    def _initLevels(self, policy):
        levels = policy.get("levels", dafPersist.Policy())
        self.levels = {level: set(levels.asArray(level)) for level in levels.names(True)}
        self.defaultLevel = policy["defaultLevel"]
        self.defaultSubLevels = dict(policy.get("defaultSubLevels", {}))

    def _openCalibStorage(self, calibRoot, policy):
        """Open the storage of calibration products; if it does not exist, they are in the repository."""
        if calibRoot is not None:
            calibRoot = dafPersist.Storage.absolutePath(self.root, calibRoot)
        else:
            calibRoot = policy["calibRoot"]
        storage = dafPersist.Storage.makeFromURI(calibRoot, create=False) if calibRoot else None
        return storage or self.rootStorage

    def _findRegistry(self, name, path, policyPath, storage):
        """Find a registry.

        Parameters
        ----------
        name : `str`
            Name of the file, without its suffix, where no path is given.
        path, policyPath : `str` or `None`
            Path that the user gave, and path that the policy has.
        storage : `lsst.daf.persistence.StorageInterface`
            Where to look.

        Returns
        -------
        path : `str` or `None`
            Full path of the file; `None` if there is none.
        """
        if path is not None:
            # Old programs give the path with the root of the repository.
            path = path.removeprefix(storage.root + "/")
            if not storage.exists(path):
                raise RuntimeError(f"Unable to locate {name} {path} in {storage.root}")
            return storage.locationWithRoot(path)
        if policyPath is not None:
            if storage.exists(policyPath):
                return storage.locationWithRoot(policyPath)
            self.log.warning("Unable to locate registry at policy path: %s", policyPath)
        for fileName in (f"{name}.pgsql", f"{name}.sqlite3"):
            if storage.exists(fileName):
                return storage.locationWithRoot(fileName)
        return None

    def _openRegistry(self, path, description):
        self.log.info("Loading %s registry from %s", description, path)
        return dafPersist.Registry.create(path)

    def _initMappings(self, policy, calibStorage):
        """Make the mappings of all dataset types, and the methods that use them."""
        self.mappings = {}
        for section, (mappingClass, defaults) in _SECTIONS.items():
            if section not in policy:
                continue
            definitions = policy[section]
            if not isinstance(definitions, dafPersist.Policy):
                raise RuntimeError(
                    f"The section {section!r} of the policy of {self.root} has no dataset types")
            mappings = {}
            setattr(self, section, mappings)
            for datasetType in definitions.names(True):
                definition = definitions[datasetType]
                if not isinstance(definition, dafPersist.Policy):
                    raise RuntimeError(
                        f"The dataset type {datasetType!r} of the policy of {self.root} has no definition")
                definition.merge(defaults)
                if "composite" in definition:
                    continue  # Nothing puts composites together: to ask for one is an error.
                if datasetType in self.mappings:
                    raise ValueError(f"Duplicate mapping policy for dataset type {datasetType}")
                mapping = self._makeMapping(mappingClass, datasetType, definition, calibStorage)
                mappings[datasetType] = self.mappings[datasetType] = mapping
                self.keyDict.update(mapping.keys())
                self._addMethods(mapping)
                addDerivedTypes(self, mapping, section, _hasSchemaType(datasetType, definitions))

    def _makeMapping(self, mappingClass, datasetType, definition, calibStorage):
        args = datasetType, definition, self.registry
        if mappingClass is not CalibrationMapping:
            return mappingClass(*args, self.rootStorage)
        return mappingClass(*args, self.calibRegistry, calibStorage, dataRoot=self.rootStorage)

    def _addMethods(self, mapping):
        datasetType = mapping.datasetType
        proxy = weakref.proxy(self)
        methods = {"map_": functools.partial(mapping.map, proxy), "query_": mapping.lookup}
        if hasattr(mapping, "standardize"):
            methods["std_"] = functools.partial(mapping.standardize, proxy)
        for prefix, method in methods.items():
            if not hasattr(self, prefix + datasetType):
                setattr(self, prefix + datasetType, method)

    def _makeCamera(self, policy, repositoryDir):
        """Return the detectors of the camera by name; `None`, for none can be made here."""
        if self.cameraDataLocation is not None and os.path.exists(self.cameraDataLocation):
            self.log.warning("No camera is made of %s: exposures have the detectors that their files hold",
                             self.cameraDataLocation)
        return None

    def _requireCamera(self):
        if self.camera is None:
            raise RuntimeError("No camera dataset available.")

    def _computeCcdExposureId(self, dataId):
        """Compute the 64-bit ID of an exposure of one detector."""
        raise NotImplementedError()

    def _computeCoaddExposureId(self, dataId, singleFilter):
        """Compute the 64-bit ID of a coadd of one filter, or of all filters."""
        raise NotImplementedError()

    def _extractDetectorName(self, dataId):
        """Return the name of the detector that a data ID means."""
        raise NotImplementedError("No _extractDetectorName() function specified")

    def _transformId(self, dataId):
        """Return a data ID in the form that templates need; ``dataId`` itself is not changed."""
        return dataId.copy()

    def _mapActualToPath(self, template, actualId):
        """Fill a data ID into a template.

        Raises
        ------
        RuntimeError
            A value is missing or has the wrong type.
        """
        try:
            return template % self._transformId(actualId)
        except Exception as error:
            raise RuntimeError(f"Failed to format {template!r} with data {actualId!r}: {error}") from error

    def backup(self, datasetType, dataId):
        """Keep the file of a dataset as ``file~1``, and that as ``file~2``, and so on.

        Parameters
        ----------
        datasetType : `str`
            Dataset type.
        dataId : `dict`
            Data ID.
        """
        newPath = self.map(datasetType, dataId, write=True).getLocations()[0]
        paths = []
        found = self.rootStorage.search(self.root, newPath, searchParents=True)
        while found:
            paths.append(found[0])
            found = self.rootStorage.search(self.root, f"{newPath}~{len(paths)}", searchParents=True)
        for number in range(len(paths), 0, -1):
            self.rootStorage.copyFile(paths[number - 1], f"{newPath}~{number}")

    def keys(self):
        """Return an iterator over the keys that data IDs can have."""
        return iter(self.keyDict)

    def getKeys(self, datasetType, level):
        """Return the keys that data IDs can have.

        Parameters
        ----------
        datasetType : `str` or `None`
            Dataset type; all if `None`.
        level : `str` or `None`
            Only keys at or above this level; an empty string is the default level.

        Returns
        -------
        keys : `dict` [`str`, `type`]
            Types of the values by key.

        Raises
        ------
        KeyError
            The dataset type is not known.
        """
        level = self.getDefaultLevel() if level == "" else level
        keys = self.keyDict if datasetType is None else self.mappings[datasetType].keys()
        lower = self.levels.get(level, ())
        return {key: keyType for key, keyType in keys.items() if key not in lower}

    def getDefaultLevel(self):
        """Return the level of data IDs where none is given."""
        return self.defaultLevel

    def getDefaultSubLevel(self, level):
        """Return the level below a level; `None` if there is none."""
        return self.defaultSubLevels.get(level)

    def getRegistry(self):
        """Return the registry of raw data."""
        return self.registry

    @classmethod
    def getCameraName(cls):
        """Return the name of the camera, from that of the class."""
        name = cls.__name__
        match = re.search(r"(\w+)Mapper", name)
        name = match.group(1) if match else name
        return name[:1].lower() + name[1:]

    @classmethod
    def getPackageName(cls):
        """Return the name of the package of the camera.

        Raises
        ------
        ValueError
            The class does not say.
        """
        if cls.packageName is None:
            raise ValueError("class variable packageName must not be None")
        return cls.packageName

    @classmethod
    def getPackageDir(cls):
        """Return the directory of the package of the camera."""
        return productDir(cls.getPackageName())

    def map_camera(self, dataId, write=False):
        """Map the description of the camera."""
        self._requireCamera()
        return dafPersist.ButlerLocation(
            pythonType="lsst.afw.cameraGeom.CameraConfig",
            cppType="Config",
            storageName="ConfigStorage",
            locationList=self.cameraDataLocation or "ignored",
            dataId=self._transformId(dataId),
            mapper=self,
            storage=self.rootStorage,
        )

    def bypass_camera(self, datasetType, pythonType, butlerLocation, dataId):
        """Return the description of the camera."""
        self._requireCamera()
        return self.camera

    def map_expIdInfo(self, dataId, write=False):
        """Map the `ExposureIdInfo` of an exposure."""
        return dafPersist.ButlerLocation(
            pythonType="lsst.obs.base.ExposureIdInfo",
            cppType=None,
            storageName="Internal",
            locationList="ignored",
            dataId=dataId,
            mapper=self,
            storage=self.rootStorage,
        )

    def bypass_expIdInfo(self, datasetType, pythonType, location, dataId):
        """Return the `ExposureIdInfo` of an exposure."""
        args = datasetType, pythonType, location, dataId
        return ExposureIdInfo(self.bypass_ccdExposureId(*args), self.bypass_ccdExposureId_bits(*args))

    @staticmethod
    def getShortCcdName(ccdName):
        """Return the name of a detector in a form for file names."""
        return ccdName.replace(" ", "_")

    @functools.cached_property
    def _writeRecipes(self):
        path = dafPersist.Policy.defaultPolicyFile("obs_base", "writeRecipes.yaml", "policy")
        return readWriteRecipes(path, os.path.join(self.getPackageDir(), "policy", "writeRecipes.yaml"))

    def getImageCompressionSettings(self, datasetType, dataId):
        """Return how an image is to be compressed.

        Parameters
        ----------
        datasetType : `str`
            Dataset type.
        dataId : `dict`
            Data ID. The seed of the dither, where the recipe has none, is made of it; so the same dataset is
            always written with the same seed.

        Returns
        -------
        settings : `lsst.daf.base.PropertySet`
            The recipe of the dataset type.

        Raises
        ------
        RuntimeError
            There is no such recipe.
        """
        mapping = self.mappings[datasetType]
        recipes = self._writeRecipes.get(mapping.storage)
        if recipes is None:
            return PropertySet()
        if mapping.recipe not in recipes:
            raise RuntimeError(
                f"Unrecognized write recipe for datasetType {datasetType} (storage type {mapping.storage}): "
                f"{mapping.recipe}"
            )
        recipe = recipes[mapping.recipe].deepCopy()
        for plane in PLANES:
            key = plane + ".scaling.seed"
            if recipe.exists(key) and recipe.getScalar(key) == 0:
                recipe.set(key, _makeSeed(dataId))
        return recipe


def _completePolicy(policy, repositoryCfg):
    """Add to the policy of a camera those of all cameras and of the repository, which goes before it."""
    ofRepository = (repositoryCfg and repositoryCfg.policy) or dafPersist.Policy()
    known = {}
    for section in _SECTIONS:
        if section not in policy and section not in ofRepository:
            continue
        path = dafPersist.Policy.defaultPolicyFile("obs_base", section + ".yaml", "policy")
        definitions = dafPersist.Policy(path) if os.path.exists(path) else dafPersist.Policy()
        definitions.update(policy.data.get(section, {}))
        policy.data[section] = known[section] = definitions.data
    if ofRepository:
        defaults = {section: values for section, (_, values) in _SECTIONS.items()}
        checkRepositoryPolicy(ofRepository, known, defaults, repositoryCfg.root)
        policy.update(ofRepository)


def _makeSeed(dataId):
    """Return a positive 31-bit number that is the same in every process."""
    text = repr(sorted((key, str(value)) for key, value in dataId.items()))
    return zlib.crc32(text.encode()) % (2**31 - 1) + 1


def _hasSchemaType(datasetType, definitions):
    return datasetType.endswith("_schema") or datasetType + "_schema" in definitions
