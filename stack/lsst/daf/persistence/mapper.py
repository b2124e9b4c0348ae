# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""The base class of mappers."""

__all__ = ["Mapper"]


class Mapper:
    """Says where the datasets of a repository are.

    Subclasses have for each dataset type a method ``map_<type>(dataId, write)``, which returns a
    `ButlerLocation` or `None`, and may have ``query_<type>(format, dataId)``, which returns the values that
    the keys in ``format`` can have, ``std_<type>(item, dataId)``, which brings what was read into a standard
    form, and ``bypass_<type>(datasetType, pythonType, location, dataId)``, which returns the dataset itself.

    A mapper is pickled as the arguments it was made with.
    """

    def __new__(cls, *args, **kwargs):
        self = super().__new__(cls)
        self._arguments = (args, kwargs)
        return self

    def __init__(self, **kwargs):
        pass

    def __getstate__(self):
        return self._arguments

    def __setstate__(self, state):
        self._arguments = state
        args, kwargs = state
        self.__init__(*args, **kwargs)

    def keys(self):
        """Return the keys that data IDs can have."""
        raise NotImplementedError("keys() unimplemented")

    def queryMetadata(self, datasetType, format, dataId):
        """Return the values that keys can have.

        Parameters
        ----------
        datasetType : `str`
            Dataset type.
        format : sequence of `str`
            Keys.
        dataId : `dict` or `DataId`
            Partial data ID.

        Returns
        -------
        values : iterable of `tuple`
            Values of the keys.

        Raises
        ------
        AttributeError
            The dataset type is not known.
        """
        return self._method("query", datasetType)(format, self.validate(dataId))

    def getDatasetTypes(self):
        """Return the dataset types that the mapper knows (`list` of `str`)."""
        return [name[4:] for name in dir(self) if name.startswith("map_")]

    def map(self, datasetType, dataId, write=False):
        """Find the location of a dataset.

        Parameters
        ----------
        datasetType : `str`
            Dataset type.
        dataId : `dict` or `DataId`
            Data ID.
        write : `bool`, optional
            Is it to be written?

        Returns
        -------
        location : `ButlerLocation`, list of these, or `None`
            Location, or locations to write to.

        Raises
        ------
        AttributeError
            The dataset type is not known.
        NoResults
            Subclasses may raise this if the data ID has no location.
        """
        return self._method("map", datasetType)(self.validate(dataId), write)

    def _method(self, verb, datasetType):
        name = f"{verb}_{datasetType}"
        method = getattr(self, name, None)
        if method is None:
            root = getattr(self, "root", self._arguments[1].get("root", "the repository"))
            raise AttributeError(
                f"{type(self).__name__!r} object has no attribute {name!r}: dataset type {datasetType!r} is "
                f"not known to the mapper of {root}"
            )
        return method

    def canStandardize(self, datasetType):
        """Tell whether datasets of a type are brought into a standard form."""
        return hasattr(self, "std_" + datasetType)

    def standardize(self, datasetType, item, dataId):
        """Bring what was read into a standard form, where the dataset type has one.

        Parameters
        ----------
        datasetType : `str`
            Dataset type.
        item : `object`
            What was read.
        dataId : `dict` or `DataId`
            Data ID.

        Returns
        -------
        item : `object`
            The same, or what it was made into.
        """
        if not self.canStandardize(datasetType):
            return item
        return getattr(self, "std_" + datasetType)(item, self.validate(dataId))

    def validate(self, dataId):
        """Return a data ID whose values are right, or raise.

        Parameters
        ----------
        dataId : `dict` or `DataId`
            Data ID; it is not changed.

        Returns
        -------
        dataId : `dict` or `DataId`
            The same, or a copy with other values.
        """
        return dataId

    def backup(self, datasetType, dataId):
        """Rename the file of a dataset, if there is one."""
        raise NotImplementedError("Base-class Mapper does not implement backups")

    def getRegistry(self):
        """Return the registry of the repository, if it has one."""
        return None
