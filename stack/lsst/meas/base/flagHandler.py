# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Flags of measurement algorithms: their definitions, fields, and how failures set them."""

import dataclasses

from ._rows import orFlag
from .exceptions import FatalAlgorithmError, MeasurementError

__all__ = ["FlagDefinition", "FlagDefinitionList", "FlagHandler"]

_UNDEFINED = 2**64 - 1


@dataclasses.dataclass
class FlagDefinition:
    """Name, documentation and number of a flag."""

    number_undefined = _UNDEFINED

    name: str = ""
    """Name of the field without the algorithm's prefix."""

    doc: str = ""
    """Documentation of the field."""

    number: int = _UNDEFINED
    """Number in the `FlagDefinitionList`."""


class FlagDefinitionList:
    """The flags that an algorithm can set.

    Parameters
    ----------
    definitions : iterable of `FlagDefinition`, optional
        First definitions; they are numbered anew.
    """

    def __init__(self, definitions=()):
        self._definitions = []
        for definition in definitions:
            self.add(definition.name, definition.doc)

    @staticmethod
    def getEmptyList():
        """Return a list without definitions."""
        return FlagDefinitionList()

    def __len__(self):
        return len(self._definitions)

    def __getitem__(self, index):
        return self._definitions[index]

    def add(self, name, doc):
        """Append a definition and return it, numbered.

        Parameters
        ----------
        name, doc : `str`
            Name and documentation.
        """
        self._definitions.append(FlagDefinition(name, doc, len(self._definitions)))
        return self._definitions[-1]

    def addFailureFlag(self, doc="General Failure Flag"):
        """Append the flag that every failure sets, and return it."""
        return self.add(FlagHandler.getFailureFlagName(), doc)

    def getDefinition(self, key):
        """Return a definition by name or number.

        Raises
        ------
        FatalAlgorithmError
            There is no definition of that name.
        """
        if not isinstance(key, str):
            return self._definitions[key]
        for definition in self._definitions:
            if definition.name == key:
                return definition
        raise FatalAlgorithmError(f"No Flag Definition for {key}")

    def hasDefinition(self, name):
        """Is there a definition of that name?"""
        return any(definition.name == name for definition in self._definitions)


class FlagHandler:
    """The flag fields of one algorithm in one schema.

    Parameters
    ----------
    s : `lsst.afw.table.SubSchema`, optional
        Where the fields are; without it the handler is empty.
    flagDefs : `FlagDefinitionList`, optional
        Definitions of the flags.
    exclDefs : `FlagDefinitionList`, optional
        Definitions of those flags that have no field.
    """

    def __init__(self, s=None, flagDefs=(), exclDefs=None):
        self.failureFlagNumber = FlagDefinition.number_undefined
        self._flags = []
        for definition in flagDefs:
            excluded = exclDefs is not None and exclDefs.hasDefinition(definition.name)
            self._append(definition.name, None if excluded else s[definition.name].asKey())

    @staticmethod
    def getFailureFlagName():
        """Return the name of the flag that every failure sets."""
        return "flag"

    @classmethod
    def addFields(cls, schema, prefix, flagDefs, exclDefs=None):
        """Add the fields of an algorithm's flags to a schema.

        Parameters
        ----------
        schema : `lsst.afw.table.Schema`
            Schema, changed in place.
        prefix : `str`
            Name of the algorithm.
        flagDefs : `FlagDefinitionList`
            Definitions of the flags.
        exclDefs : `FlagDefinitionList`, optional
            Definitions of those flags that get no field.

        Returns
        -------
        handler : `FlagHandler`
            Handler of the new fields.
        """
        handler = cls()
        for definition in flagDefs:
            key = None
            if exclDefs is None or not exclDefs.hasDefinition(definition.name):
                key = schema.addField(f"{prefix}_{definition.name}", type="Flag", doc=definition.doc)
            handler._append(definition.name, key)
        return handler

    def _append(self, name, key):
        if key is not None and name == self.getFailureFlagName():
            self.failureFlagNumber = len(self._flags)
        self._flags.append((name, key))

    def _findKey(self, flag):
        """Return the key of a flag given by name or number."""
        if isinstance(flag, str):
            flag = self.getFlagNumber(flag)
        if not 0 <= flag < len(self._flags) or self._flags[flag][1] is None:
            raise FatalAlgorithmError(f"No legal FlagHandler entry number {flag}")
        return self._flags[flag][1]

    def getFlagNumber(self, flagName):
        """Return the number of a flag.

        Raises
        ------
        FatalAlgorithmError
            There is no field for such a flag.
        """
        for number, (name, key) in enumerate(self._flags):
            if name == flagName and key is not None:
                return number
        raise FatalAlgorithmError(f"No FlagHandler entry for {flagName}")

    def getFlagName(self, i):
        """Return the name of a flag.

        Raises
        ------
        FatalAlgorithmError
            There is no field for such a flag.
        """
        self._findKey(i)
        return self._flags[i][0]

    def getFailureFlagNumber(self):
        """Return the number of the flag that every failure sets."""
        return self.failureFlagNumber

    def getValue(self, record, flag):
        """Return a flag of a record.

        Parameters
        ----------
        record : `lsst.afw.table.BaseRecord`
            Record to read.
        flag : `int` or `str`
            Number or name of the flag.

        Raises
        ------
        FatalAlgorithmError
            There is no field for such a flag.
        """
        return record.get(self._findKey(flag))

    def setValue(self, record, flag, value):
        """Set a flag of a record.

        Parameters
        ----------
        record : `lsst.afw.table.BaseRecord`
            Record to write to.
        flag : `int` or `str`
            Number or name of the flag.
        value : `bool`
            New value.

        Raises
        ------
        FatalAlgorithmError
            There is no field for such a flag.
        """
        record.set(self._findKey(flag), bool(value))

    def handleFailure(self, record, error=None):
        """Set the flags that tell of a failure.

        Parameters
        ----------
        record : `lsst.afw.table.BaseRecord`
            Record to write to.
        error : `MeasurementError`, optional
            The failure, if the algorithm foresaw it.
        """
        for flag in self._failureFlags(error):
            self.setValue(record, flag, True)

    def handleFailures(self, catalog, rows, error=None):
        """Set the flags that tell of a failure of several rows.

        Parameters
        ----------
        catalog : `lsst.afw.table.BaseCatalog`
            Catalog to write to.
        rows : `numpy.ndarray`
            Row numbers.
        error : `Exception`, optional
            The failure.
        """
        for flag in self._failureFlags(error):
            self.orValues(catalog, flag, rows)

    def orValues(self, catalog, flag, rows):
        """Set a flag for some rows of a catalog.

        Parameters
        ----------
        catalog : `lsst.afw.table.BaseCatalog`
            Catalog to write to.
        flag : `int` or `str`
            Number or name of the flag.
        rows : `numpy.ndarray`
            Row numbers or a mask.
        """
        orFlag(catalog, self._findKey(flag), rows)

    def _failureFlags(self, error):
        if self.failureFlagNumber != FlagDefinition.number_undefined:
            yield self.failureFlagNumber
        if isinstance(error, MeasurementError) and error.getFlagBit() != FlagDefinition.number_undefined:
            yield error.getFlagBit()
