# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""DIASources of difference images into DIAObjects with forced light curves."""

from .diaObjectMaker import DiaObjectMakerConfig, DiaObjectMakerTask
from .forcedDiaPhot import ForcedDiaPhotConfig, ForcedDiaPhotTask

__all__ = ["DiaObjectMakerConfig", "DiaObjectMakerTask", "ForcedDiaPhotConfig", "ForcedDiaPhotTask"]
