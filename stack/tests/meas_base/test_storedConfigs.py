# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Stored configs import the modules that their classes have in v23, so that the real stack can load them."""

import re

import lsst.meas.base as measBase

# What v23.0.2 writes for the defaults.
MODULES = {
    "apertureFlux", "baseMeasurement", "blendedness", "forcedMeasurement", "gaussianFlux", "localBackground",
    "naiveCentroid", "noiseReplacer", "peakLikelihoodFlux", "pixelFlags", "plugins", "psfFlux",
    "scaledApertureFlux", "sdssCentroid", "sdssShape", "wrappers",
}


def test_modules(tmp_path):
    path = tmp_path/"config.py"
    measBase.ForcedMeasurementConfig().save(str(path))
    modules = re.findall(r"^import lsst\.meas\.base\.(\w+)$", path.read_text(), re.MULTILINE)
    assert set(modules) == MODULES
    config = measBase.ForcedMeasurementConfig()
    config.load(str(path))
    assert config == measBase.ForcedMeasurementConfig()


def test_homeOfPlugins():
    config = measBase.ForcedMeasurementConfig()
    for name, module in (("base_Variance", "wrappers"), ("base_PeakCentroid", "plugins")):
        assert type(config.plugins[name]).__module__ == "lsst.meas.base." + module
