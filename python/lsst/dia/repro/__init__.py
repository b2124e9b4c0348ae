# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""DIASources of difference images into DIAObjects with forced light curves."""

from __future__ import annotations

import importlib
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

if find_spec("lsst.afw") is None:
    raise ImportError(
        "dia_repro needs an LSST stack, which is not here: set up a stack v23, or a later one for "
        "pipetask, or install the distribution gen2-slice with \"pip install ./stack\" in a checkout of "
        "dia_repro")

if TYPE_CHECKING:
    from .association.diaAssociation import DiaObjectMakerConfig
    from .association.diaObjectMaker import DiaObjectMakerTask
    from .forced.forcedDiaMeasurement import ForcedDiaPhotConfig
    from .forced.forcedDiaPhot import ForcedDiaPhotTask
    from .lightCurves.diaLightCurves import DiaLightCurvesTask
    from .lightCurves.lightCurveAssembly import DiaLightCurvesConfig
    from .prompt.diaPromptProcessing import DiaPromptConfig

__all__ = ["DiaLightCurvesConfig", "DiaObjectMakerConfig", "DiaPromptConfig", "ForcedDiaPhotConfig"]

# Stacks later than v24 have no Gen2 butler; their users have the PipelineTasks of `gen3`.
if find_spec("lsst.daf.persistence") is not None:
    __all__ += ["DiaLightCurvesTask", "DiaObjectMakerTask", "ForcedDiaPhotTask"]

#: Where they are. They are imported when they are asked for, since a command asks for one.
_HOMES = {
    "DiaLightCurvesConfig": "lightCurves.lightCurveAssembly",
    "DiaLightCurvesTask": "lightCurves.diaLightCurves",
    "DiaObjectMakerConfig": "association.diaAssociation",
    "DiaObjectMakerTask": "association.diaObjectMaker",
    "DiaPromptConfig": "prompt.diaPromptProcessing",
    "ForcedDiaPhotConfig": "forced.forcedDiaMeasurement",
    "ForcedDiaPhotTask": "forced.forcedDiaPhot",
}


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
