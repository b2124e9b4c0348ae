# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""How much the measurements of a source are affected by its neighbors (Bosch et al. 2018, PASJ, 70, S5)."""

import numpy as np

from lsst.pex.exceptions import LogicError

from ._blendMoments import absBias, absExpectation, computeBlendMoments
from ._control import Control, ControlField
from ._rows import setRows
from .algorithm import SimpleAlgorithm
from .centroidUtilities import UncertaintyEnum
from .flagHandler import FlagDefinitionList, FlagHandler
from .shapeUtilities import ShapeResultKey

__all__ = ["BlendednessAlgorithm", "BlendednessControl"]

_flags = FlagDefinitionList()


class BlendednessControl(Control):
    """Settings of `BlendednessAlgorithm`."""

    doOld = ControlField("bool", True, "compute dot products of heavy footprints?")
    doFlux = ControlField("bool", True, "compare fluxes with Gaussian weights?")
    doShape = ControlField("bool", True, "compare shapes with Gaussian weights?")
    nSigmaWeightMax = ControlField("double", 3.0, "where the weights end (standard deviations)")


class BlendednessAlgorithm(SimpleAlgorithm):
    """Compares a source measured alone, its neighbors replaced by noise, and with its neighbors.

    It needs the image in both states, so the measurement task calls `measureChildPixels` and, later,
    `measureParentPixels`; `measure` does nothing.

    Parameters
    ----------
    ctrl : `BlendednessControl`
        Settings.
    name : `str`
        Prefix of the fields.
    schema : `lsst.afw.table.Schema`
        Gets the fields.
    """

    Control = BlendednessControl

    FAILURE = _flags.addFailureFlag()
    NO_CENTROID = _flags.add("flag_noCentroid", "Object has no centroid")
    NO_SHAPE = _flags.add("flag_noShape", "Object has no shape")

    def __init__(self, ctrl, name, schema):
        self._ctrl = ctrl
        self._logName = name
        if ctrl.doOld:
            self._oldKey = schema.addField(
                name + "_old",
                type="D",
                doc="Blendedness from dot products: (child.dot(parent)/child.dot(child) - 1)",
            )
        if ctrl.doFlux:
            self._addFluxFields(schema, name)
        if ctrl.doShape:
            self._shapeKeys = {
                (kind, what): ShapeResultKey.addFields(
                    schema, f"{name}_{kind}_{what}", _describe("Shape", kind, what),
                    UncertaintyEnum.NO_UNCERTAINTY,
                )
                for kind in ("raw", "abs")
                for what in ("child", "parent")
            }
        if ctrl.doFlux or ctrl.doShape:
            self._flagHandler = FlagHandler.addFields(schema, name, _flags)

    def _addFluxFields(self, schema, name):
        self._ratioKeys, self._fluxKeys = {}, {}
        for kind in ("raw", "abs"):
            self._ratioKeys[kind] = schema.addField(
                f"{name}_{kind}",
                type="D",
                doc="Measure of how much the flux is affected by neighbors: "
                f"(1 - child_instFlux/parent_instFlux).  {_OPERANDS[kind]}",
            )
            for what in ("child", "parent"):
                self._fluxKeys[kind, what] = schema.addField(
                    f"{name}_{kind}_{what}_instFlux",
                    type="D",
                    doc=_describe("Instrumental flux", kind, what),
                    units="count",
                )

    @staticmethod
    def getFlagDefinitions():
        """Return the definitions of the flags."""
        return _flags

    @staticmethod
    def computeAbsExpectation(data, variance):
        """Return the expectation of the true value of a pixel, if it cannot be negative.

        Parameters
        ----------
        data, variance : `float`
            Value and variance of the pixel.
        """
        return float(absExpectation(np.float32(data), np.float32(variance)))

    @staticmethod
    def computeAbsBias(mu, variance):
        """Return by how much noise makes the mean absolute value of a pixel larger than its true value.

        Parameters
        ----------
        mu, variance : `float`
            True value and variance of the pixel.
        """
        return float(absBias(np.float32(mu), np.float32(variance)))

    def measureCatalog(self, measCat, exposure):
        """Do nothing: there are no failures."""
        return []

    def fail(self, measRecord, error=None):
        """Do nothing."""

    def measureChildPixels(self, image, child):
        """Measure a source without its neighbors.

        Parameters
        ----------
        image : `lsst.afw.image.MaskedImage`
            The image, with the neighbors replaced.
        child : `lsst.afw.table.SourceRecord`
            The source.

        Raises
        ------
        lsst.pex.exceptions.LogicError
            The slot of centroid or shape is not defined.
        """
        self.measureChildCatalog(image, _makeCatalog(child))

    def measureParentPixels(self, image, child):
        """Measure a source with its neighbors, and compare.

        Parameters
        ----------
        image : `lsst.afw.image.MaskedImage`
            The image.
        child : `lsst.afw.table.SourceRecord`
            The source, measured by `measureChildPixels`.

        Raises
        ------
        lsst.pex.exceptions.LogicError
            The slot of centroid or shape is not defined, there is no footprint, or it is not on the image.
        """
        self.measureParentCatalog(image, _makeCatalog(child))

    def measureChildCatalog(self, image, catalog):
        """Measure all sources of a catalog; see `measureChildPixels`."""
        self._measure(image, catalog, "child")

    def measureParentCatalog(self, image, catalog):
        """Measure and compare all sources of a catalog; see `measureParentPixels`."""
        if self._ctrl.doOld:
            catalog[self._oldKey] = np.array([_compareFootprint(record, image.image) for record in catalog])
        self._measure(image, catalog, "parent")
        if not self._ctrl.doFlux:
            return
        for kind, key in self._ratioKeys.items():
            child, parent = (np.array(catalog[self._fluxKeys[kind, what]]) for what in ("child", "parent"))
            with np.errstate(divide="ignore", invalid="ignore"):
                catalog[key] = 1.0 - child / parent
        # Both are clipped at zero, so their ratio may mean nothing.
        self._flagHandler.orValues(catalog, self.FAILURE.number, parent == 0.0)

    def _measure(self, image, catalog, what):
        if not (self._ctrl.doFlux or self._ctrl.doShape):
            return
        positions, shapes, rows = self._findMeasurable(catalog)
        moments = computeBlendMoments(
            image, positions[rows], shapes[rows], self._ctrl.nSigmaWeightMax, self._ctrl.doShape
        )
        for kind, result in moments.items():
            if self._ctrl.doFlux:
                # What is clipped is the flux of absolute values, corrected for their bias.
                flux = np.maximum(result.flux, 0.0) if kind == "abs" else result.flux
                setRows(catalog, self._fluxKeys[kind, what], rows, flux)
            if self._ctrl.doShape:
                key = self._shapeKeys[kind, what]
                for momentKey, values in zip((key.getIxx(), key.getIyy(), key.getIxy()), result.shape.T):
                    setRows(catalog, momentKey, rows, values)

    def _findMeasurable(self, catalog):
        """Return positions, shapes, and the rows that have both; the others are flagged."""
        centroid, shape = catalog.table.getCentroidSlot(), catalog.table.getShapeSlot()
        for name, slot in (("Centroid", centroid), ("Shape", shape)):
            if not slot.getMeasKey().isValid():
                raise LogicError(f"{name} Key must be defined to measure the blendedness instFlux")
        key = centroid.getMeasKey()
        positions = np.stack([catalog[key.getX()], catalog[key.getY()]], axis=-1)
        key = shape.getMeasKey()
        shapes = np.stack([catalog[key.getIxx()], catalog[key.getIyy()], catalog[key.getIxy()]], axis=-1)
        lost = ~np.isfinite(positions).all(axis=1)
        shapeless = ~(shapes[:, 0] * shapes[:, 1] - shapes[:, 2] ** 2 >= 0.0)
        badCentroid, badShape = (_getFlag(catalog, slot) for slot in (centroid, shape))
        # A bad centroid is the peak, which will do here.
        for flag, where in (
            (self.NO_CENTROID, badCentroid | lost),
            (self.NO_SHAPE, badShape | shapeless),
            (self.FAILURE, badShape | shapeless | lost),
        ):
            self._flagHandler.orValues(catalog, flag.number, where)
        return positions, shapes, np.flatnonzero(~lost & ~shapeless)


