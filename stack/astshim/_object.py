# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Base of everything that wraps an AST object."""

__all__ = ["Object"]

from starlink import Ast

from ._checkText import checkText
from ._errors import astErrors
from ._stream import StringStream

# AST class name -> wrapper class; filled by Object.__init_subclass__
_wrappers = {}


def attribute(name, cast, doc, writable=True):
    """Make a property for one AST attribute.

    Parameters
    ----------
    name : `str`
        Name of the attribute in starlink-pyast.
    cast : callable
        Applied to the value read.
    doc : `str`
        Docstring of the property.
    writable : `bool`
        May it be set?

    Returns
    -------
    property : `property`
    """

    def getter(self):
        return cast(getattr(self._impl, name))

    def setter(self, value):
        with astErrors():
            setattr(self._impl, name, value)

    return property(getter, setter if writable else None, doc=doc)


def wrap(impl):
    """Wrap a starlink-pyast object in the astshim class for it.

    Raises
    ------
    RuntimeError
        If astshim has no class for it.
    """
    name = classNameOf(impl)
    try:
        cls = _wrappers[name]
    except KeyError:
        raise RuntimeError(f"Class {name} not supported") from None
    return cls._fromImpl(impl)


def classNameOf(impl):
    """Return the astshim name (`str`) of the class: a CmpMap is a SeriesMap or a ParallelMap."""
    if impl.Class == "CmpMap":
        return "SeriesMap" if impl.decompose()[2] else "ParallelMap"
    return impl.Class


class Object:
    """An AST object.

    Notes
    -----
    Objects are equal if their texts, without comments, are.
    """

    __hash__ = None

    def __init_subclass__(cls, astName=None, **kwargs):
        super().__init_subclass__(**kwargs)
        if astName is not None:
            _wrappers[astName] = cls

    def __init__(self, *args, **kwargs):
        raise NotImplementedError(f"astshim.{type(self).__name__} cannot be constructed here, only read")

    @classmethod
    def _fromImpl(cls, impl):
        self = cls.__new__(cls)
        self._impl = impl
        return self

    className = property(lambda self: classNameOf(self._impl), doc="Name of the class (`str`).")
    id = attribute("ID", str, "Identification that is not copied with the object (`str`).")
    ident = attribute("Ident", str, "Identification that is copied with the object (`str`).")
    useDefs = attribute("UseDefs", bool, "May defaults be used for attributes that are not set?")
    objSize = attribute("ObjSize", int, "Size of the object in memory in bytes.", writable=False)

    @staticmethod
    def fromString(serialized):
        """Make an object from the text that `show` gives.

        Raises
        ------
        RuntimeError
            If the text does not hold an AST object.
        """
        checkText(serialized)
        with astErrors():
            impl = Ast.Channel(StringStream(serialized)).read()
        if impl is None:
            raise RuntimeError("Could not read an AST object from this channel")
        return wrap(impl)

    def show(self, showComments=True):
        """Return the object in AST's native text format (`str`)."""
        sink = StringStream()
        with astErrors():
            Ast.Channel(None, sink, "" if showComments else "Comment=0").write(self._impl)
        return sink.getSinkData()

    def copy(self):
        """Return a deep copy."""
        return type(self)._fromImpl(self._impl.copy())

    def clear(self, attrib):
        """Reset the named attributes (`str`, comma-separated) to their defaults."""
        with astErrors():
            self._impl.clear(attrib)

    def test(self, attrib):
        """Has the named attribute been set? (`bool`)."""
        with astErrors():
            return bool(self._impl.test(attrib))

    def hasAttribute(self, attrib):
        """Does the object have the named attribute? (`bool`)."""
        return bool(self._impl.hasattribute(attrib))

    def same(self, other):
        """Are both references to the same underlying AST object? (`bool`)."""
        return bool(self._impl.same(other._impl))

    def getNObject(self):
        """Return the number of AST objects of this class in existence (`int`)."""
        return self._impl.Nobject

    def getRefCount(self):
        """Return the number of references to the underlying AST object (`int`)."""
        return self._impl.RefCount

    def __eq__(self, other):
        if not isinstance(other, Object):
            return NotImplemented
        return self.show(False) == other.show(False)

    def __str__(self):
        return self.className

    def __repr__(self):
        return f"astshim.{self.className}"

    def __copy__(self):
        return self.copy()

    def __deepcopy__(self, memo):
        return self.copy()

    def __reduce__(self):
        return Object.fromString, (self.show(False),)
