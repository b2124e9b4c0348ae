# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.

"""Measurement of sources: plugins, their registries, and the tasks that run them."""

from lsst import _noMixing

from .algorithm import *
from .apCorrRegistry import *
from .apertureFlux import *
from .applyApCorr import *
from .baseMeasurement import *
from .blendedness import *
from .centroidChecker import *
from .centroidUtilities import *
from .circularApertureFlux import *
from .exceptions import *
from .flagHandler import *
from .fluxUtilities import *
from .forcedMeasurement import *
from .gaussianFlux import *
from .inputUtilities import *
from .localBackground import *
from .naiveCentroid import *
from .noiseReplacer import *
from .peakLikelihoodFlux import *
from .pixelFlags import *
from .pluginRegistry import *
from .plugins import *
from .pluginsBase import *
from .psfFlux import *
from .scaledApertureFlux import *
from .sdssCentroid import *
from .sdssShape import *
from .sdssShapeResult import *
from .shapeUtilities import *
from .wrappers import *