_OPERANDS = {
    "raw": 'Operates on the "raw" pixel values.',
    "abs": 'Operates on the absolute value of the pixels to try to obtain a "de-noised" value.  '
    "See section 4.9.11 of Bosch et al. 2018, PASJ, 70, S5 for details.",
}


def _describe(quantity, kind, what):
    return (
        f"{quantity} of the {what}, measured with a Gaussian weight matched to the child.  {_OPERANDS[kind]}"
    )


def _makeCatalog(record):
    catalog = type(record.table).Catalog(record.table)
    catalog.append(record)
    return catalog


def _getFlag(catalog, slot):
    key = slot.getFlagKey()
    return np.array(catalog[key]) if key.isValid() else np.zeros(len(catalog), dtype=bool)


def _compareFootprint(record, image):
    """Return the product of a heavy footprint and what is added to it, in units of its square."""
    footprint = record.getFootprint()
    if footprint is None:
        raise LogicError("blendedness_old requires a Footprint.")
    if not footprint.isHeavy():
        return 0.0
    if not image.getBBox().contains(footprint.getBBox()):
        raise LogicError("Child footprint extends beyond image.")
    child = footprint.getImageArray()
    parent = footprint.getSpans().flatten(image.array, image.getXY0())
    square = float(np.sum(child * child, dtype=np.float64))
    product = float(np.sum(child * (parent - child), dtype=np.float64))
    return product / square if square > 0.0 else 0.0
