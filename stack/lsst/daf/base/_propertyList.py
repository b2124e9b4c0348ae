# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""A flat property container with an order and comments: a FITS header."""

__all__ = ["PropertyList"]

from collections.abc import Mapping

from lsst.pex.exceptions import NotFoundError

from ._propertyContainer import getPropertyListState, makePropertyList
from ._propertyItem import PropertyItem
from ._propertySet import PropertySet
from ._propertyTypedAccess import TYPES
from ._propertyTypes import guessIntegerType

_SCALARS = {bool: "Bool", float: "Double", str: "String"}


class PropertyList(PropertySet):
    """A `PropertySet` without hierarchy that keeps the order of its names and a comment for each.

    Notes
    -----
    The methods ``setX``, ``addX``, `set` and `add` take a comment as an optional last argument. Without it
    the comment of an existing item stays. Values of nested sets get dotted names.
    """

    COMMENTSUFFIX = "#COMMENT"
    """Suffix of a name in ``container[name] = text`` that sets the comment and not the value."""

    def __init__(self):
        super().__init__(True)
        # in the order of the names
        self._comments = {}

    def getComment(self, name):
        """Return the comment of an item (`str`), empty if it has none.

        Raises
        ------
        lsst.pex.exceptions.NotFoundError
            Raised if there is no such item.
        """
        try:
            return self._comments[name]
        except KeyError:
            raise NotFoundError(f"{name} not found") from None

    def getOrderedNames(self):
        """Return the names in the order in which they were first set (`list` of `str`)."""
        return list(self._comments)

    def _names(self, topLevelOnly, accept):
        return [name for name in self._comments if accept(self._map[name])]

    def _setItem(self, name, item):
        super()._setItem(name, item)
        if name in self._map:
            self._comments.setdefault(name, "")

    def _flatten(self, name, nested):
        super()._flatten(name, nested)
        if isinstance(nested, PropertyList):
            for nestedName in nested:
                self._comments[f"{name}.{nestedName}"] = nested._comments[nestedName]

    def _setComment(self, name, comment):
        if comment is not None and name in self._comments:
            if not isinstance(comment, str):
                raise TypeError(f"The comment of {name} must be a string, not {comment!r}")
            self._comments[name] = comment

    def set(self, name, value, comment=None):
        """Replace an item, as `PropertySet.set` does.

        Parameters
        ----------
        name : `str`
            Name of the item.
        value : any supported type, or a sequence of them
            Its new value.
        comment : `str`, optional
            Its new comment.
        """
        super().set(name, value)
        self._setComment(name, comment)

    def add(self, name, value, comment=None):
        """Append values to an item, as `PropertySet.add` does.

        Parameters
        ----------
        name : `str`
            Name of the item.
        value : any supported type, or a sequence of them
            What to append.
        comment : `str`, optional
            Its new comment.
        """
        super().add(name, value)
        self._setComment(name, comment)

    def addNew(self, name, value, comment):
        """Set an item that there is not yet to a bool, int, float or str, without the checks of `add`.

        It takes a fifth of the time, which shows where thousands of headers are read.
        """
        suffix = _SCALARS.get(type(value)) or guessIntegerType(None, value, value)
        self._map[name] = PropertyItem(suffix, [value])
        self._comments[name] = comment

    def setComment(self, name, comment):
        """Replace the comment of an item.

        Raises
        ------
        KeyError
            Raised if there is no such item.
        """
        if name not in self._comments:
            raise KeyError(f"{name} not found")
        self._setComment(name, comment)

    def copy(self, dest, source, name, asScalar=False):
        """Replace an item by one of another container and its comment, as `PropertySet.copy` does."""
        super().copy(dest, source, name, asScalar)
        if isinstance(source, PropertyList):
            self._setComment(dest, source._comments[name])

    def combine(self, source):
        """Add all items and comments of another container, as `PropertySet.combine` does."""
        super().combine(source)
        if isinstance(source, PropertyList):
            self._comments.update(source._comments)

    def remove(self, name):
        """Remove an item, if it exists."""
        super().remove(name)
        self._comments.pop(name, None)

    def deepCopy(self):
        """Return a copy that shares nothing with this container."""
        result = PropertyList()
        result._map = {name: item.copy() for name, item in self._map.items()}
        result._comments = dict(self._comments)
        return result

    def toString(self, topLevelOnly=False, indent=""):
        """Return a listing of all items and comments in order (`str`)."""
        lines = []
        for name, comment in self._comments.items():
            lines.append(self._format(name))
            if comment:
                lines.append(f"// {comment}\n")
        return "".join(lines)

    def toList(self):
        """Return the name, value and comment of every value in order (`list` of `tuple`)."""
        return [
            (name, value, comment)
            for name, comment in self._comments.items()
            for value in self._map[name].values
        ]

    def toOrderedDict(self):
        """Return the items in order as a `dict`; those with many values become lists."""
        return {name: self._map[name].auto() for name in self._comments}

    toDict = toOrderedDict

    def __eq__(self, other):
        equal = super().__eq__(other)
        return equal if equal is not True else self._comments == other._comments

    def __iter__(self):
        return iter(list(self._comments))

    def __setitem__(self, name, value):
        if name.endswith(self.COMMENTSUFFIX):
            self.setComment(name[: -len(self.COMMENTSUFFIX)], value)
        elif isinstance(value, Mapping):
            super().__setitem__(name, value)
        else:
            self.set(name, value)

    def __reduce__(self):
        return (makePropertyList, (PropertyList, getPropertyListState(self)))


def _makeAccessors(suffix):
    def setter(self, name, value, comment=None):
        self._setAs(suffix, name, value)
        self._setComment(name, comment)

    def adder(self, name, value, comment=None):
        self._addAs(suffix, name, value)
        self._setComment(name, comment)

    setter.__doc__ = f"Replace an item by one or a list of values of type {suffix}, and maybe its comment."
    adder.__doc__ = f"Append one or a list of values of type {suffix} to an item, and maybe set its comment."
    for prefix, method in (("set", setter), ("add", adder)):
        method.__name__ = prefix + suffix
        method.__qualname__ = f"PropertyList.{prefix}{suffix}"
        setattr(PropertyList, prefix + suffix, method)


for _suffix in TYPES:
    _makeAccessors(_suffix)
