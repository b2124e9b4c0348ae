# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""The algorithms need no butler and no command line."""

import importlib.util
import pathlib
import subprocess
import sys

import lsst.dia.repro
import pytest

FORCED = pathlib.Path(__file__).parent/"forced"

#: Modules that cannot be imported; the package's own `__init__`, which has the drivers, is left out.
ALONE = """
import importlib, sys, types
package = types.ModuleType("lsst.dia.repro")
package.__path__ = [sys.argv[1]]
sys.modules["lsst.dia.repro"] = package
sys.modules.update(dict.fromkeys(sys.argv[2:]))
"""

IMPORT = """
Task = getattr(importlib.import_module("lsst.dia.repro.MODULE"), "TASK")
print(Task().getName())
"""

MEASURE = f"""
sys.path.insert(0, {str(FORCED)!r})
from forcedImages import X0, Y0, makeExposure, measure
x, y = X0 + 60.25, Y0 + 80.5
forced = measure(makeExposure([(x, y, 2000.0)]), [(x, y)], exposureId=7, doJointFit=True, doControl=True)
print(repr(float(forced["base_PsfFlux_flux"][0])))
"""


def runAlone(program):
    """Run a program without middleware and return what it prints."""
    absent = ["lsst.dia.repro.commandLine"]
    if importlib.util.find_spec("lsst.pipe.cmdline") is not None:
        # A stack's own lsst.pipe.base cannot be imported without the butler; the slice has no need of it.
        absent += ["lsst.daf.persistence", "lsst.pipe.cmdline", "lsst.obs"]
    done = subprocess.run([sys.executable, "-c", ALONE + program, *lsst.dia.repro.__path__, *absent],
                          capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.parametrize("module, task, name", [
    ("association.diaAssociation", "DiaAssociationTask", "diaObjectMaker"),
    ("forced.forcedDiaMeasurement", "ForcedDiaMeasurementTask", "forcedDiaPhot"),
    ("lightCurves.lightCurveAssembly", "LightCurveAssemblyTask", "diaLightCurves"),
])
def testMadeWithoutButlerAndCommandLine(module, task, name):
    assert runAlone(IMPORT.replace("MODULE", module).replace("TASK", task)) == name


def testDriverCannotBeMadeSo():
    with pytest.raises(AssertionError, match="halted; None in sys.modules"):
        runAlone(IMPORT.replace("MODULE", "forced.forcedDiaPhot").replace("TASK", "ForcedDiaPhotTask"))


def testMeasuresWithoutButlerAndCommandLine(monkeypatch):
    monkeypatch.syspath_prepend(str(FORCED))
    from forcedImages import X0, Y0, makeExposure, measure
    x, y = X0 + 60.25, Y0 + 80.5
    forced = measure(makeExposure([(x, y, 2000.0)]), [(x, y)])
    assert float(runAlone(MEASURE)) == forced["base_PsfFlux_flux"][0]
