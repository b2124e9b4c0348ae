# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Tables of sources: measurements with slots and footprints."""

__all__ = ["SourceRecord", "SourceTable", "SourceCatalog", "SourceColumnView",
           "SOURCE_IO_NO_FOOTPRINTS", "SOURCE_IO_NO_HEAVY_FOOTPRINTS"]

import numpy as np

import lsst.geom

from ._baseColumnView import SimpleColumnView
from ._catalog import Catalog, CatalogBase, tie
from ._catalogSearch import SortedCatalogSearch
from ._objectColumn import ObjectColumn
from ._schema import Schema
from ._simple import SimpleRecord, SimpleTable
from ._slots import SlotSuite

SOURCE_IO_NO_FOOTPRINTS = 0x1
"""Flag for reading and writing: leave footprints out."""

SOURCE_IO_NO_HEAVY_FOOTPRINTS = 0x2
"""Flag for reading and writing: make footprints out of heavy footprints."""

_FLUXES = ("Psf", "Model", "Ap", "Gaussian", "Calib")


def _makeMinimal():
    schema = Schema(SimpleTable._minimal)
    return schema, schema.addField("parent", "L", "unique ID of parent source")


_MINIMAL, _PARENT_KEY = _makeMinimal()


class SourceRecord(SimpleRecord):
    """A source: what slots point to can be had directly, and there may be a footprint."""

    __slots__ = ()

    def _slot(self, name):
        return self._table._slots.slots[name]

    def getFootprint(self):
        """Return the footprint, or None."""
        return self._table._footprints.get(self._row)

    def setFootprint(self, footprint):
        """Set the footprint."""
        self._table._footprints.set(self._row, footprint)

    def getParent(self):
        """Return the ID of the parent source, 0 for none."""
        return _PARENT_KEY.get(self)

    def setParent(self, id):
        """Set the ID of the parent source."""
        _PARENT_KEY.set(self, id)

    def getCentroid(self):
        """Return the centroid slot (`lsst.geom.Point2D`)."""
        return self._slot("Centroid").getMeasKey().get(self)

    def getCentroidErr(self):
        """Return the covariance matrix of the centroid slot."""
        return self._slot("Centroid").getErrKey().get(self)

    def getCentroidFlag(self):
        """Return the failure flag of the centroid slot."""
        return self._slot("Centroid").getFlagKey().get(self)

    def getX(self):
        """Return x of the centroid slot."""
        return self._slot("Centroid").getMeasKey().getX().get(self)

    def getY(self):
        """Return y of the centroid slot."""
        return self._slot("Centroid").getMeasKey().getY().get(self)

    def getShape(self):
        """Return the shape slot (`lsst.afw.geom.ellipses.Quadrupole`)."""
        return self._slot("Shape").getMeasKey().get(self)

    def getShapeErr(self):
        """Return the covariance matrix of the shape slot."""
        return self._slot("Shape").getErrKey().get(self)

    def getShapeFlag(self):
        """Return the failure flag of the shape slot."""
        return self._slot("Shape").getFlagKey().get(self)

    def getIxx(self):
        """Return the moment in x of the shape slot."""
        return self._slot("Shape").getMeasKey().getIxx().get(self)

    def getIyy(self):
        """Return the moment in y of the shape slot."""
        return self._slot("Shape").getMeasKey().getIyy().get(self)

    def getIxy(self):
        """Return the mixed moment of the shape slot."""
        return self._slot("Shape").getMeasKey().getIxy().get(self)

    def updateCoord(self, wcs, key=None):
        """Set the sky position from a pixel position.

        Parameters
        ----------
        wcs : `lsst.afw.geom.SkyWcs`
            World coordinate system.
        key : `Point2DKey`, optional
            Key of the pixel position, by default the centroid slot.
        """
        self.setCoord(wcs.pixelToSky(self.getCentroid() if key is None else key.get(self)))

    def setCoord(self, coord):
        """Set the sky position."""
        if not isinstance(coord, lsst.geom.SpherePoint):
            raise TypeError(f"Expected a SpherePoint, got {coord!r}")
        super().setCoord(coord)


