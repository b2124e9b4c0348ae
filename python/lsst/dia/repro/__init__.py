# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""DIASources of difference images into DIAObjects with forced light curves."""

from importlib.util import find_spec

if find_spec("lsst.afw") is None:
    raise ImportError(
        "dia_repro needs an LSST stack, which is not here: set up a stack v23, or a later one for "
        "pipetask, or install the distribution gen2-slice with \"pip install ./stack\" in a checkout of "
        "dia_repro")

from .association.diaAssociation import DiaObjectMakerConfig
from .forced.forcedDiaMeasurement import ForcedDiaPhotConfig
from .lightCurves.lightCurveAssembly import DiaLightCurvesConfig
from .prompt.diaPromptProcessing import DiaPromptConfig

__all__ = ["DiaLightCurvesConfig", "DiaObjectMakerConfig", "DiaPromptConfig", "ForcedDiaPhotConfig"]

# Stacks later than v24 have no Gen2 butler; their users have the PipelineTasks of `gen3`.
if find_spec("lsst.daf.persistence") is not None:
    from .association.diaObjectMaker import DiaObjectMakerTask
    from .forced.forcedDiaPhot import ForcedDiaPhotTask
    from .lightCurves.diaLightCurves import DiaLightCurvesTask

    __all__ += ["DiaLightCurvesTask", "DiaObjectMakerTask", "ForcedDiaPhotTask"]
