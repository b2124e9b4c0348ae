# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Repositories, and what a user says about them."""

__all__ = ["Repository", "RepositoryArgs"]

import inspect
import os
from collections.abc import Mapping

from lsst.pex.exceptions._printable import printable

from ._mapperClass import findMapperClass
from .butlerExceptions import NoMapperException
from .policy import Policy
from .storage import Storage
from .utils import setify


class RepositoryArgs:
    """Which repository is meant, and how it is to be used.

    Parameters
    ----------
    cfgRoot : `str` or `dict`, optional
        Where the repository's configuration is, if not at ``root``. A dict is a set of these arguments.
    root : `str`, optional
        Root of the repository.
    mapper : `type` or `str`, optional
        Mapper class, or its name.
    mapperArgs : `dict`, optional
        Arguments for the mapper.
    tags : any, or list of any, optional
        Names for the repository by which a `DataId` can choose it.
    mode : `str`, optional
        "r", "w" or "rw"; inputs are "r", outputs "w", if not given.
    policy : `dict`, optional
        What goes before the mapper's own policy.
    """

    def __init__(self, cfgRoot=None, root=None, mapper=None, mapperArgs=None, tags=None, mode=None,
                 policy=None):
        if isinstance(cfgRoot, Mapping):
            self.__init__(**cfgRoot)
            return
        self._root = _absolute(root)
        self._cfgRoot = _absolute(cfgRoot)
        self._mapper = mapper
        self.mapperArgs = mapperArgs
        self.tags = setify(tags)
        self.mode = mode
        self.policy = None if policy is None else Policy(policy)

    def __repr__(self):
        return (
            f"RepositoryArgs(root={self.root!r}, cfgRoot={self._cfgRoot!r}, mapper={self._mapper!r}, "
            f"mapperArgs={self.mapperArgs!r}, tags={self.tags}, mode={self.mode!r}, policy={self.policy})"
        )

    @property
    def mapper(self):
        """Mapper class, or its name; set it to `None` before changing it."""
        return self._mapper

    @mapper.setter
    def mapper(self, mapper):
        if mapper is not None and self._mapper:
            raise RuntimeError("Explicitly clear mapper (set to None) before changing its value.")
        self._mapper = mapper

    @property
    def cfgRoot(self):
        """Where the repository's configuration is (`str`)."""
        return self._root if self._cfgRoot is None else self._cfgRoot

    @property
    def root(self):
        """Root of the repository (`str`)."""
        return self._cfgRoot if self._root is None else self._root

    def tag(self, tag):
        """Add a tag, or a container of tags."""
        self.tags |= setify(tag)


class Repository:
    """A storage with the mapper that knows what is where.

    Parameters
    ----------
    repoData : `RepoData`
        What the butler knows about the repository. A new configuration is written.

    Raises
    ------
    RuntimeError
        A repository to read from does not exist, or its mapper cannot be used.
    """

    def __init__(self, repoData):
        cfg = repoData.cfg
        self._root = cfg.root
        self._storage = Storage.makeFromURI(cfg.root, create=repoData.role == "output")
        if self._storage is None:
            where = printable(cfg.root)
            raise RuntimeError(f"No repository at {where}, which is an input or a parent of one")
        if cfg.dirty and not repoData.isV1Repository and repoData.cfgOrigin != "nested":
            self._storage.putRepositoryCfg(cfg, repoData.cfgRoot)
        self._mapper = self._makeMapper(cfg, repoData.parentRegistry)

    @staticmethod
    def _makeMapper(cfg, parentRegistry):
        mapper = cfg.mapper
        if isinstance(mapper, str):
            mapper = findMapperClass(mapper, f"the repository {cfg.root}")
        if not inspect.isclass(mapper):
            return mapper
        mapperArgs = {"root": cfg.root, **(cfg.mapperArgs or {})}
        if mapperArgs["root"] != cfg.root:
            another = mapperArgs["root"]
            raise RuntimeError(f"Refused the mapperArgs of {cfg.root!r}: another root, {another!r}")
        try:
            return mapper(parentRegistry=parentRegistry, repositoryCfg=cfg, **mapperArgs)
        except (TypeError, AttributeError, ValueError, LookupError) as error:
            raise RuntimeError(
                f"Cannot make the mapper {mapper.__name__} of the repository {printable(cfg.root)}: "
                f"{printable(str(error))}") from error

    def write(self, butlerLocation, obj):
        """Write an object to a `ButlerLocation`."""
        (butlerLocation.getStorage() or self._storage).write(butlerLocation, obj)

    def read(self, butlerLocation):
        """Read a list with the object at each location of a `ButlerLocation`."""
        return (butlerLocation.getStorage() or self._storage).read(butlerLocation)

    def exists(self, location):
        """Tell whether there is anything at a `ButlerLocation`."""
        return (location.getStorage() or self._storage).exists(location)

    def mappers(self):
        """Return a tuple with the mapper."""
        return (self._mapper,)

    def getRegistry(self):
        """Return the registry of the mapper; `None` if it has none."""
        return None if self._mapper is None else self._mapper.getRegistry()

    def getKeys(self, *args, **kwargs):
        """Return the keys of data IDs and their types; see `Butler.getKeys`."""
        return None if self._mapper is None else self._mapper.getKeys(*args, **kwargs)

    def map(self, *args, **kwargs):
        """Find the location of a dataset; see `Mapper.map`.

        Raises
        ------
        NoMapperException
            The repository has no mapper.
        """
        if self._mapper is None:
            raise NoMapperException(
                f"No mapper assigned to Repository {self._root}: it has neither a repositoryCfg.yaml nor a "
                "_mapper file that names one"
            )
        location = self._mapper.map(*args, **kwargs)
        if not location:
            return None
        location.setRepository(self)
        return location

    def queryMetadata(self, *args, **kwargs):
        """Return the values that keys can have; see `Mapper.queryMetadata`."""
        return None if self._mapper is None else self._mapper.queryMetadata(*args, **kwargs)

    def backup(self, *args, **kwargs):
        """Rename the file of a dataset; see `Mapper.backup`."""
        if self._mapper is not None:
            self._mapper.backup(*args, **kwargs)

    def getMapperDefaultLevel(self):
        """Return the default level of the mapper."""
        return None if self._mapper is None else self._mapper.getDefaultLevel()


def _absolute(uri):
    return Storage.absolutePath(os.getcwd(), uri.rstrip(os.sep) or os.sep) if uri else uri