class SourceTable(SimpleTable):
    """A table of sources.

    Parameters
    ----------
    schema : `Schema`
        Schema, which must have the fields of `makeMinimalSchema`.
    idFactory : `IdFactory`, optional
        Source of the IDs of new records.
    """

    _kind = "Source"
    _minimal = _MINIMAL
    _minimalName = "getMinimalSchema"

    def _setup(self):
        super()._setup()
        self._footprints = ObjectColumn()
        self._slots = SlotSuite(self._schema)

    def _handleAliasChange(self, alias):
        if alias.startswith("slot"):
            self._slots.handleAliasChange(alias, self._schema)

    @staticmethod
    def getParentKey():
        """Return the key of the ID of the parent source."""
        return _PARENT_KEY

    def _copyExtras(self, destination, other, rows):
        if isinstance(other, SourceTable):
            self._footprints.copyRows(destination, other._footprints, rows)


class SourceColumnView(SimpleColumnView):
    """The columns of a `SourceCatalog`, with those that slots point to."""

    def _slotKey(self, name):
        return self._table._slots.slots[name].getMeasKey()

    def getX(self):
        """Return x of the centroid slot."""
        return self[self._slotKey("Centroid").getX()]

    def getY(self):
        """Return y of the centroid slot."""
        return self[self._slotKey("Centroid").getY()]

    def getIxx(self):
        """Return the moments in x of the shape slot."""
        return self[self._slotKey("Shape").getIxx()]

    def getIyy(self):
        """Return the moments in y of the shape slot."""
        return self[self._slotKey("Shape").getIyy()]

    def getIxy(self):
        """Return the mixed moments of the shape slot."""
        return self[self._slotKey("Shape").getIxy()]


def _addFluxMethods(name):
    """Give the classes the methods of a flux slot."""
    slot = name + "Flux"

    def measure(self):
        return self._slot(slot).getMeasKey().get(self)

    def error(self):
        return self._slot(slot).getErrKey().get(self)

    def flag(self):
        return self._slot(slot).getFlagKey().get(self)

    def measureColumn(self):
        return self[self._table._slots.slots[slot].getMeasKey()]

    def errorColumn(self):
        return self[self._table._slots.slots[slot].getErrKey()]

    for cls, function, end, what in (
            (SourceRecord, measure, "InstFlux", "instFlux"),
            (SourceRecord, error, "InstFluxErr", "instFlux uncertainty"),
            (SourceRecord, flag, "FluxFlag", "failure flag"),
            (SourceColumnView, measureColumn, "InstFlux", "instFlux"),
            (SourceColumnView, errorColumn, "InstFluxErr", "instFlux uncertainty")):
        function.__name__ = f"get{name}{end}"
        function.__doc__ = f"Return the {what} of the slot {slot}."
        setattr(cls, function.__name__, function)


def _addSlotMethods(slot):
    """Give the table the methods of a slot."""
    def get(self):
        return self._slots.slots[slot]

    def define(self, name):
        self._schema.getAliasMap().set("slot_" + slot, name)

    get.__name__, define.__name__ = f"get{slot}Slot", f"define{slot}"
    get.__doc__ = f"Return the definition of the slot {slot}."
    define.__doc__ = f"Let the slot {slot} point to the measurement of a name."
    setattr(SourceTable, get.__name__, get)
    setattr(SourceTable, define.__name__, define)


for _name in _FLUXES:
    _addFluxMethods(_name)
    _addSlotMethods(_name + "Flux")
_addSlotMethods("Centroid")
_addSlotMethods("Shape")


class SourceCatalog(SortedCatalogSearch, CatalogBase):
    """A catalog of sources."""

    def getChildren(self, parent, *args):
        """Return the sources that have a parent.

        Parameters
        ----------
        parent : `int` or iterable of `int`
            ID of the parent, or IDs of several.
        args : sequence
            Sequences that correspond to this catalog record by record, of which the same part is returned.

        Returns
        -------
        children : catalog, or tuple of it and the parts of ``args``, or generator of these
            The children; a generator for several parents.

        Raises
        ------
        AssertionError
            Raised if the catalog is not sorted by parent.
        """
        if not self.isSorted(_PARENT_KEY):
            raise AssertionError("The table is not sorted by parent, so cannot getChildren")

        def children(id):
            part = self.equal_range(id, _PARENT_KEY)
            if args:
                return (self[part],) + tuple(arg[part] for arg in args)
            return self[part]

        if isinstance(parent, (int, np.integer)):
            return children(parent)
        return (children(id) for id in iter(parent))


tie(SourceRecord, SourceTable, SourceCatalog, SourceColumnView)
Catalog.register("Source", SourceCatalog)
