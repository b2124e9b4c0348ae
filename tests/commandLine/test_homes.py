# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Where the commands find the stack, and what they say where there is none."""

import os
import pathlib
import subprocess
import sys
import sysconfig

import pytest

CHECKOUT = pathlib.Path(__file__).parents[2]
PYTHON = CHECKOUT/"python"
SLICE = CHECKOUT/"stack"
# On the path its .pth files, which add this checkout, are not read.
LIBRARIES = sysconfig.get_path("purelib")

CLASSES = ["ArgumentParser", "CmdLineTask", "ConfigDatasetType", "ConfigValueAction", "DataIdContainer",
           "TaskRunner"]
EXTEND = "import pkgutil\n__path__ = pkgutil.extend_path(__path__, __name__)\n"


needsSlice = pytest.mark.skipif("AFW_DIR" in os.environ, reason="a stack is set up")


def addPackage(folder, name, text=""):
    """Write a package with its parents, as a stack has them."""
    parts = name.split(".")
    for i in range(1, len(parts) + 1):
        file = folder.joinpath(*parts[:i], "__init__.py")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text if i == len(parts) else EXTEND)


def runPython(path, *args):
    """Run Python with a path, to which it adds where it is and the folder of a command, and nothing else."""
    return subprocess.run([sys.executable, "-S", *map(str, args)], capture_output=True, text=True,
                          timeout=60, cwd=os.sep, env={"PYTHONPATH": os.pathsep.join(map(str, path))})


def findClasses(path):
    """Return the module that the classes of Gen2 commands are taken from."""
    file = PYTHON/"lsst/dia/repro/commandLine/gen2Classes.py"
    code = f"import runpy; print(runpy.run_path({str(file)!r})['home'].__file__)"
    return runPython(path, "-c", code)


@pytest.fixture
def stack(tmp_path):
    """A stub of a stack v23 in two products."""
    products = [tmp_path/"base/python", tmp_path/"pipe_base/python"]
    addPackage(products[0], "lsst.base", "disableImplicitThreading = None\n")
    addPackage(products[1], "lsst.pipe.base.cmdLineTask", "profile = None\n")
    (products[1]/"lsst/pipe/base/__init__.py").write_text(
        "from . import cmdLineTask\n" + "".join(f"class {name}:\n    pass\n" for name in CLASSES))
    return products


@pytest.fixture
def laterStack(tmp_path):
    """A stub of a stack without Gen2."""
    addPackage(tmp_path, "lsst.base")
    addPackage(tmp_path, "lsst.pipe.base")
    return tmp_path


@pytest.mark.parametrize("command", ["diaObjectMaker.py", "forcedDiaPhot.py", "diaLightCurves.py",
                                     "simulateDiaRepo.py", "convertDiaRepo.py", "forcedLightCurves.py"])
@pytest.mark.parametrize("home", ["bare", "later stack"])
def testCommandSaysWhatIsMissing(laterStack, home, command):
    path = [PYTHON] if home == "bare" else [PYTHON, laterStack]
    result = runPython(path, CHECKOUT/"bin"/command, "--help")
    assert result.returncode == 1 and not result.stdout
    (line,) = result.stderr.splitlines()
    assert line.startswith(f"{command}: dia_repro needs")
    assert "set up a stack v23" in line and "pip install ./stack" in line


def testClassesOfTheStackComeFirst(stack):
    for path in ([*stack, SLICE, LIBRARIES], [SLICE, *stack, LIBRARIES], stack):
        assert findClasses(path).stdout == f"{stack[1]}/lsst/pipe/base/__init__.py\n"


@needsSlice
def testClassesOfTheSliceComeSecond():
    assert findClasses([LIBRARIES, SLICE]).stdout == f"{SLICE}/lsst/pipe/cmdline/__init__.py\n"


@pytest.mark.parametrize("sliceFirst", [False, True])
def testCommandRefusesAStackWithTheSlice(laterStack, sliceFirst):
    path = [SLICE, laterStack] if sliceFirst else [laterStack, SLICE]
    result = runPython([PYTHON, *path], CHECKOUT/"bin/diaObjectMaker.py", "--help")
    assert result.returncode == 1
    (line,) = result.stderr.splitlines()
    assert str(laterStack) in line and str(SLICE) in line and "must not mix" in line


def testOtherErrorsOfAStackAreNotHidden(tmp_path):
    addPackage(tmp_path, "lsst.pipe.base", "import lsst.pipe.base.gone\n")
    assert "lsst.pipe.base.gone" in findClasses([tmp_path, SLICE, LIBRARIES]).stderr


@needsSlice
def testTheDistributionHoldsTheMissionAlone(stack, tmp_path):
    target = tmp_path/"target"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, stack))}
    subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation",
                    "--target", target, CHECKOUT], check=True, env=environment)
    installed = [path.relative_to(target) for path in target.rglob("*") if path.is_file()]
    assert {path.parts[0].split("-")[0] for path in installed} == {"bin", "lsst", "dia_repro"}
    assert {path.parts[:3] for path in installed if path.parts[0] == "lsst"} == {("lsst", "dia", "repro")}
    assert (target/"lsst/dia/repro/py.typed").is_file()
    # with what it reads at run time
    overlay = "from lsst.dia.repro.commandLine.overlay import getOverlay; print(getOverlay().names(True))"
    result = runPython([target, SLICE, LIBRARIES], "-c", overlay)
    assert "datasets" in result.stdout, result.stderr
