# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""What every kind of storage can do."""

__all__ = ["NoRepositroyAtRoot", "StorageInterface"]

from abc import ABC, abstractmethod


class NoRepositroyAtRoot(RuntimeError):
    """There is no repository at a location, and none is to be created. (The spelling is v23's.)"""


class StorageInterface(ABC):
    """A place where datasets are stored.

    Parameters
    ----------
    uri : `str`
        URI or path of the place.
    create : `bool`
        Create it where it does not exist?

    Raises
    ------
    NoRepositroyAtRoot
        The place does not exist, and is not to be created.
    """

    @abstractmethod
    def __init__(self, uri, create):
        raise NotImplementedError()

    @classmethod
    def _formatters(cls, name):
        if name not in cls.__dict__:
            setattr(cls, name, {})
        return cls.__dict__[name]

    @classmethod
    def getReadFormatter(cls, objType):
        """Return the function that reads a kind of object, or `None`.

        Parameters
        ----------
        objType : `type` or `str`
            Class of the object, or name of its storage type.
        """
        return cls._formatters("_readFormatters").get(objType)

    @classmethod
    def getWriteFormatter(cls, objType):
        """Return the function that writes a kind of object, or `None`.

        Parameters
        ----------
        objType : `type` or `str`
            Class of the object, or name of its storage type.
        """
        return cls._formatters("_writeFormatters").get(objType)

    @classmethod
    def registerFormatters(cls, formatable, readFormatter=None, writeFormatter=None):
        """Say how a kind of object is read and written.

        Parameters
        ----------
        formatable : `type` or `str`
            Class of the object, or name of its storage type.
        readFormatter : callable, optional
            Takes a `ButlerLocation`, and returns a list with an object for each of its locations.
        writeFormatter : callable, optional
            Takes a `ButlerLocation` and the object.

        Raises
        ------
        RuntimeError
            The kind of object has a function already.
        """
        for name, formatter in (("_readFormatters", readFormatter), ("_writeFormatters", writeFormatter)):
            formatters = cls._formatters(name)
            if formatter is None:
                continue
            if formatable in formatters:
                raise RuntimeError(
                    f"Registration of second formatter {formatter} for formattable {formatable} in "
                    f"storageInterface {cls}"
                )
            formatters[formatable] = formatter

    @abstractmethod
    def write(self, butlerLocation, obj):
        """Write an object to a `ButlerLocation`."""

    @abstractmethod
    def read(self, butlerLocation):
        """Read a list with the object at each location of a `ButlerLocation`."""

    @abstractmethod
    def exists(self, location):
        """Tell whether there is anything at a `ButlerLocation` or a path."""

    @abstractmethod
    def instanceSearch(self, path):
        """Look for a path relative to the root; see `search`."""

    @classmethod
    @abstractmethod
    def search(cls, root, path):
        """Look for a path under a root.

        Parameters
        ----------
        root : `str`
            Where to look.
        path : `str`
            Path; an HDU in brackets at its end is ignored in the search, but kept in the result.

        Returns
        -------
        found : `list` of `str` or `None`
            What was found.
        """

    @abstractmethod
    def copyFile(self, fromLocation, toLocation):
        """Copy a file; both paths are relative to the root."""

    @abstractmethod
    def locationWithRoot(self, location):
        """Return the full path of a path relative to the root."""

    @classmethod
    @abstractmethod
    def getRepositoryCfg(cls, uri):
        """Read the configuration of the repository at ``uri``; `None` if it has none."""

    @classmethod
    @abstractmethod
    def putRepositoryCfg(cls, cfg, loc=None):
        """Write the configuration of a repository to ``loc``, or to the root that it names."""

    @classmethod
    @abstractmethod
    def getMapperClass(cls, root):
        """Return the mapper of the repository at ``root``; `None` if it does not name one."""

    @classmethod
    def relativePath(cls, fromPath, toPath):
        """Return ``toPath`` relative to ``fromPath`` where that makes sense."""
        return toPath

    @classmethod
    def absolutePath(cls, fromPath, relativePath):
        """Return the absolute form of a path relative to ``fromPath`` where that makes sense."""
        return relativePath
