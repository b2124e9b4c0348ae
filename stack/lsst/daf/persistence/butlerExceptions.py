# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""What the butler raises."""

__all__ = ["MultipleResults", "NoMapperException", "NoResults", "ParentsMismatch"]


class NoMapperException(RuntimeError):
    """A repository has no usable mapper."""


class NoResults(RuntimeError):
    """No dataset, or no unique one, belongs to a data ID.

    Parameters
    ----------
    message : `str`
        What was looked for; kept in the attribute ``reason``.
    datasetType : `str`
        Dataset type.
    dataId : `dict` or `lsst.daf.persistence.DataId`
        Data ID.
    """

    def __init__(self, message, datasetType, dataId):
        super().__init__(f"{message} datasetType:{datasetType} dataId:{dataId}")
        self.reason = message


class MultipleResults(RuntimeError):
    """More than one location belongs to a data ID that should have one.

    Parameters
    ----------
    message : `str`
        What was looked for.
    datasetType : `str`
        Dataset type.
    dataId : `dict` or `lsst.daf.persistence.DataId`
        Data ID.
    locations : iterable
        The locations; kept in the attribute of that name.
    """

    def __init__(self, message, datasetType, dataId, locations):
        found = "".join(f" {location}" for location in locations)
        super().__init__(f"{message} datasetType:{datasetType} dataId:{dataId} locations:{found}")
        self.locations = locations


class ParentsMismatch(RuntimeError):
    """The parents of a repository are not those that its stored configuration names."""
