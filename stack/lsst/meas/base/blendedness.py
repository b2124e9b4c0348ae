# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""How much the measurements of a source are affected by its neighbors (Bosch et al. 2018, PASJ, 70, S5)."""

from ._control import Control, ControlField
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
    """Has the fields, but fills none, as in v23: forced measurement never shows it a source with and without
    its neighbors.

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
        self._logName = name
        if ctrl.doOld:
            schema.addField(
                name + "_old",
                type="D",
                doc="Blendedness from dot products: (child.dot(parent)/child.dot(child) - 1)",
            )
        if ctrl.doFlux:
            self._addFluxFields(schema, name)
        if ctrl.doShape:
            for kind in ("raw", "abs"):
                for what in ("child", "parent"):
                    ShapeResultKey.addFields(
                        schema, f"{name}_{kind}_{what}", _describe("Shape", kind, what),
                        UncertaintyEnum.NO_UNCERTAINTY,
                    )
        if ctrl.doFlux or ctrl.doShape:
            FlagHandler.addFields(schema, name, _flags)

    def _addFluxFields(self, schema, name):
        for kind in ("raw", "abs"):
            schema.addField(
                f"{name}_{kind}",
                type="D",
                doc="Measure of how much the flux is affected by neighbors: "
                f"(1 - child_instFlux/parent_instFlux).  {_OPERANDS[kind]}",
            )
            for what in ("child", "parent"):
                schema.addField(
                    f"{name}_{kind}_{what}_instFlux",
                    type="D",
                    doc=_describe("Instrumental flux", kind, what),
                    units="count",
                )

    @staticmethod
    def getFlagDefinitions():
        """Return the definitions of the flags."""
        return _flags

    def measureCatalog(self, measCat, exposure):
        """Do nothing: there are no failures."""
        return []

    def fail(self, measRecord, error=None):
        """Do nothing."""


_OPERANDS = {
    "raw": 'Operates on the "raw" pixel values.',
    "abs": 'Operates on the absolute value of the pixels to try to obtain a "de-noised" value.  '
    "See section 4.9.11 of Bosch et al. 2018, PASJ, 70, S5 for details.",
}


def _describe(quantity, kind, what):
    return (
        f"{quantity} of the {what}, measured with a Gaussian weight matched to the child.  {_OPERANDS[kind]}"
    )
