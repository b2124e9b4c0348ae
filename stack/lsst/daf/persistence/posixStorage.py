# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Repositories on the local file system."""

__all__ = ["PosixStorage"]

import glob
import logging
import os
import shutil
import tempfile
import urllib.parse

from ._loadYaml import readText
from ._locationPaths import fillIn, findPaths, requireInside, requireNotLinkedOut
from ._mapperClass import findMapperClass
from .butlerLocation import ButlerLocation
from .repositoryCfg import RepositoryCfg
from .safeFileIo import safeMakeDir
from .storage import Storage
from .storageInterface import NoRepositroyAtRoot, StorageInterface

CFG_NAME = "repositoryCfg.yaml"


class PosixStorage(StorageInterface):
    """A directory of the local file system.

    Parameters
    ----------
    uri : `str`
        URI or path of the directory.
    create : `bool`
        Create it where it does not exist?

    Raises
    ------
    NoRepositroyAtRoot
        It does not exist, and is not to be created.
    """

    def __init__(self, uri, create):
        self.log = logging.getLogger("daf.persistence.butler")
        self.root = self._pathFromURI(uri)
        if self.root and not os.path.exists(self.root):
            if not create:
                raise NoRepositroyAtRoot(f"No repository at {uri}")
            safeMakeDir(self.root)

    def __repr__(self):
        return f"PosixStorage(root={self.root})"

    @staticmethod
    def _pathFromURI(uri):
        return urllib.parse.urlparse(uri).path

    @staticmethod
    def relativePath(fromPath, toPath):
        """Return ``toPath`` relative to ``fromPath``."""
        return os.path.relpath(toPath, os.path.realpath(fromPath))

    @staticmethod
    def absolutePath(fromPath, relativePath):
        """Return the absolute form of a path relative to ``fromPath``."""
        if os.path.isabs(relativePath):
            return relativePath
        return os.path.normpath(os.path.join(os.path.realpath(fromPath), relativePath))

    @staticmethod
    def getRepositoryCfg(uri):
        """Read the configuration of the repository at ``uri``.

        Parameters
        ----------
        uri : `str`
            Root of the repository.

        Returns
        -------
        cfg : `RepositoryCfg` or `None`
            The configuration, if there is one.

        Raises
        ------
        RuntimeError
            The configuration cannot be used.
        """
        storage = Storage.makeFromURI(uri, create=False)
        return None if storage is None else storage.read(_cfgLocation(storage))

    @staticmethod
    def putRepositoryCfg(cfg, loc=None):
        """Write the configuration of a repository.

        Parameters
        ----------
        cfg : `RepositoryCfg`
            The configuration. The file does not have the root if that is where it goes.
        loc : `str`, optional
            Where to; the root that the configuration names if not given.

        Raises
        ------
        RuntimeError
            Another configuration is there that this one does not extend.
        """
        storage = Storage.makeFromURI(cfg.root if loc is None else loc, create=True)
        storage.write(_cfgLocation(storage), cfg)

    @staticmethod
    def getMapperClass(root):
        """Return the mapper of a repository.

        Parameters
        ----------
        root : `str`
            Root of the repository.

        Returns
        -------
        mapper : `type` or `str` or `None`
            What the configuration has; without one, the class that ``_mapper`` names, there or along
            ``_parent`` links; `None` if there is neither.

        Raises
        ------
        RuntimeError
            The mapper is not one that may be used.
        """
        if not root:
            return None
        cfg = PosixStorage.getRepositoryCfg(root)
        if cfg is not None:
            return cfg.mapper
        path = PosixStorage._pathFromURI(root)
        while not os.path.exists(os.path.join(path, "_mapper")):
            path = os.path.join(path, "_parent")
            if not os.path.exists(path):
                return None
        mapperFile = os.path.join(path, "_mapper")
        name = readText(mapperFile).partition("\n")[0].strip()
        return findMapperClass(name, mapperFile)

    @staticmethod
    def getParentSymlinkPath(root):
        """Return where the ``_parent`` link of an old repository leads, if it has one.

        Parameters
        ----------
        root : `str`
            Root of the repository.

        Returns
        -------
        path : `str` or `None`
            Path of the parent.
        """
        link = os.path.join(root, "_parent")
        if not os.path.exists(link):
            return None
        return os.readlink(link) if os.path.islink(link) else link

    @staticmethod
    def v1RepoExists(root):
        """Tell whether there is a repository of the time before ``repositoryCfg.yaml``.

        Parameters
        ----------
        root : `str`
            Root of the repository.

        Returns
        -------
        exists : `bool`
            Is there a registry, a ``_mapper`` file or a ``_parent`` link?
        """
        names = ("registry.sqlite3", "_mapper", "_parent")
        return any(os.path.exists(os.path.join(root, name)) for name in names)

    def write(self, butlerLocation, obj):
        """Write an object.

        Parameters
        ----------
        butlerLocation : `ButlerLocation`
            Where and how.
        obj : `object`
            The object.

        Raises
        ------
        RuntimeError
            The storage type is not supported, or the path leaves the root.
        """
        self.log.debug("Put location=%s obj=%s", butlerLocation, obj)
        for path in findPaths(butlerLocation):
            requireNotLinkedOut(path, self.root)
        self._findFormatter(self.getWriteFormatter, butlerLocation)(butlerLocation, obj)

    def read(self, butlerLocation):
        """Read objects.

        Parameters
        ----------
        butlerLocation : `ButlerLocation`
            Where and how.

        Returns
        -------
        objects : `list`
            The object at each location.

        Raises
        ------
        RuntimeError
            The storage type is not supported.
        """
        return self._findFormatter(self.getReadFormatter, butlerLocation)(butlerLocation)

    @staticmethod
    def _findFormatter(find, location):
        formatter = find(location.getStorageName()) or find(location.getPythonType())
        if formatter is not None:
            return formatter
        reason = ""
        if location.getStorageName() == "PickleStorage":
            reason = ". PickleStorage is refused: to read a pickle is to run what it contains"
        raise RuntimeError(f"No formatter for location:{location!r}{reason}")

    def butlerLocationExists(self, location):
        """Tell whether there is a file at any path of a `ButlerLocation`."""
        name = location.getStorageName()
        if name != "PickleStorage" and self.getReadFormatter(name) is None:
            self.log.warning("butlerLocationExists for non-supported storage %s", location)
            return False
        return any(self.instanceSearch(fillIn(path, location)) for path in location.getLocations())

    def exists(self, location):
        """Tell whether there is a file.

        Parameters
        ----------
        location : `ButlerLocation` or `str`
            Location, or path relative to the root.
        """
        if isinstance(location, ButlerLocation):
            return self.butlerLocationExists(location)
        return bool(self.instanceSearch(location))

    def locationWithRoot(self, location):
        """Return the full path of a path relative to the root."""
        return os.path.join(self.root, requireInside(location, self.root))

    def copyFile(self, fromLocation, toLocation):
        """Copy a file, or make the same symbolic link; both paths are relative to the root."""
        source, target = self.locationWithRoot(fromLocation), self.locationWithRoot(toLocation)
        requireNotLinkedOut(target, self.root)
        # The name may be that of a link, which to open is to write elsewhere.
        with tempfile.TemporaryDirectory(dir=os.path.dirname(target), prefix=".copy-") as scratch:
            copy = shutil.copy(source, os.path.join(scratch, "file"), follow_symlinks=False)
            os.replace(copy, target)

    def instanceSearch(self, path):
        """Look for a path relative to the root; see `search`."""
        return self.search(self.root, requireInside(path, self.root))

    @staticmethod
    def search(root, path, searchParents=False):
        """Look for files under a directory.

        Parameters
        ----------
        root : `str`
            Directory.
        path : `str`
            Path, relative or not, or pattern. An HDU in brackets at its end is ignored in the search, but
            kept in the result.
        searchParents : `bool`, optional
            Follow ``_parent`` links as long as nothing is found?

        Returns
        -------
        found : `list` of `str` or `None`
            Paths that were found: relative to ``root``, unless ``path`` began with ``root``.
        """
        rootDir = root.rstrip("/") or root[:1]
        path, withRoot = _splitRoot(rootDir, path)
        path, bracket, hdu = path.partition("[")
        directory = rootDir
        while True:
            found = _glob(os.path.join(directory, path))
            if found:
                start = 0 if withRoot else len(rootDir) + 1
                return [name[start:] + bracket + hdu for name in found]
            directory = os.path.join(directory, "_parent")
            if not searchParents or not os.path.exists(directory):
                return None

    @staticmethod
    def storageExists(uri):
        """Tell whether the directory exists."""
        return os.path.exists(PosixStorage._pathFromURI(uri))


def _cfgLocation(storage):
    return ButlerLocation(
        pythonType=RepositoryCfg,
        cppType=None,
        storageName=None,
        locationList=CFG_NAME,
        dataId={},
        mapper=None,
        storage=storage,
    )


def _glob(path):
    # Most paths are of one file, whose directory may well have characters that glob would interpret.
    if os.path.lexists(path):
        return [path]
    return glob.glob(path) if glob.has_magic(path) else []


def _splitRoot(rootDir, path):
    """Return a path relative to the root, and whether it began with the root as it is written."""
    if not path.startswith("/"):
        return path, False
    if rootDir != "/" and path.startswith(rootDir + "/"):
        return path[len(rootDir) + 1 :], True
    prefix = os.path.dirname(path)
    while prefix != "/" and os.path.realpath(prefix) != os.path.realpath(rootDir):
        prefix = os.path.dirname(prefix)
    return path[len(prefix.rstrip("/")) + 1 :], False


Storage.registerStorageClass(scheme="", cls=PosixStorage)
Storage.registerStorageClass(scheme="file", cls=PosixStorage)
