# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""The public names of the package, each of which is imported when it is asked for."""

import importlib.util
import pickle
import subprocess
import sys

import lsst.dia.repro
import pytest

#: Where each is, by which pickles and stored configurations find it.
HOMES = {
    "DiaLightCurvesConfig": "lightCurves.lightCurveAssembly",
    "DiaObjectMakerConfig": "association.diaAssociation",
    "DiaPromptConfig": "prompt.diaPromptProcessing",
    "ForcedDiaPhotConfig": "forced.forcedDiaMeasurement",
}
GEN2_HOMES = {
    "DiaLightCurvesTask": "lightCurves.diaLightCurves",
    "DiaObjectMakerTask": "association.diaObjectMaker",
    "ForcedDiaPhotTask": "forced.forcedDiaPhot",
}
HAS_GEN2 = importlib.util.find_spec("lsst.daf.persistence") is not None
ALL = {**HOMES, **GEN2_HOMES} if HAS_GEN2 else HOMES


@pytest.mark.parametrize("name", ALL)
def testEachIsItsOwn(name):
    found = getattr(lsst.dia.repro, name)
    assert found.__name__ == name and found.__module__ == f"lsst.dia.repro.{ALL[name]}"
    assert pickle.loads(pickle.dumps(found)) is found


def testTheseAreAll():
    assert set(lsst.dia.repro.__all__) == set(ALL) <= set(dir(lsst.dia.repro))
    names = {}
    exec("from lsst.dia.repro import *", names)
    assert set(ALL) == set(names) - {"__builtins__"}


def testOthersAreNone():
    with pytest.raises(AttributeError, match="module 'lsst.dia.repro' has no attribute 'DiaObject'"):
        _ = lsst.dia.repro.DiaObject


def testNoTaskBringsTheOthers():
    program = ("import sys, lsst.dia.repro; assert 'numpy' not in sys.modules\n"
               "from lsst.dia.repro import ForcedDiaPhotConfig; print(*sys.modules)")
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert not {"lsst.dia.repro.association", "lsst.dia.repro.prompt"} & set(done.stdout.split())
