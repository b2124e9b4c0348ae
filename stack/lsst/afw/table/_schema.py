# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Schemas: the fields that the records of a table have."""

__all__ = ["Schema", "SubSchema"]

import fnmatch
import re

import lsst.pex.exceptions as pexExceptions

from ._aliasMap import AliasMap
from ._field import Field, checkUnits
from ._formatRegistry import fileFormats
from ._schemaLayout import SchemaLayout

_DELIMITER = "_"


def _topNames(names, topOnly):
    return {name.split(_DELIMITER, 1)[0] for name in names} if topOnly else set(names)


class Schema:
    """An ordered set of fields with aliases.

    Parameters
    ----------
    other : `Schema`, optional
        Schema to copy; the copy shares its aliases until `disconnectAliases` is called.
    """

    EQUAL_KEYS = 0x01
    EQUAL_NAMES = 0x02
    EQUAL_DOCS = 0x04
    EQUAL_UNITS = 0x08
    EQUAL_FIELDS = 0x0F
    EQUAL_ALIASES = 0x10
    IDENTICAL = 0x1F

    VERSION = 3

    __slots__ = ("_layout", "_owned", "_aliases", "__weakref__")

    def __init__(self, other=None):
        if other is None:
            self._layout = SchemaLayout()
            self._owned = True
            self._aliases = AliasMap()
        else:
            self._layout = other._layout
            self._owned = other._owned = False
            self._aliases = other._aliases

    def _edit(self):
        """Return a layout that no other schema uses."""
        if not self._owned:
            self._layout = self._layout.copy()
            self._owned = True
        return self._layout

    def _addField(self, field, doReplace=False):
        return self._edit().addField(field, doReplace)

    def addField(self, field, type=None, doc="", units="", size=None, doReplace=False, parse_strict="raise"):
        """Add a field.

        Parameters
        ----------
        field : `str` or `Field`
            Name, or a whole field, in which case the other arguments except ``doReplace`` are ignored.
        type : `str` or `type`, optional
            Type of the field, a key of `Field`.
        doc : `str`, optional
            Documentation.
        units : `str`, optional
            Units.
        size : `int`, optional
            Size of strings and arrays.
        doReplace : `bool`, optional
            Replace documentation and units of a field of the same name, type and size.
        parse_strict : `str`, optional
            What to do with units Astropy does not know: "raise", "warn" or "silent".

        Returns
        -------
        key : `Key`
            Key of the field.

        Raises
        ------
        lsst.pex.exceptions.InvalidParameterError
            Raised if there is a field of this name and ``doReplace`` is false.
        lsst.pex.exceptions.TypeError
            Raised if the field to be replaced has another type or size.
        """
        if isinstance(field, str):
            field = Field[type](field, doc=doc, units=units, size=size, parse_strict=parse_strict)
        return field._addTo(self, doReplace)

    def _replaceField(self, key, field):
        self._edit().replaceField(key, field)

    def _findName(self, name):
        return self._layout.findName(self._aliases.apply(name))

    def _findKey(self, key):
        return self._layout.findKey(key)

    def find(self, key):
        """Return the key and field of a name (aliases included) or of a key.

        Raises
        ------
        KeyError
            Raised if there is none.
        """
        try:
            if isinstance(key, bytes):
                key = key.decode()
            return self._findName(key) if isinstance(key, str) else key._findIn(self)
        except pexExceptions.NotFoundError as err:
            raise KeyError(str(err)) from None

    def __contains__(self, key):
        try:
            self.find(key)
        except Exception:
            return False
        return True

    def __getitem__(self, name):
        return SubSchema(self._layout, self._aliases, name)

    def __iter__(self):
        return iter(list(self._layout.items))

    def forEach(self, function):
        """Call a function with every item in order."""
        for item in list(self._layout.items):
            function(item)

    def getOrderedNames(self):
        """Return the names of the fields in order."""
        return [item.field.getName() for item in self._layout.items]

    def getNames(self, topOnly=False):
        """Return the set of field names, or of their first words."""
        return _topNames(self._layout.names, topOnly)

    def getRecordSize(self):
        """Return the size of a record of the real stack in bytes."""
        return self._layout.recordSize

    def getFieldCount(self):
        """Return the number of fields."""
        return len(self._layout.items)

    def getFlagFieldCount(self):
        """Return the number of Flag fields."""
        return self._layout.nFlags

    def getNonFlagFieldCount(self):
        """Return the number of other fields."""
        return len(self._layout.items) - self._layout.nFlags

    def getAliasMap(self):
        """Return the aliases."""
        return self._aliases

    def setAliasMap(self, aliases):
        """Use another map of aliases (shared, not copied)."""
        self._aliases = AliasMap() if aliases is None else aliases

    def disconnectAliases(self):
        """Use a copy of the aliases that no other schema shares."""
        self._aliases = AliasMap(self._aliases)

    def contains(self, other, flags=EQUAL_KEYS):
        """Test whether the first fields of this schema are those of another.

        Parameters
        ----------
        other : `Schema` or `SchemaItem`
            What to look for.
        flags : `int`, optional
            Which properties to compare, an OR of the ``EQUAL_`` constants.

        Returns
        -------
        result : `int`
            The properties that agree.
        """
        if not isinstance(other, Schema):
            return self._containsItem(other, flags)
        if self._layout is other._layout:
            return flags
        mine, others = self._layout.items, other._layout.items
        if len(mine) < len(others):
            return 0
        result = flags
        for a, b in zip(mine, others):
            if not result & self.EQUAL_FIELDS:
                break
            if a is b:
                continue
            if result & self.EQUAL_KEYS and a.key._id != b.key._id:
                result &= ~self.EQUAL_KEYS
            if result & self.EQUAL_NAMES and a.field._name != b.field._name:
                result &= ~self.EQUAL_NAMES
            if result & self.EQUAL_DOCS and a.field._doc != b.field._doc:
                result &= ~self.EQUAL_DOCS
            if result & self.EQUAL_UNITS and a.field._units != b.field._units:
                result &= ~self.EQUAL_UNITS
        if result & self.EQUAL_ALIASES and not self._aliases.contains(other._aliases):
            result &= ~self.EQUAL_ALIASES
        return result

    def _containsItem(self, item, flags):
        if not flags & self.EQUAL_KEYS:
            raise pexExceptions.LogicError("Can only check whether item is in schema if flags & EQUAL_KEYS")
        return flags if item.key._id in self._layout.keys else 0

    def compare(self, other, flags=EQUAL_KEYS):
        """Test whether two schemas have the same fields; see `contains`."""
        result = self.contains(other, flags)
        if len(self._layout.items) != len(other._layout.items):
            result &= ~self.EQUAL_FIELDS
        if len(self._aliases) != len(other._aliases):
            result &= ~self.EQUAL_ALIASES
        return result

    def __eq__(self, other):
        if not isinstance(other, Schema):
            return NotImplemented
        return bool(self.compare(other))

    __hash__ = None

    @staticmethod
    def join(a, b, *others):
        """Join words of a field name."""
        return _DELIMITER.join((a, b) + others)

    @classmethod
    def readFits(cls, filename, hdu=None):
        """Read the schema of a table in a FITS file.

        Parameters
        ----------
        filename : `str` or `lsst.afw.fits.MemFileManager`
            The file.
        hdu : `int`, optional
            Number of the HDU; by default the first that has data.
        """
        return fileFormats.of(cls).read(cls, filename, hdu)

    def checkUnits(self, parse_strict="raise"):
        """Check that Astropy knows all units.

        Raises
        ------
        ValueError
            Raised if it does not and ``parse_strict`` is "raise".
        """
        for item in self:
            checkUnits(item.field.getUnits(), parse_strict)

    def extract(self, *patterns, **kwargs):
        """Return a dictionary of the items whose names (or aliases) match glob patterns.

        Parameters
        ----------
        patterns : `str`
            Glob patterns.
        regex : `str` or compiled pattern, optional
            Regular expression, matched from the beginning, in addition to the patterns.
        sub : `str`, optional
            Template for the keys of what ``regex`` matched, see `re.Match.expand`.
        ordered : `bool`, optional
            Accepted for compatibility; the result is always in the order of the schema.

        Raises
        ------
        ValueError
            Raised for ``sub`` without ``regex`` and for unknown arguments.
        """
        kwargs.pop("ordered", False)
        regex = kwargs.pop("regex", None)
        sub = kwargs.pop("sub", None)
        if sub is not None and regex is None:
            raise ValueError("'sub' keyword argument to extract is invalid without 'regex' argument")
        if kwargs:
            raise ValueError(f"Unrecognized keyword arguments for extract: {', '.join(kwargs)}")
        result = {}
        for item in self:
            for name in self._namesOf(item):
                match = re.match(regex, name) if regex is not None else None
                if match is not None:
                    result[name if sub is None else match.expand(sub)] = item
                elif any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns):
                    result[name] = item
        return result

    def _namesOf(self, item):
        name = item.field.getName()
        return [name] + [name.replace(target, alias, 1) for alias, target in self._aliases.items()
                         if name.startswith(target)]

    def __str__(self):
        fields = "".join(f"    ({item.field}, {item.key}),\n" for item in self)
        aliases = "".join(f"    '{alias}'->'{target}'\n" for alias, target in self._aliases.items())
        return f"Schema(\n{fields}{aliases})\n"

    __repr__ = __str__

    def __reduce__(self):
        return makeSchemaFromFields, ([item.field for item in self],)


