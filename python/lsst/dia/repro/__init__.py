# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""DIASources of difference images into DIAObjects with forced light curves."""

import importlib

_MODULES = {
    "DiaLightCurvesConfig": "diaLightCurves",
    "DiaLightCurvesTask": "diaLightCurves",
    "DiaObjectMakerConfig": "diaObjectMaker",
    "DiaObjectMakerTask": "diaObjectMaker",
    "ForcedDiaPhotConfig": "forcedDiaPhot",
    "ForcedDiaPhotTask": "forcedDiaPhot",
}


def __getattr__(name):
    # Tasks take long to import, and a command shows its help without them.
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(importlib.import_module("." + _MODULES[name], __name__), name)
    return value


def __dir__():
    return sorted({*globals(), *_MODULES})
