# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Functor keys of scalar fields that follow each other."""

__all__ = ["ArrayKey", "ArrayFKey", "ArrayDKey"]

import operator

import numpy as np
from lsst.utils import TemplateMeta

import lsst.pex.exceptions as pexExceptions

from ._functorKey import FunctorKey, addScalar
from ._keys import KeyArrayD, KeyArrayF, KeyD, KeyF
from ._schema import SubSchema
from ._types import ELEMENT_SIZES


class _ArrayFunctorKey(FunctorKey):
    """An array in scalar fields.

    Parameters
    ----------
    keys : sequence of `Key`, or array `Key`, or `SubSchema`, optional
        Keys of the elements, the key of an array field, or a part of a schema with fields ``0``, ``1``...

    Raises
    ------
    lsst.pex.exceptions.InvalidParameterError
        Raised if the fields do not follow each other in a record.
    """

    keyClass = None
    arrayKeyClass = None

    def __init__(self, keys=()):
        what = "passed to ArrayKey constructor"
        if isinstance(keys, SubSchema):
            keys, what = self._discover(keys), "discovered in Schema"
        elif isinstance(keys, self.arrayKeyClass):
            keys = keys.subkeys
        keys = tuple(keys)
        if any(type(key) is not self.keyClass for key in keys):
            raise TypeError(f"{type(self).__name__} needs keys of type {self.keyClass.typeString}")
        size = ELEMENT_SIZES[self.keyClass.typeString]
        if any(key._offset != keys[0]._offset + i * size for i, key in enumerate(keys)):
            raise pexExceptions.InvalidParameterError(f"Keys {what} are not contiguous")
        self._keys = keys

    @staticmethod
    def _discover(part):
        keys = [part["0"].asKey()]
        while True:
            try:
                keys.append(part[str(len(keys))].asKey())
            except pexExceptions.NotFoundError:
                return keys

    @classmethod
    def addFields(cls, schema, name, doc, unit, docData=None, size=None):
        """Add the fields of an array to a schema and return the key.

        Parameters
        ----------
        schema : `Schema`
            Schema to add to.
        name : `str`
            What the names of the fields begin with.
        doc : `str`
            Documentation; with ``docData`` a printf format for its elements.
        unit : `str`
            Units.
        docData : sequence of `float`, optional
            Numbers for the documentation of each field, which also say how many there are.
        size : `int`, optional
            Number of fields, if there is no ``docData``.
        """
        if docData is not None and not np.isscalar(docData):
            docs = [doc % value for value in docData]
        else:
            docs = [doc] * (docData if size is None else size)
        letter = cls.keyClass.typeString
        return cls([addScalar(schema, letter, schema.join(name, str(i)), text, unit)
                    for i, text in enumerate(docs)])

    def isValid(self):
        """Are there keys?"""
        return bool(self._keys)

    def getSize(self):
        """Return the number of elements."""
        return len(self._keys)

    def get(self, record):
        """Return the array of a record."""
        columnOf, row = record._table._columnOf, record._row
        dtype = np.float32 if self.keyClass is KeyF else np.float64
        return np.array([columnOf(key)[row] for key in self._keys], dtype)

    def set(self, record, value):
        """Set the array of a record."""
        if len(value) != len(self._keys):
            raise pexExceptions.LengthError(f"Size of input array ({len(value)}) does not match size of "
                                            f"array field ({len(self._keys)})")
        for key, element in zip(self._keys, value):
            key.set(record, element)

    def __getitem__(self, index):
        n = len(self._keys)
        if isinstance(index, slice):
            start, stop, step = index.indices(n)
            if step != 1:
                raise IndexError("Step for ArrayKey must be 1.")
            return self.slice(start, stop)
        index = operator.index(index)
        if not -n <= index < n:
            raise IndexError(f"Index {index} not in range [{-n}, {n - 1}]")
        return self._keys[index]

    def slice(self, begin, end):
        """Return the key of a range of elements."""
        if not 0 <= begin < end <= len(self._keys):
            raise pexExceptions.LengthError("ArrayKey slice range does not fit within valid range")
        return type(self)(self._keys[begin:end])


class ArrayFKey(_ArrayFunctorKey):
    """Key of an array in single-precision fields."""

    keyClass = KeyF
    arrayKeyClass = KeyArrayF


class ArrayDKey(_ArrayFunctorKey):
    """Key of an array in double-precision fields."""

    keyClass = KeyD
    arrayKeyClass = KeyArrayD


class ArrayKey(metaclass=TemplateMeta):
    """The array keys by type."""


ArrayKey.register(np.float32, ArrayFKey)
ArrayKey.register(np.float64, ArrayDKey)
