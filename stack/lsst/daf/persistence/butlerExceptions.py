# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""What the butler raises."""

__all__ = ["NoMapperException", "NoResults", "ParentsMismatch"]

from lsst.pex.exceptions._printable import printable


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
        # The message has paths, made of what registries hold.
        self.reason = printable(message)
        super().__init__(f"{self.reason} datasetType:{datasetType} dataId:{dataId}")


class ParentsMismatch(RuntimeError):
    """The parents of a repository are not those that its stored configuration names."""
