# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Old-style filters: a registry of names, aliases and wavelengths.

v22 deprecated them in favour of `FilterLabel`; cameras still define theirs, and old files only have names.
"""

import math
import warnings

from lsst.afw.table.io import Persistable
from lsst.daf.base import PropertySet
from lsst.pex.exceptions import NotFoundError
from lsst.pex.exceptions import RuntimeError as LsstRuntimeError

__all__ = ["Filter", "FilterProperty", "stripFilterKeywords"]


def _deprecated(reason):
    warnings.warn(reason, FutureWarning, stacklevel=3)


class FilterProperty:
    """Wavelengths of a filter; defining one registers it.

    Parameters
    ----------
    name : `str`
        Name of the filter.
    lambdaEff : `float` or `lsst.daf.base.PropertySet`
        Effective wavelength in nm; or, as ``metadata``, a property set with items of these names.
    lambdaMin, lambdaMax : `float`, optional
        Limits of the wavelength in nm.
    force : `bool`, optional
        Replace a different definition of this name?

    Raises
    ------
    lsst.pex.exceptions.RuntimeError
        Raised if the name is registered with another wavelength and ``force`` is not set.
    """

    _registry = {}
    _DEPRECATED = ("Removed with no replacement (but see lsst.afw.image.TransmissionCurve). "
                   "Will be removed after v22.")

    def __init__(self, name, lambdaEff=math.nan, lambdaMin=math.nan, lambdaMax=math.nan, force=False, *,
                 metadata=None):
        _deprecated(self._DEPRECATED)
        if isinstance(lambdaEff, PropertySet):
            force = force or (lambdaMin is True)
            metadata, lambdaMin = lambdaEff, math.nan
        if metadata is not None:
            lambdaEff, lambdaMin, lambdaMax = (
                metadata.getAsDouble(key) if metadata.exists(key) else math.nan
                for key in ("lambdaEff", "lambdaMin", "lambdaMax"))
        self._name = name
        self._lambdas = float(lambdaEff), float(lambdaMin), float(lambdaMax)
        old = self._registry.get(name)
        if old is not None and old != self and not force:
            raise LsstRuntimeError(f"Filter {name} is already defined")
        if old is None or old != self:
            self._registry[name] = self

    def getName(self):
        """Return the name (`str`)."""
        return self._name

    def getLambdaEff(self):
        """Return the effective wavelength in nm (`float`)."""
        return self._lambdas[0]

    def getLambdaMin(self):
        """Return the shortest wavelength in nm (`float`)."""
        return self._lambdas[1]

    def getLambdaMax(self):
        """Return the longest wavelength in nm (`float`)."""
        return self._lambdas[2]

    def __eq__(self, other):
        return self._lambdas[0] == other._lambdas[0] if isinstance(other, FilterProperty) else NotImplemented

    __hash__ = None

    @staticmethod
    def reset():
        """Forget all properties."""
        _deprecated(FilterProperty._DEPRECATED)
        FilterProperty._registry.clear()

    @staticmethod
    def lookup(name):
        """Return the properties of a name.

        Raises
        ------
        lsst.pex.exceptions.NotFoundError
            Raised if there are none.
        """
        _deprecated(FilterProperty._DEPRECATED)
        return FilterProperty._find(name)

    @staticmethod
    def _find(name):
        try:
            return FilterProperty._registry[name]
        except KeyError:
            raise NotFoundError(f"Unable to find filter {name}") from None


class Filter(Persistable):
    """A filter by its registered name.

    Parameters
    ----------
    name : `str`, `int` or `lsst.daf.base.PropertySet`, optional
        Name or alias; or the number (``id``); or a header (``metadata``) with FILTER.
    force : `bool`, optional
        Accept a name that is not registered?

    Raises
    ------
    lsst.pex.exceptions.NotFoundError
        Raised if the filter is not registered and ``force`` is not set.
    """

    AUTO = -1
    UNKNOWN = -1
    UNKNOWN_NAME = "_unknown_"

    _ids = {UNKNOWN_NAME: UNKNOWN}
    _aliases = {}
    _DEPRECATED = "Replaced by FilterLabel. Will be removed after v22."

    def __init__(self, name=None, force=False, *, id=None, metadata=None):
        _deprecated(self._DEPRECATED)
        source = next((item for item in (name, id, metadata) if item is not None), self.UNKNOWN)
        if isinstance(source, PropertySet):
            present = source.exists("FILTER")
            self._set(source.getAsString("FILTER").rstrip() if present else "", not present or force)
        elif isinstance(source, str):
            self._set(source, force)
        else:
            self._id, self._name = source, self._nameOf(source)

    def _set(self, name, force):
        self._id, self._name = self._idOf(name, force), name

    @classmethod
    def _named(cls, name, force=False):
        """Construct without the warning that the class is deprecated."""
        result = cls.__new__(cls)
        result._set(name, force)
        return result

    @classmethod
    def _unregistered(cls):
        return cls._named(cls.UNKNOWN_NAME, True)

    @classmethod
    def _idOf(cls, name, force=False):
        if name in cls._ids:
            return cls._ids[name]
        if name in cls._aliases:
            return cls._idOf(cls._aliases[name])
        if force:
            return cls.UNKNOWN
        raise NotFoundError(f"Unable to find filter {name}")

    @classmethod
    def _nameOf(cls, id):
        for name, otherId in cls._ids.items():
            if otherId == id:
                return name
        raise NotFoundError(f"Unable to find filter {id}")

    def getId(self):
        """Return the number, `UNKNOWN` if the name is not registered (`int`)."""
        return self._id

    def getName(self):
        """Return the name that the filter was constructed with (`str`)."""
        return self._name

    def getCanonicalName(self):
        """Return the registered name, aliases resolved (`str`).

        Raises
        ------
        lsst.pex.exceptions.NotFoundError
            Raised if the filter is not registered.
        """
        return self._nameOf(self._id)

    def getAliases(self):
        """Return the aliases of the registered name (`list` [`str`])."""
        canonical = self.getCanonicalName()
        return [alias for alias, name in self._aliases.items() if name == canonical]

    def getFilterProperty(self):
        """Return the wavelengths (`FilterProperty`).

        Raises
        ------
        lsst.pex.exceptions.NotFoundError
            Raised if there are none.
        """
        id = self._idOf(self._name, True)
        return FilterProperty._find(self._name if id == self.UNKNOWN else self._nameOf(id))

    def __eq__(self, other):
        if not isinstance(other, Filter):
            return NotImplemented
        return self._id != self.UNKNOWN and self._id == other._id

    __hash__ = None

    @staticmethod
    def reset():
        """Forget all filters and aliases."""
        _deprecated(Filter._DEPRECATED)
        Filter._ids.clear()
        Filter._aliases.clear()
        Filter._ids[Filter.UNKNOWN_NAME] = Filter.UNKNOWN

    @staticmethod
    def define(filterProperty, id=AUTO, force=False):
        """Register a filter and return its number.

        Raises
        ------
        lsst.pex.exceptions.RuntimeError
            Raised if the name is registered with another number and ``force`` is not set.
        """
        _deprecated(Filter._DEPRECATED)
        name = filterProperty.getName()
        if name in Filter._ids:
            old = Filter._ids[name]
            if id in (old, Filter.AUTO):
                return old
            if not force:
                raise LsstRuntimeError(f"Filter {name} is already defined")
        if id == Filter.AUTO:
            id = max(Filter._ids.values()) + 1
        Filter._ids[name] = id
        return id

    @staticmethod
    def defineAlias(oldName, newName, force=False):
        """Register another name of a filter and return the filter's number.

        Raises
        ------
        lsst.pex.exceptions.NotFoundError
            Raised if ``oldName`` is not registered, or ``newName`` is an alias of another filter and
            ``force`` is not set.
        """
        if oldName not in Filter._ids:
            raise NotFoundError(f"Unable to find filter {oldName}")
        if Filter._aliases.get(newName, oldName) != oldName and not force:
            raise NotFoundError(f"Filter {newName} is already defined")
        Filter._aliases[newName] = oldName
        return Filter._ids[oldName]

    @staticmethod
    def getNames():
        """Return the registered names in alphabetic order (`list` [`str`])."""
        _deprecated(Filter._DEPRECATED)
        return sorted(name for name in Filter._ids if name != Filter.UNKNOWN_NAME)


def stripFilterKeywords(metadata):
    """Remove FILTER from a header and return how many items that were."""
    if not metadata.exists("FILTER"):
        return 0
    metadata.remove("FILTER")
    return 1
