# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Data IDs with tags."""

__all__ = ["DataId"]

from collections import UserDict

from .utils import setify


class DataId(UserDict):
    """Key-value pairs that say which dataset is meant.

    Parameters
    ----------
    initialdata : `dict` or `DataId`, optional
        Keys and values; the tags of a `DataId` are copied too.
    tag : any, or container of any, optional
        Only repositories with one of these tags are searched.
    **kwargs
        More keys and values.
    """

    def __init__(self, initialdata=None, tag=None, **kwargs):
        self.data = dict(getattr(initialdata, "data", initialdata) or ())
        self.data.update(kwargs)
        self.tag = set(getattr(initialdata, "tag", ())) | setify(tag)

    def copy(self):
        """Return a copy with its own keys and tags."""
        return DataId(self)

    def __repr__(self):
        return f"DataId(initialdata={self.data!r}, tag={self.tag})"
