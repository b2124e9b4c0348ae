# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Stored configs import the modules that their classes have in v23, so that the real stack can load them."""

import re

import pytest

import lsst.meas.base as measBase

# What v23.0.2 writes for the defaults of both tasks.
COMMON = {
    "apertureFlux", "baseMeasurement", "blendedness", "gaussianFlux", "localBackground", "naiveCentroid",
    "noiseReplacer", "peakLikelihoodFlux", "pixelFlags", "plugins", "psfFlux", "scaledApertureFlux",
    "sdssCentroid", "sdssShape", "wrappers",
}


@pytest.mark.parametrize("TaskClass, own", [
    (measBase.SingleFrameMeasurementTask, "sfm"), (measBase.ForcedMeasurementTask, "forcedMeasurement"),
])
def test_modules(TaskClass, own, tmp_path):
    path = tmp_path/"config.py"
    TaskClass.ConfigClass().save(str(path))
    modules = re.findall(r"^import lsst\.meas\.base\.(\w+)$", path.read_text(), re.MULTILINE)
    assert set(modules) == COMMON | {own}
    config = TaskClass.ConfigClass()
    config.load(str(path))
    assert config == TaskClass.ConfigClass()


def test_homeOfPlugins():
    config = measBase.SingleFrameMeasurementConfig()
    for name, module in (("base_Variance", "wrappers"), ("base_SkyCoord", "plugins")):
        assert type(config.plugins[name]).__module__ == "lsst.meas.base." + module
