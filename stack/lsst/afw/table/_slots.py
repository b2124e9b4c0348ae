# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Slots: which measurement of a kind is the one to use."""

__all__ = ["SlotDefinition", "FluxSlotDefinition", "CentroidSlotDefinition", "ShapeSlotDefinition",
           "SlotSuite", "undefineMissingSlots"]

import logging

import lsst.pex.exceptions as pexExceptions

from ._covarianceKeys import CovarianceMatrix2fKey, CovarianceMatrix3fKey
from ._ellipseKeys import QuadrupoleKey
from ._keys import KeyD, KeyFlag
from ._pointKeys import Point2DKey

_LOG = logging.getLogger("lsst.afw.table")


class SlotDefinition:
    """The fields that a slot points to by way of the alias ``slot_<name>``.

    Parameters
    ----------
    name : `str`
        Name of the slot, such as "PsfFlux".
    """

    _measName = ""

    def __init__(self, name):
        self._name = name
        self._clear()

    def _clear(self):
        self._measKey, self._errKey = self._invalidKeys()
        self._flagKey = KeyFlag()

    def getName(self):
        """Return the name of the slot."""
        return self._name

    def getAlias(self):
        """Return the alias that defines the slot."""
        return "slot_" + self._name

    def isValid(self):
        """Is the slot defined?"""
        return self._measKey.isValid()

    def getMeasKey(self):
        """Return the key of the measurement."""
        return self._measKey

    def getErrKey(self):
        """Return the key of the uncertainty, which is invalid if there is none."""
        return self._errKey

    def getFlagKey(self):
        """Return the key of the failure flag, which is invalid if there is none."""
        return self._flagKey

    def setKeys(self, alias, schema):
        """Look the fields up.

        Parameters
        ----------
        alias : `str`
            Alias that changed; nothing is done if it does not concern this slot. Empty means all.
        schema : `Schema`
            Schema with the fields and the aliases.

        Raises
        ------
        lsst.pex.exceptions.NotFoundError
            Raised if the slot is defined but the measurement is not there.
        """
        slot = self.getAlias()
        if alias and not alias.startswith(slot):
            return
        self._clear()
        meas = schema[slot][self._measName] if self._measName else schema[slot]
        target = schema.getAliasMap().apply(meas.getPrefix())
        if target == meas.getPrefix():
            return
        self._measKey = self._findMeas(schema[target])
        try:
            self._errKey = self._findErr(schema[slot])
        except pexExceptions.NotFoundError:
            pass
        try:
            self._flagKey = schema[slot]["flag"].asKey()
        except pexExceptions.NotFoundError:
            pass


class FluxSlotDefinition(SlotDefinition):
    """Definition of a flux slot."""

    _measName = "instFlux"

    @staticmethod
    def _invalidKeys():
        return KeyD(), KeyD()

    @staticmethod
    def _findMeas(part):
        return part.asKey()

    @staticmethod
    def _findErr(part):
        return part["instFluxErr"].asKey()


class CentroidSlotDefinition(SlotDefinition):
    """Definition of the centroid slot."""

    @staticmethod
    def _invalidKeys():
        return Point2DKey(), CovarianceMatrix2fKey()

    @staticmethod
    def _findMeas(part):
        return Point2DKey(part)

    @staticmethod
    def _findErr(part):
        return CovarianceMatrix2fKey(part, ["x", "y"])


class ShapeSlotDefinition(SlotDefinition):
    """Definition of the shape slot."""

    @staticmethod
    def _invalidKeys():
        return QuadrupoleKey(), CovarianceMatrix3fKey()

    @staticmethod
    def _findMeas(part):
        return QuadrupoleKey(part)

    @staticmethod
    def _findErr(part):
        return CovarianceMatrix3fKey(part, ["xx", "yy", "xy"])


_FLUXES = ("PsfFlux", "ApFlux", "GaussianFlux", "ModelFlux", "CalibFlux")


def _makeSlots():
    """Return all slots by name, undefined."""
    return {name: FluxSlotDefinition(name) for name in _FLUXES} | {
        "Centroid": CentroidSlotDefinition("Centroid"), "Shape": ShapeSlotDefinition("Shape")}


def _undefine(alias, aliases):
    """Remove the alias that defines a slot, and those of its parts."""
    for name in aliases.keys():
        if name == alias or name.startswith(alias + "_"):
            aliases.erase(name)


def undefineMissingSlots(schema, where):
    """Remove the slots whose measurement is not there, with a warning each.

    Parameters
    ----------
    schema : `Schema`
        Schema whose aliases to change.
    where : `str`
        File and HDU, for the warnings.
    """
    for name, slot in _makeSlots().items():
        try:
            slot.setKeys("", schema)
        except pexExceptions.NotFoundError as err:
            _undefine(slot.getAlias(), schema.getAliasMap())
            _LOG.warning("Reading %s: the slot %s is left undefined: %s", where, name, err)


class SlotSuite:
    """All slots of a table.

    Parameters
    ----------
    schema : `Schema`
        Schema with the fields and the aliases.
    """

    def __init__(self, schema):
        self.slots = _makeSlots()
        if not schema.getAliasMap().empty():
            self.handleAliasChange("", schema)

    def handleAliasChange(self, alias, schema):
        """Look the fields of the slots that an alias concerns up again."""
        for slot in self.slots.values():
            slot.setKeys(alias, schema)