def makeSchemaFromFields(fields):
    """Make a schema of a sequence of fields."""
    schema = Schema()
    for field in fields:
        schema.addField(field)
    return schema


class SubSchema:
    """The fields of a schema whose names begin with given words.

    It is what ``schema["prefix"]`` returns, and stays as the schema was at that time.
    """

    def __init__(self, layout, aliases, prefix):
        self._layout = layout
        self._aliases = aliases
        self._prefix = prefix

    def getPrefix(self):
        """Return the words that the names begin with."""
        return self._prefix

    def _item(self):
        return self._layout.findName(self._aliases.apply(self._prefix))

    def asKey(self):
        """Return the key of the field that has exactly this name.

        Raises
        ------
        lsst.pex.exceptions.NotFoundError
            Raised if there is none.
        """
        return self._item().key

    def asField(self):
        """Return the field that has exactly this name."""
        return self._item().field

    def find(self, name):
        """Return the item of a name that continues the prefix."""
        return self._layout.findName(self._aliases.apply(Schema.join(self._prefix, name)))

    def __getitem__(self, name):
        return SubSchema(self._layout, self._aliases, Schema.join(self._prefix, name))

    def getNames(self, topOnly=False):
        """Return what follows the prefix in the names, or the first word of it."""
        start = self._prefix
        return _topNames((name[len(start) + 1:] for name in self._layout.names if name.startswith(start)),
                         topOnly)
