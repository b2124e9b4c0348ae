# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Collections of data IDs, and references to single ones."""

__all__ = ["ButlerDataRef", "ButlerSubset"]

import copy

from .dataId import DataId


class ButlerSubset:
    """The data IDs that match a partial one; iterating gives a `ButlerDataRef` for each.

    Parameters
    ----------
    butler : `Butler`
        Where to look.
    datasetType : `str`
        Dataset type.
    level : `str` or `None`
        Level of the data IDs; an empty string is the default level.
    dataId : `dict` or `DataId`
        Partial or complete data ID.

    Notes
    -----
    The data themselves need not exist. The attribute ``cache`` is the list of the data IDs.
    """

    GENERATION = 2

    def __init__(self, butler, datasetType, level, dataId):
        self.butler = butler
        self.datasetType = datasetType
        self.level = level
        self.dataId = DataId(dataId)
        self.cache = []
        keys = butler.getKeys(datasetType, level, tag=self.dataId.tag)
        if keys is None:
            return
        keys = list(keys)
        if all(key in self.dataId for key in keys):
            self.cache.append(dataId)
            return
        given = dict(self.dataId)
        values = butler.queryMetadata(datasetType, keys, self.dataId)
        if len(keys) == 1:
            self.cache = [{**given, keys[0]: value} for value in values]
        else:
            self.cache = [{**given, **dict(zip(keys, row))} for row in values]

    def __repr__(self):
        return (
            f"ButlerSubset(butler={self.butler}, datasetType={self.datasetType}, dataId={self.dataId}, "
            f"cache={self.cache}, level={self.level})"
        )

    def __len__(self):
        return len(self.cache)

    def __iter__(self):
        return (ButlerDataRef(self, dataId) for dataId in self.cache)


class ButlerDataRef:
    """A data ID with the butler that knows it; made by `ButlerSubset` or `Butler.dataRef`.

    Parameters
    ----------
    butlerSubset : `ButlerSubset`
        The collection that it belongs to.
    dataId : `dict`
        Data ID.

    Notes
    -----
    Wherever a dataset type is optional, it is that of the subset where not given.
    """

    GENERATION = 2

    def __init__(self, butlerSubset, dataId):
        self.butlerSubset = butlerSubset
        self.dataId = dataId

    def __repr__(self):
        return f"ButlerDataRef(butlerSubset={self.butlerSubset}, dataId={self.dataId})"

    def __getstate__(self):
        # Other processes get one reference each, and need not know all the others.
        subset = copy.copy(self.butlerSubset)
        subset.cache = [self.dataId]
        return {"butlerSubset": subset, "dataId": self.dataId}

    def _type(self, datasetType):
        return self.butlerSubset.datasetType if datasetType is None else datasetType

    def get(self, datasetType=None, **rest):
        """Read a dataset; see `Butler.get`."""
        return self.getButler().get(self._type(datasetType), self.dataId, **rest)

    def put(self, obj, datasetType=None, doBackup=False, **rest):
        """Write a dataset; see `Butler.put`."""
        self.getButler().put(obj, self._type(datasetType), self.dataId, doBackup=doBackup, **rest)

    def getUri(self, datasetType=None, write=False, **rest):
        """Return where a dataset is; see `Butler.getUri`."""
        return self.getButler().getUri(self._type(datasetType), self.dataId, write=write, **rest)

    def datasetExists(self, datasetType=None, write=False, **rest):
        """Tell whether a dataset exists; see `Butler.datasetExists`."""
        return self.getButler().datasetExists(self._type(datasetType), self.dataId, write=write, **rest)

    def subLevels(self):
        """Return the keys below the level of the subset (`set` of `str`)."""
        subset = self.butlerSubset
        allKeys = subset.butler.getKeys(subset.datasetType, tag=subset.dataId.tag)
        return set(allKeys) - set(
            subset.butler.getKeys(subset.datasetType, subset.level, tag=subset.dataId.tag)
        )

    def subItems(self, level=None):
        """Return the data IDs below this one.

        Parameters
        ----------
        level : `str`, optional
            Level to go down to; the mapper's default for the level of the subset if not given.

        Returns
        -------
        subset : `ButlerSubset` or `tuple`
            Data IDs; an empty tuple if there is no lower level.

        Raises
        ------
        RuntimeError
            The repositories have different default levels.
        """
        subset = self.butlerSubset
        if level is None:
            levels = {
                repoData.repo._mapper.getDefaultSubLevel(subset.level)
                for repoData in subset.butler._repos.all()
            }
            if len(levels) > 1:
                raise RuntimeError("Support for multiple levels not implemented.")
            level = levels.pop()
            if level is None:
                return ()
        return subset.butler.subset(subset.datasetType, level, self.dataId)

    def getButler(self):
        """Return the butler."""
        return self.butlerSubset.butler
