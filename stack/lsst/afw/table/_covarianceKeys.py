# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Functor keys of covariance matrices."""

__all__ = ["CovarianceMatrixKey"]

import math

import numpy as np
from lsst.utils import TemplateMeta

import lsst.pex.exceptions as pexExceptions

from ._functorKey import FunctorKey, addScalar
from ._keys import KeyD, KeyF
from ._schema import SubSchema


class _CovarianceMatrixKeyBase(FunctorKey):
    """A symmetric matrix whose diagonal is stored as standard deviations.

    Parameters
    ----------
    err : sequence of `Key` or `SubSchema`, optional
        Keys of the standard deviations, or a part of a schema in which to find all keys.
    cov : sequence of `Key` or of `str`, optional
        Keys of the covariances, row by row of the lower triangle; with a `SubSchema`, the names of the
        quantities. Without valid ones, only the diagonal is stored.

    Raises
    ------
    lsst.pex.exceptions.LengthError
        Raised if there are not as many as the class needs.
    """

    keyClass = None
    size = None

    def __init__(self, err=None, cov=()):
        isEmpty = err is None
        if isEmpty:
            err = ()
        elif isinstance(err, SubSchema):
            err, cov = self._find(err, list(cov))
        err, cov = list(err), list(cov)
        n = len(err)
        if self.size is not None and n != self.size and not isEmpty:
            raise pexExceptions.LengthError(
                f"Size of err array ({n}) does not match template argument ({self.size})")
        if cov and len(cov) != n * (n - 1) // 2:
            raise pexExceptions.LengthError(f"Size of cov array ({len(cov)}) is does not match with size "
                                            f"inferred from err array ({n * (n - 1) // 2})")
        if not any(key.isValid() for key in cov):
            cov = []
        self._err, self._cov = tuple(err), tuple(cov)
        self._keys = (self._err, self._cov)

    @classmethod
    def _find(cls, part, names):
        err = [part[name + "Err"].asKey() for name in names]
        return err, [cls._findCov(part, a, b) for i, a in enumerate(names) for b in names[:i]]

    @classmethod
    def _findCov(cls, part, a, b):
        for name in (f"{a}_{b}_Cov", f"{b}_{a}_Cov"):
            try:
                return part[name].asKey()
            except pexExceptions.NotFoundError:
                pass
        return cls.keyClass()

    @classmethod
    def addFields(cls, schema, prefix, names, units=None, diagonalOnly=False, unit=None):
        """Add the fields of a matrix to a schema and return the key.

        Parameters
        ----------
        schema : `Schema`
            Schema to add to.
        prefix : `str`
            What the names of the fields begin with.
        names : sequence of `str`
            Names of the quantities.
        units : `str` or sequence of `str`
            Unit of all, or of each.
        diagonalOnly : `bool`, optional
            Leave out the covariances.
        unit : `str`, optional
            Another name for ``units``.
        """
        units = unit if units is None else units
        names = list(names)
        units = [units] * len(names) if isinstance(units, str) else list(units)
        for what, values in (("names", names), ("units", units)):
            if cls.size is not None and len(values) != cls.size:
                raise pexExceptions.LengthError(f"Size of {what} array ({len(values)}) does not match "
                                                f"template argument ({cls.size})")
        letter = cls.keyClass.typeString
        err = [addScalar(schema, letter, schema.join(prefix, name + "Err"), "1-sigma uncertainty on " + name,
                         units[i]) for i, name in enumerate(names)]
        cov = []
        for i, b in enumerate([] if diagonalOnly else names):
            for j, a in enumerate(names[:i]):
                space = " " if units[i] and units[j] else ""
                cov.append(addScalar(schema, letter, schema.join(prefix, a, b, "Cov"),
                                     f"uncertainty covariance between {a} and {b}",
                                     units[j] + space + units[i]))
        return cls(err, cov)

    def isValid(self):
        """Are all keys of the diagonal valid (and is there one)?"""
        return bool(self._err) and all(key.isValid() for key in self._err)

    def get(self, record):
        """Return the matrix of a record; elements that are not stored are 0."""
        n = len(self._err) or self.size or 0
        value = np.zeros((n, n), np.float32 if self.keyClass is KeyF else np.float64)
        for i, key in enumerate(self._err):
            value[i, i] = value.dtype.type(key.get(record)) ** 2
        k = 0
        for i in range(n if self._cov else 0):
            for j in range(i):
                if self._cov[k].isValid():
                    value[i, j] = value[j, i] = self._cov[k].get(record)
                k += 1
        return value

    def set(self, record, value):
        """Set the matrix of a record from its lower triangle."""
        value = np.asarray(value)
        n = len(self._err)
        if value.shape != (n, n):
            raise TypeError(f"The matrix must have shape ({n}, {n}), not {value.shape}")
        k = 0
        for i, key in enumerate(self._err):
            key.set(record, _sqrt(value[i, i]))
            for j in range(i if self._cov else 0):
                if self._cov[k].isValid():
                    self._cov[k].set(record, value[i, j])
                k += 1

    def _covKey(self, i, j):
        i, j = max(i, j), min(i, j)
        return self._cov[i * (i - 1) // 2 + j]

    def getElement(self, record, i, j):
        """Return an element of the matrix of a record."""
        if i == j:
            return self._err[i].get(record) ** 2
        if not self._cov or not self._covKey(i, j).isValid():
            return 0.0
        return self._covKey(i, j).get(record)

    def setElement(self, record, i, j, value):
        """Set an element of the matrix of a record.

        Raises
        ------
        lsst.pex.exceptions.LogicError
            Raised if there is no field for it.
        """
        if i == j:
            self._err[i].set(record, _sqrt(value))
            return
        if not self._cov:
            raise pexExceptions.LogicError(
                f"Cannot set covariance element {i},{j}; no fields for covariance")
        if not self._covKey(i, j).isValid():
            raise pexExceptions.LogicError(
                f"Cannot set covariance element {i},{j}; no field for this element")
        self._covKey(i, j).set(record, value)


def _sqrt(value):
    return math.sqrt(value) if value >= 0 else math.nan


class CovarianceMatrixKey(metaclass=TemplateMeta):
    """The covariance keys by type and dimension (None for any)."""

    TEMPLATE_PARAMS = ("dtype", "dim")


for _dtype, _letter, _keyClass in ((np.float32, "f", KeyF), (np.float64, "d", KeyD)):
    for _size, _label in ((2, "2"), (3, "3"), (4, "4"), (None, "X")):
        _name = f"CovarianceMatrix{_label}{_letter}Key"
        _cls = type(_name, (_CovarianceMatrixKeyBase,), {
            "__doc__": f"Key of a covariance matrix of size {_label} in {_keyClass.typeString} fields.",
            "__module__": __name__, "keyClass": _keyClass, "size": _size})
        globals()[_name] = _cls
        __all__.append(_name)
        CovarianceMatrixKey.register((_dtype, _size), _cls)
