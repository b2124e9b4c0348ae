# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""The algorithm of forced photometry needs no butler and no command line."""

import importlib.util
import pathlib
import subprocess
import sys

import lsst.dia.repro
import numpy as np
import pytest
from forcedImages import X0, Y0, makeExposure, makeObjects
from lsst.afw.table import IdFactory
from lsst.dia.repro.forced.forcedDiaMeasurement import ForcedDiaMeasurementTask

HERE = pathlib.Path(__file__).parent
SOURCE = (X0 + 60.25, Y0 + 80.5, 2000.0)

#: Modules that cannot be imported; the package's own `__init__`, which has the drivers, is left out.
ALONE = """
import sys, types
package = types.ModuleType("lsst.dia.repro")
package.__path__, sys.path[:0] = [sys.argv[1]], [sys.argv[2]]
sys.modules["lsst.dia.repro"] = package
sys.modules.update(dict.fromkeys(sys.argv[3:]))
from forcedImages import makeExposure, measure
x, y, flux = SOURCE
forced = measure(makeExposure([SOURCE]), [(x, y)], exposureId=7, doJointFit=True, doControl=True)
print(repr(float(forced["base_PsfFlux_flux"][0])))
"""


def testRunsWithoutButlerAndCommandLine():
    absent = ["lsst.dia.repro.commandLine"]
    if importlib.util.find_spec("lsst.pipe.cmdline") is not None:
        # A stack's own lsst.pipe.base cannot be imported without the butler; the slice has no need of it.
        absent += ["lsst.daf.persistence", "lsst.pipe.cmdline", "lsst.obs"]
    done = subprocess.run([sys.executable, "-c", ALONE.replace("SOURCE", repr(SOURCE)),
                           *lsst.dia.repro.__path__, HERE, *absent], capture_output=True, text=True,
                          timeout=120)
    assert done.returncode == 0, done.stderr
    x, y, flux = SOURCE
    exposure = makeExposure([SOURCE])
    forced = ForcedDiaMeasurementTask().run(exposure, makeObjects(exposure, [(x, y)])).forcedSources
    assert float(done.stdout) == forced["base_PsfFlux_flux"][0]


def testResultHoldsIdsAndNothingOfTheImageIsChanged():
    exposure = makeExposure([SOURCE])
    before = exposure.clone()
    objects = makeObjects(exposure, [SOURCE[:2], (X0 - 500.0, Y0)])
    result = ForcedDiaMeasurementTask().run(exposure, objects, IdFactory.makeSource(5, 23), 5)
    assert list(result.getDict()) == ["forcedSources"]
    assert list(result.forcedSources["diaObjectId"]) == [101]
    assert result.forcedSources["id"][0] >> 23 == 5
    for plane in ("image", "mask", "variance"):
        np.testing.assert_array_equal(getattr(exposure, plane).array, getattr(before, plane).array)


@pytest.mark.parametrize("option", ["doControl", "doJointFit"])
def testConfigThatContradictsItselfIsRefused(option):
    config = ForcedDiaMeasurementTask.ConfigClass()
    setattr(config, option, True)
    config.validate()
    config.measurement.slots.psfFlux = None
    config.measurement.plugins.names.remove("base_PsfFlux")
    with pytest.raises(ValueError, match=f"{option} needs base_PsfFlux"):
        config.validate()
