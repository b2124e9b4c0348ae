# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Fields: name, documentation, units and size of what a schema holds."""

__all__ = ["Field", "SchemaItem"]

import functools

from lsst.utils import TemplateMeta

import lsst.pex.exceptions as pexExceptions

from . import _keys
from ._types import DTYPE_KEYS

_VALID_UNITS = {"", "count", "pixel", "rad", "deg", "s", "nJy", "pixel^2", "rad^2", "mag"}


@functools.lru_cache(maxsize=1024)
def _checkUnits(units, parseStrict):
    import astropy.units

    astropy.units.Unit(units, parse_strict=parseStrict)


def checkUnits(units, parseStrict="raise"):
    """Check that Astropy knows a unit string.

    Raises
    ------
    ValueError
        Raised if it does not and ``parseStrict`` is "raise".
    """
    if units not in _VALID_UNITS:
        _checkUnits(units, parseStrict)


class FieldBase:
    """A field of one type.

    Parameters
    ----------
    name : `str`
        Name of the field; words are joined by underscores.
    doc : `str`, optional
        Documentation.
    units : `str`, optional
        Units, in a form that Astropy knows.
    size : `int`, optional
        Size of a string or array; 0 means that every record has its own.
    parse_strict : `str`, optional
        What to do with unknown units: "raise", "warn" or "silent".
    """

    __slots__ = ("_name", "_doc", "_units", "_size")

    keyClass = None

    def __init__(self, name, doc="", units="", size=None, parse_strict="raise"):
        checkUnits(units, parse_strict)
        self._set(name, doc, units, size)

    def _set(self, name, doc, units, size):
        self._name = name
        self._doc = doc
        self._units = units
        self._size = self._checkSize(size)

    @classmethod
    def _make(cls, name, doc, units, size=None):
        """Construct without checking the units."""
        field = cls.__new__(cls)
        field._set(name, doc, units, size)
        return field

    @staticmethod
    def _checkSize(size):
        if size is not None:
            raise pexExceptions.LogicError("Constructor disabled (this Field type is not sized).")
        return None

    @classmethod
    def getTypeString(cls):
        """Return the letter or name of the field type."""
        return cls.keyClass.typeString

    def getName(self):
        """Return the name."""
        return self._name

    def getDoc(self):
        """Return the documentation."""
        return self._doc

    def getUnits(self):
        """Return the units."""
        return self._units

    def getElementCount(self):
        """Return the number of elements, 0 for variable length."""
        return 1 if self._size is None else self._size

    def copyRenamed(self, newName):
        """Return the same field under another name."""
        return self._make(newName, self._doc, self._units, self._size)

    def _addTo(self, schema, doReplace):
        return schema._addField(self, doReplace)

    def __str__(self):
        text = f"Field['{self.getTypeString()}'](name=\"{self._name}\""
        if self._doc:
            text += f', doc="{self._doc}"'
        if self._units:
            text += f', units="{self._units}"'
        if self._size is not None:
            text += f", size={self._size}"
        return text + ")"

    __repr__ = __str__

    def __reduce__(self):
        return _unpickle, (self.getTypeString(), self._name, self._doc, self._units, self._size)


def _unpickle(typeString, *args):
    return Field[typeString]._make(*args)


class _SizedField(FieldBase):
    __slots__ = ()

    def getSize(self):
        """Return the size; 0 means variable length."""
        return self._size

    def isVariableLength(self):
        """Does every record have its own size?"""
        return self._size == 0


class _ArrayField(_SizedField):
    __slots__ = ()

    @staticmethod
    def _checkSize(size):
        return _nonNegative(0 if size is None else size)


class _StringField(_SizedField):
    __slots__ = ()

    @staticmethod
    def _checkSize(size):
        if size is None:
            raise pexExceptions.LengthError("A String field needs a size (0 for variable length).")
        return _nonNegative(size)


def _nonNegative(size):
    if size < 0:
        raise pexExceptions.LengthError("Size must be provided when constructing an array or string field.")
    return int(size)


class SchemaItem(metaclass=TemplateMeta):
    """The pair of a key and its field; also behaves as a tuple of the two."""


class SchemaItemBase:
    """A key and its field."""

    __slots__ = ("key", "field")

    def __init__(self, key, field):
        self.key = key
        self.field = field

    def getKey(self):
        """Return the key."""
        return self.key

    def getField(self):
        """Return the field."""
        return self.field

    def __getitem__(self, index):
        if index == 0:
            return self.key
        if index == 1:
            return self.field
        raise IndexError("Index to SchemaItem must be 0 or 1.")

    def __len__(self):
        return 2

    def __str__(self):
        return str(tuple(self))

    def __repr__(self):
        return f"SchemaItem(key={self.key}, field={self.field})"

    def __reduce__(self):
        return type(self), (self.key, self.field)


class Field(metaclass=TemplateMeta):
    """The field classes by type: ``Field["D"]``, ``Field[float]``, ``Field["Flag"]``..."""


def _register(keyClass):
    typeString = keyClass.typeString
    base = FieldBase
    if typeString == "String":
        base = _StringField
    elif typeString.startswith("Array"):
        base = _ArrayField
    doc = {"__doc__": f"A field of type {typeString}.", "__slots__": (), "keyClass": keyClass,
           "__module__": __name__}
    field = type("Field" + typeString, (base,), doc)
    item = type("SchemaItem" + typeString, (SchemaItemBase,),
                {"__doc__": f"Key and field of type {typeString}.", "__slots__": (), "__module__": __name__})
    for template, cls in ((Field, field), (SchemaItem, item)):
        template.register(DTYPE_KEYS.get(typeString, typeString), cls)
        if typeString in DTYPE_KEYS:
            template.alias(typeString, cls)
        globals()[cls.__name__] = cls
        __all__.append(cls.__name__)


for _keyClass in _keys.Key.__subclasses__():
    _register(_keyClass)
Field.alias(float, Field["D"])
SchemaItem.alias(float, SchemaItem["D"])
