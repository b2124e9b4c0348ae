# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""How images, exposures, their components and backgrounds are stored in FITS files and archives."""

from . import (
    apCorrMap,
    backgroundListFile,
    coaddInputs,
    exposureFile,
    exposureSummaryStats,
    filters,
    imageFile,
    maskedImageFile,
    photoCalib,
    transmissionCurves,
    visitInfo,
)
