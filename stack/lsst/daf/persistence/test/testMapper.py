# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Mappers for tests."""

__all__ = ["EmptyTestMapper", "MapperForTestWriting"]

import os

from .. import ButlerLocation, Mapper, Storage
from .testObject import TestObject


class EmptyTestMapper(Mapper):
    """A mapper that knows no datasets.

    Parameters
    ----------
    root : `str`, optional
        Root of the repository.
    parentRegistry : `Registry`, optional
        Ignored.
    repositoryCfg : `RepositoryCfg`, optional
        Ignored.
    **kwargs
        Kept in the attribute of that name.
    """

    def __init__(self, root=None, parentRegistry=None, repositoryCfg=None, **kwargs):
        self.root = root
        self.kwargs = kwargs


class MapperForTestWriting(Mapper):
    """A mapper for one dataset type, ``foo``, a pickled `TestObject` with any data ID.

    Parameters
    ----------
    root : `str`
        Root of the repository.
    **kwargs
        Ignored.
    """

    def __init__(self, root, **kwargs):
        self.root = root
        self.storage = Storage.makeFromURI(root)

    def map_foo(self, dataId, write):
        """Return the location of ``foo``; `None` if it does not exist and is not to be written."""
        name = "filename" + "".join(f"_{key}{value}" for key, value in sorted(dataId.items())) + ".txt"
        path = os.path.join(self.root, name)
        if not write and not os.path.exists(path):
            return None
        return ButlerLocation(TestObject, None, "PickleStorage", path, dataId, self, self.storage)
