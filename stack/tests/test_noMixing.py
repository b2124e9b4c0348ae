# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""The slice beside a stack, of which these tests make a stub: packages that say where they are."""

import os
import pathlib
import shutil
import subprocess
import sys
import zipfile

import pytest

from lsst import _noMixing

STACK = pathlib.Path(__file__).parents[1]
PACKAGES = ["astshim", *(name.replace("/", ".") for name in _noMixing._listPackages("lsst"))]
EXTEND = "import pkgutil\n__path__ = pkgutil.extend_path(__path__, __name__)\n"

# As in v23, where `lsst.afw` is a package of one product, and the others are shared.
SHARED_PACKAGES = ("lsst", "lsst.daf", "lsst.meas", "lsst.meas.extensions", "lsst.obs", "lsst.pex",
                   "lsst.pipe")

# Imports every package of the slice and prints where it comes from, or why it does not come.
IMPORT_ALL = """
import importlib, sys
for name in sys.argv[1:]:
    try:
        print(name, importlib.import_module(name).__file__)
    except ImportError as error:
        print(name, error)
"""


def writeFile(path, text=""):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def addPackage(folder, name):
    parts = name.split(".")
    for i in range(1, len(parts)):
        parent = ".".join(parts[:i])
        writeFile(folder.joinpath(*parts[:i], "__init__.py"), EXTEND if parent in SHARED_PACKAGES else "")
    writeFile(folder.joinpath(*parts, "__init__.py"))


def makeStack(root, packages):
    """Make a product of each of the groups of packages, and return their folders."""
    products = {}
    for name in ["lsst.base", *packages]:
        product = "afw" if name.startswith("lsst.afw") else name.replace(".", "_")
        folder = root/product/"python"
        addPackage(folder, name)
        products[product] = str(folder)
    return list(products.values())


def importAll(path, packages=PACKAGES):
    """Import packages in a process with a path; return where each comes from, or the error."""
    # without site-packages, where this slice may be installed, and the current folder
    command = [sys.executable, "-S", "-P", "-c", IMPORT_ALL, *packages]
    result = subprocess.run(command, capture_output=True, text=True, check=True,
                            env={"PYTHONPATH": os.pathsep.join(map(str, path))})
    return dict(line.split(" ", 1) for line in result.stdout.splitlines())


@pytest.mark.parametrize("sliceFirst", [False, True])
@pytest.mark.parametrize("packages", [
    PACKAGES,
    PACKAGES[::2],
    ["lsst.pex.exceptions"],
    ["lsst.afw.table", "lsst.afw.image"],
    ["astshim"],
    [],
], ids=["complete", "half", "exceptions", "afw", "astshim", "base"])
def test_noModuleOfTheSliceIsImportedBesideAStack(tmp_path, packages, sliceFirst):
    stack = makeStack(tmp_path, packages)
    result = importAll([STACK, *stack] if sliceFirst else [*stack, STACK])
    assert set(result) == set(PACKAGES)
    for name, outcome in result.items():
        isStacks = outcome.startswith(str(tmp_path)) and name in packages
        # the regular package of a stack hides what it lacks
        isHidden = name.startswith("lsst.afw.") and outcome == f"No module named {name!r}"
        isRefused = (outcome.startswith(f"An LSST stack ({tmp_path}")
                     and f"the slice of one ({STACK})" in outcome)
        assert isStacks or isHidden or isRefused, outcome
    if packages == PACKAGES and not sliceFirst:
        assert not [outcome for outcome in result.values() if not outcome.startswith(str(tmp_path))]
    else:
        assert any("must not mix" in outcome for outcome in result.values())


def test_aTaskFrameworkOfAStackIsRefused(tmp_path):
    addPackage(tmp_path, "lsst.pipe.base")
    writeFile(tmp_path/"lsst/pipe/base/cmdLineTask.py")
    (outcome,) = importAll([tmp_path, STACK], ["lsst.daf.persistence"]).values()
    assert f"{tmp_path}/lsst/pipe/base/cmdLineTask.py" in outcome


def test_otherPackagesAndCopiesOfTheSliceAreWelcome(tmp_path):
    for name in ("lsst.pipe.base", "lsst.daf.butler", "lsst.utils", "lsst.other.product"):
        addPackage(tmp_path, name)
    copy = tmp_path/"copy/lsst"
    shutil.copytree(STACK/"lsst/log", copy/"log")
    shutil.copy(_noMixing.__file__, copy)
    for path in ([tmp_path, STACK, copy.parent], [STACK, copy.parent, tmp_path]):
        assert importAll(path, ["lsst.log"]) == {"lsst.log": str(STACK/"lsst/log/__init__.py")}


def test_theWheelHoldsTheSliceAlone(tmp_path):
    subprocess.run([sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation",
                    "--wheel-dir", tmp_path, STACK], check=True)
    (wheel,) = tmp_path.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    assert {name.split("/")[0] for name in names if ".dist-info/" not in name} == {"astshim", "lsst"}
    inLsst = {name.split("/")[1] for name in names if name.startswith("lsst/")}
    assert inLsst == {"_compiled.py", "_noMixing.py", "_partialFile.py", "_threads.py", "afw", "daf", "geom",
                      "log", "meas", "obs", "pex", "pipe"}
    shared = {f"{name.replace('.', '/')}/__init__.py" for name in (*SHARED_PACKAGES, "lsst.afw")}
    assert not shared.intersection(names)
