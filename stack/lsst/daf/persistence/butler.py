# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""The Gen2 data butler."""

__all__ = ["Butler"]

import logging

from ._datasetLookup import DatasetLookup
from ._openRepositories import openRepositories
from .butlerExceptions import NoResults
from .butlerSubset import ButlerDataRef, ButlerSubset
from .dataId import DataId
from .readProxy import ReadProxy
from .repository import RepositoryArgs
from .storage import Storage
from .utils import doImport, sequencify, setify


class Butler(DatasetLookup):
    """Reads and writes datasets by type and data ID.

    Parameters
    ----------
    root : `str`, optional
        Root of one repository that is both read from and written to. Not together with ``inputs`` or
        ``outputs``; the same is true of ``mapper`` and ``mapperArgs``.
    mapper : `type` or `str` or `Mapper`, optional
        Mapper class, its name, or a mapper.
    inputs : `RepositoryArgs`, `dict`, `str`, or list of these, optional
        Repositories to read from. A dict has the arguments of `RepositoryArgs`, a string is the root.
    outputs : `RepositoryArgs`, `dict`, `str`, or list of these, optional
        Repositories to write to. They are created where they do not exist; then the inputs become their
        parents, and they use the mapper of the inputs unless they name one.
    **mapperArgs
        Arguments for the mapper.

    Raises
    ------
    RuntimeError
        The arguments contradict each other or what is stored, or an input does not exist.
    """

    GENERATION = 2

    def __init__(self, root=None, mapper=None, inputs=None, outputs=None, **mapperArgs):
        self._initArgs = {"root": root, "mapper": mapper, "inputs": inputs, "outputs": outputs, **mapperArgs}
        self.log = logging.getLogger("daf.persistence.butler")
        self.datasetTypeAliasDict = {}
        self.storage = Storage()
        if inputs is None and outputs is None:
            outputs = RepositoryArgs(
                mode="rw",
                root=getattr(mapper, "root", ".") if root is None else root,
                mapper=mapper,
                mapperArgs=mapperArgs or None,
            )
        elif root or mapper or mapperArgs:
            raise RuntimeError(
                "Butler version 1 API (root, mapper, **mapperArgs) may not be used with version 2 API "
                "(inputs, outputs)"
            )
        self._repos = openRepositories(inputs, outputs, self.storage)

    def __repr__(self):
        return f"Butler(datasetTypeAliasDict={self.datasetTypeAliasDict}, repos={self._repos})"

    def __reduce__(self):
        return _unreduce, (self._initArgs, self.datasetTypeAliasDict)

    @staticmethod
    def getMapperClass(root):
        """Return the mapper of the repository at ``root``; `None` if it does not name one."""
        return Storage.getMapperClass(root)

    def defineAlias(self, alias, datasetType):
        """Let ``@alias`` in a dataset type stand for something else.

        Parameters
        ----------
        alias : `str`
            The alias, with or without the ``@``.
        datasetType : `str`
            What it stands for.

        Raises
        ------
        RuntimeError
            There is a ``@`` anywhere else, or the alias is the beginning of another or the reverse.
        """
        if alias.rfind("@") > 0:
            raise RuntimeError(f"Badly formatted alias string: {alias}")
        if "@" in datasetType:
            raise RuntimeError(f"Badly formatted type string: {datasetType}")
        alias = "@" + alias.removeprefix("@")
        for key in self.datasetTypeAliasDict:
            if key.startswith(alias) or alias.startswith(key):
                raise RuntimeError(f"Alias: {alias} overlaps with existing alias: {key}")
        self.datasetTypeAliasDict[alias] = datasetType

    def _resolveDatasetTypeAlias(self, datasetType):
        if datasetType is None or "@" not in datasetType:
            return datasetType
        resolved = datasetType
        for alias, value in self.datasetTypeAliasDict.items():
            resolved = resolved.replace(alias, value)
        if "@" in resolved:
            raise RuntimeError(f"Unresolvable alias specifier in datasetType: {datasetType}")
        return resolved

    def getKeys(self, datasetType=None, level=None, tag=None):
        """Return the keys that data IDs can have.

        Parameters
        ----------
        datasetType : `str`, optional
            Dataset type; all if not given.
        level : `str`, optional
            Only keys at or above this level; an empty string is the mapper's default level.
        tag : any, or list of any, optional
            Only repositories with one of these tags.

        Returns
        -------
        keys : `dict` [`str`, `type`] or `None`
            Types of the values by key; `None` if there is no such repository.

        Raises
        ------
        KeyError
            The dataset type is not known.
        """
        datasetType = self._resolveDatasetTypeAlias(datasetType)
        for repoData in self._tagged(self._repos.inputs(), tag):
            keys = repoData.repo.getKeys(datasetType, level)
            if keys is not None:
                return keys
        return None

    def getDatasetTypes(self, tag=None):
        """Return the dataset types that the repositories know.

        Parameters
        ----------
        tag : any, or list of any, optional
            Only repositories with one of these tags.

        Returns
        -------
        datasetTypes : `set` of `str`
            Dataset types.
        """
        repos = self._tagged(self._repos.outputs() + self._repos.inputs(), tag)
        return {name for data in repos for name in data.repo.mappers()[0].getDatasetTypes()}

    def queryMetadata(self, datasetType, format, dataId={}, **rest):  # noqa: B006 (the signature of v23)
        """Return the values that keys can have.

        Parameters
        ----------
        datasetType : `str`
            Dataset type.
        format : `str` or sequence of `str`
            Keys.
        dataId : `dict` or `DataId`, optional
            Partial data ID.
        **rest
            More of the data ID.

        Returns
        -------
        values : `list`
            Values of the key, or tuples with values of several keys.
        """
        datasetType = self._resolveDatasetTypeAlias(datasetType)
        dataId = _makeDataId(dataId, rest)
        format = sequencify(format)
        for repoData in self._tagged(self._repos.inputs(), dataId.tag):
            values = repoData.repo.queryMetadata(datasetType, format, dataId)
            if values:
                break
        else:
            return []
        if len(format) == 1:
            return [value[0] if isinstance(value, (tuple, list)) else value for value in values]
        return list(values)

    def datasetExists(self, datasetType, dataId={}, write=False, **rest):  # noqa: B006
        """Tell whether there is a dataset.

        Parameters
        ----------
        datasetType : `str`
            Dataset type.
        dataId : `dict` or `DataId`, optional
            Data ID.
        write : `bool`, optional
            Look only where it would be written; it must be in all these places.
        **rest
            More of the data ID.

        Returns
        -------
        exists : `bool`
            Is there a dataset?

        Raises
        ------
        AttributeError
            The dataset type is not known to a repository that was searched.
        """
        datasetType = self._resolveDatasetTypeAlias(datasetType)
        found = self._locate(datasetType, _makeDataId(dataId, rest), write=write)
        locations = found if write else [found]
        return bool(locations) and all(map(self._locationExists, locations))

    def _locationExists(self, location):
        return location is not None and location.repository.exists(location)

    def get(self, datasetType, dataId=None, immediate=True, **rest):
        """Read a dataset.

        Parameters
        ----------
        datasetType : `str`
            Dataset type.
        dataId : `dict` or `DataId`, optional
            Data ID.
        immediate : `bool`, optional
            Read it now? Else return a `ReadProxy`, which reads it when it is used.
        **rest
            More of the data ID.

        Returns
        -------
        obj : `object`
            The dataset.

        Raises
        ------
        NoResults
            There is no such dataset.
        AttributeError
            The dataset type is not known to a repository that was searched.
        """
        datasetType = self._resolveDatasetTypeAlias(datasetType)
        dataId = _makeDataId(dataId, rest)
        location = self._need("get:", datasetType, dataId)
        self.log.debug("Get type=%s keys=%s from %s", datasetType, dataId, location)

        def read():
            obj = location.bypass if hasattr(location, "bypass") else self._read(location)
            if location.mapper.canStandardize(location.datasetType):
                obj = location.mapper.standardize(location.datasetType, obj, dataId)
            return obj

        return read() if immediate else ReadProxy(read)

    def put(self, obj, datasetType, dataId={}, doBackup=False, **rest):  # noqa: B006
        """Write a dataset.

        Parameters
        ----------
        obj : `object`
            The dataset.
        datasetType : `str`
            Dataset type.
        dataId : `dict` or `DataId`, optional
            Data ID.
        doBackup : `bool`, optional
            Keep an existing file as ``file~N``? Not safe when several processes write the same dataset.
        **rest
            More of the data ID.

        Raises
        ------
        NoResults
            There is nowhere to write it.
        AttributeError
            The dataset type is not known to the output repository.
        """
        datasetType = self._resolveDatasetTypeAlias(datasetType)
        dataId = _makeDataId(dataId, rest)
        for location in self._need("put:", datasetType, dataId, write=True):
            if doBackup:
                location.getRepository().backup(location.datasetType, dataId)
            location.getRepository().write(location, obj)

    def subset(self, datasetType, level=None, dataId={}, **rest):  # noqa: B006
        """Find the data IDs that match a partial one; the data need not exist.

        Parameters
        ----------
        datasetType : `str`
            Dataset type.
        level : `str`, optional
            Level of the data IDs; the mapper's default level if empty or not given.
        dataId : `dict` or `DataId`, optional
            Partial data ID.
        **rest
            More of the data ID.

        Returns
        -------
        subset : `ButlerSubset`
            Collection of data references.

        Raises
        ------
        KeyError
            The dataset type is not known.
        """
        datasetType = self._resolveDatasetTypeAlias(datasetType)
        return ButlerSubset(self, datasetType, "" if level is None else level, _makeDataId(dataId, rest))

    def dataRef(self, datasetType, level=None, dataId={}, **rest):  # noqa: B006
        """Return a reference to a single data ID.

        Parameters
        ----------
        datasetType : `str`
            Dataset type.
        level : `str`, optional
            Level of the data ID; the mapper's default level if empty or not given.
        dataId : `dict` or `DataId`, optional
            Data ID that is complete at that level.
        **rest
            More of the data ID.

        Returns
        -------
        dataRef : `ButlerDataRef`
            Data reference.

        Raises
        ------
        RuntimeError
            No data ID, or more than one, matches.
        """
        subset = self.subset(datasetType, level, dataId, **rest)
        if len(subset) != 1:
            raise RuntimeError(
                f"No unique dataset for: Dataset type:{datasetType} Level:{level} Data ID:{dataId} "
                f"Keywords:{rest}: {len(subset)} matches"
            )
        return ButlerDataRef(subset, subset.cache[0])

    def getUri(self, datasetType, dataId=None, write=False, **rest):
        """Return where a dataset is, for messages.

        Parameters
        ----------
        datasetType : `str`
            Dataset type.
        dataId : `dict` or `DataId`, optional
            Data ID.
        write : `bool`, optional
            Where it would be written?
        **rest
            More of the data ID.

        Returns
        -------
        uri : `str`
            Path, the first one where there are several.

        Raises
        ------
        NoResults
            There is no such dataset, or nowhere to write it.
        """
        datasetType = self._resolveDatasetTypeAlias(datasetType)
        dataId = _makeDataId(dataId, rest)
        if not write:
            return self._need("getUri:", datasetType, dataId).getLocationsWithRoot()[0]
        for location in self._need("getUri(write=True):", datasetType, dataId, write=True):
            return location.getLocationsWithRoot()[0]
        raise NoResults("No locations for getUri(write=True):", datasetType, dataId)

    def _read(self, location):
        self.log.debug("Starting read from %s", location)
        results = location.repository.read(location)
        return results[0] if len(results) == 1 else results

    @staticmethod
    def _tagged(repos, tag):
        tags = setify(tag)
        return [repoData for repoData in repos if not tags or tags & repoData.tags]


def _makeDataId(dataId, rest):
    dataId = DataId(dataId)
    dataId.update(**rest)
    return dataId


def _mapperClass(mapper):
    if isinstance(mapper, str):
        return doImport(mapper)
    return mapper if mapper is None or isinstance(mapper, type) else type(mapper)


def _unreduce(initArgs, datasetTypeAliasDict):
    butler = Butler(**initArgs)
    butler.datasetTypeAliasDict = datasetTypeAliasDict
    return butler
