# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""No import runs up the layers that pyproject.toml declares, and none in a circle."""

import pathlib
import textwrap
import tomllib

import pytest
from importGraph import brokenRules, findCircles, findModules, readImports, readLateImports

ROOT = pathlib.Path(__file__).parents[2]
LAYERS = tomllib.loads((ROOT/"pyproject.toml").read_text())["tool"]["gen2-slice"]["layers"]


@pytest.fixture(scope="module")
def imports():
    """The imports of the slice."""
    return readImports(ROOT)


def test_noImportRunsUp(imports):
    assert len(imports) > 1000
    assert brokenRules(imports, LAYERS) == []


def test_noCircles(imports):
    assert findCircles(imports) == []


def test_everyLayerIsAPackage():
    assert set(LAYERS) <= set(findModules(ROOT))


def test_theDocumentHasTheLayers():
    text = (ROOT/"doc"/"layers.rst").read_text()
    positions = [text.index(f"* - ``{layer}``\n") for layer in reversed(LAYERS)]
    assert positions == sorted(positions)


COMPILED = "it imports numba, 0.4 s, for commands that measure"
LATE = {
    "._annulusStatistics": COMPILED,
    "._circleSums": COMPILED,
    "._maskBits": COMPILED,
    "._momentLoops": COMPILED,
    "._warpStamp": COMPILED,
    "._rebuildPiff": "piff is optional, and takes 1 s with galsim",
    "astropy": "its tables take 0.3 s; few catalogs become one",
    "debug": "a file of the user, if there is one",
    "lsst.afw.math._momentLoops": COMPILED,
    "lsst.afw.math._shiftStamps": COMPILED,
    "lsst.sphgeom": "0.05 s, for those who hand in its objects",
    "matplotlib": "0.4 s, for plots",
    "pandas": "0.3 s, for those who want a DataFrame",
    "pyarrow": "0.05 s, for Parquet",
    "scipy": "each of its parts takes 0.15 to 0.35 s",
}
"""What may be imported in functions: what is optional or slow."""


def test_onlyWhatIsSlowIsImportedLate():
    late = [(where, module) for where, module in readLateImports(ROOT)
            if not any(f"{module}.".startswith(name + ".") for name in LATE)]
    assert late == []


PLANTED = {
    "astshim/__init__.py": "",
    "lsst/low/__init__.py": "from ._model import Model\n",
    "lsst/low/_model.py": """\
        from typing import TYPE_CHECKING

        if TYPE_CHECKING:
            from lsst.high import Harmless
        else:
            import numpy
        """,
    "lsst/high/__init__.py": "import lsst.low\nfrom lsst.low._model import Model\n",
}


def plant(root, files):
    """Write a small slice, with some files of one's own."""
    for name, text in {**PLANTED, **files}.items():
        (root/name).parent.mkdir(parents=True, exist_ok=True)
        (root/name).write_text(textwrap.dedent(text))
    return readImports(root)


def test_whatRunsDownIsFine(tmp_path):
    imports = plant(tmp_path, {})
    assert brokenRules(imports, ["lsst.low", "lsst.high"]) == []
    assert findCircles(imports) == []
    assert [str(item) for item in imports if item.importer == "lsst.high"] == [
        "lsst/high/__init__.py:1 lsst.high -> lsst.low",
        "lsst/high/__init__.py:2 lsst.high -> lsst.low._model"]


@pytest.mark.parametrize("line", [
    "from lsst.high import Thing", "import lsst.high", "from ..high import Thing", "from .. import high",
    'importlib.import_module("lsst.high")'])
@pytest.mark.parametrize("indent", ["", "def late():\n    ", "class Late:\n    def method(self):\n        "])
def test_plantedViolations(tmp_path, line, indent):
    imports = plant(tmp_path, {"lsst/low/_late.py": "import importlib\n\n" + indent + line + "\n"})
    where = f"lsst/low/_late.py:{3 + indent.count(chr(10))}"
    assert brokenRules(imports, ["lsst.low", "lsst.high"]) == [
        f"{where} lsst.low._late -> lsst.high: lsst.low is below lsst.high"]


def test_plantedCircleOfFiles(tmp_path):
    imports = plant(tmp_path, {
        "lsst/low/_one.py": "from ._two import Two\n", "lsst/low/_two.py": "from ._three import Three\n",
        "lsst/low/_three.py": "def late():\n    from ._one import One\n"})
    assert findCircles(imports) == [["lsst.low._one", "lsst.low._three", "lsst.low._two"]]


def test_plantedCircleThroughAPackage(tmp_path):
    # to import a part of a package imports all that its __init__ does
    imports = plant(tmp_path, {
        "lsst/low/_model.py": "from .formats._names import names\n",
        "lsst/low/formats/__init__.py": "from ._reader import Reader\n",
        "lsst/low/formats/_names.py": "",
        "lsst/low/formats/_reader.py": "from .._model import Model\n"})
    assert findCircles(imports) == [["lsst.low._model", "lsst.low.formats", "lsst.low.formats._reader"]]


def test_plantedLateImports(tmp_path):
    plant(tmp_path, {"lsst/low/_late.py": """\
        import json

        def late():
            import decimal
            from ..high import Thing
        """})
    assert readLateImports(tmp_path) == [
        ("lsst/low/_late.py:4", "decimal"), ("lsst/low/_late.py:5", "..high")]


def test_packagesWithoutALayer(tmp_path):
    imports = plant(tmp_path, {"lsst/new/__init__.py": "import lsst.low\n"})
    assert brokenRules(imports, ["lsst.low", "lsst.high"]) == [
        "lsst/new/__init__.py:1 lsst.new -> lsst.low: no layer"]
