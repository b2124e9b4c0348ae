# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Storages by the scheme of their URI."""

__all__ = ["Storage"]

import urllib.parse

from .storageInterface import NoRepositroyAtRoot


class Storage:
    """Finds the class for a URI, and passes on what is asked of it.

    Remembers the repository configurations that it has read in the attribute ``repositoryCfgs``.
    """

    storages = {}

    def __init__(self):
        self.repositoryCfgs = {}

    @staticmethod
    def registerStorageClass(scheme, cls):
        """Set the class for a scheme.

        Parameters
        ----------
        scheme : `str`
            Scheme, such as "file"; an empty string is for plain paths.
        cls : `type`
            Subclass of `StorageInterface`.

        Raises
        ------
        RuntimeError
            The scheme has a class already.
        """
        if scheme in Storage.storages:
            raise RuntimeError(f"Scheme '{scheme}' already registered:{Storage.storages[scheme]}")
        Storage.storages[scheme] = cls

    def getRepositoryCfg(self, uri):
        """Read the configuration of a repository.

        Parameters
        ----------
        uri : `str`
            Where the configuration is.

        Returns
        -------
        cfg : `RepositoryCfg` or `None`
            The configuration, if there is one.

        Raises
        ------
        RuntimeError
            There is no storage for the scheme, or the configuration cannot be used.
        """
        cfg = self.repositoryCfgs.get(uri)
        if cfg is None:
            cfg = _require(uri).getRepositoryCfg(uri)
            if cfg is not None:
                self.repositoryCfgs[uri] = cfg
        return cfg

    @staticmethod
    def putRepositoryCfg(cfg, uri):
        """Write the configuration of a repository.

        Parameters
        ----------
        cfg : `RepositoryCfg`
            The configuration.
        uri : `str`
            Where to.

        Raises
        ------
        RuntimeError
            There is no storage for the scheme, or another configuration is there.
        """
        return _require(uri).putRepositoryCfg(cfg, uri)

    @staticmethod
    def getMapperClass(uri):
        """Return the mapper of the repository at ``uri``; `None` if it does not name one."""
        return _require(uri).getMapperClass(uri)

    @staticmethod
    def makeFromURI(uri, create=True):
        """Make a storage.

        Parameters
        ----------
        uri : `str`
            Where the storage is.
        create : `bool`, optional
            Create it where it does not exist?

        Returns
        -------
        storage : `StorageInterface` or `None`
            `None` if it does not exist, and is not to be created.

        Raises
        ------
        RuntimeError
            There is no storage for the scheme.
        """
        try:
            return _require(uri)(uri=uri, create=create)
        except NoRepositroyAtRoot:
            return None

    @staticmethod
    def isPosix(uri):
        """Tell whether ``uri`` is on the local file system."""
        return _scheme(uri) in ("file", "")

    @staticmethod
    def relativePath(fromUri, toUri):
        """Return ``toUri`` relative to ``fromUri``, or unchanged if they have nothing in common."""
        storage = _shared(fromUri, toUri)
        return storage.relativePath(fromUri, toUri) if storage else toUri

    @staticmethod
    def absolutePath(fromUri, toUri):
        """Return the absolute form of ``toUri``, or ``toUri`` if it has nothing to do with ``fromUri``."""
        storage = _shared(fromUri, toUri)
        return storage.absolutePath(fromUri, toUri) if storage else toUri

    @staticmethod
    def search(uri, path):
        """Look for a path in the storage at ``uri``; see `StorageInterface.search`."""
        storage = Storage.storages.get(_scheme(uri))
        return storage.search(uri, path) if storage else None

    @staticmethod
    def storageExists(uri):
        """Tell whether there is a storage at ``uri``; `None` if there is none for its scheme."""
        storage = Storage.storages.get(_scheme(uri))
        return storage.storageExists(uri) if storage else None


def _scheme(uri):
    return urllib.parse.urlparse(uri).scheme


def _require(uri):
    scheme = _scheme(uri)
    if scheme not in Storage.storages:
        raise RuntimeError(f"No storage registered for scheme {scheme} of {uri}")
    return Storage.storages[scheme]


def _shared(fromUri, toUri):
    scheme = _scheme(fromUri)
    return Storage.storages.get(scheme) if scheme == _scheme(toUri) else None
