# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Imports run one way, from the drivers down to the ideas that stand alone.

import-linter does not do: of other distributions that share the namespace `lsst` it sees no more than
`lsst.daf`, and so cannot tell `lsst.daf.base` from `lsst.daf.persistence`.
"""

import ast
import pathlib

import pytest

PACKAGE = pathlib.Path(__file__).parents[1]/"python"/"lsst"/"dia"/"repro"
NAME = "lsst.dia.repro"

#: What the modules of a layer may import. The first layer that fits a module is its own; `idea` fits all.
LAYERS = {
    "front": ("", {"driver", "prompt", "algorithm"}),
    "driver": ("association.diaObjectMaker forced.forcedDiaPhot lightCurves.diaLightCurves "
               "prompt.diaPrompt prompt.stateExport prompt.stateImport report.diaReport report.gen2Source",
               {"driver", "commandLine", "prompt", "report", "gen3", "algorithm", "associator", "idea"}),
    "gen3 command": ("gen3.convertDiaRepo gen3.repositoryConversion gen3.compareWithGen2",
                     {"gen3 command", "gen3", "commandLine", "algorithm", "idea"}),
    "gen3": ("gen3", {"gen3", "images", "prompt", "report", "algorithm", "idea"}),
    "prompt": ("prompt", {"prompt", "algorithm", "associator", "idea"}),
    "report": ("report", {"report", "algorithm", "idea"}),
    "images": ("imageFiles", {"images", "algorithm", "idea"}),
    "simulator": ("simulate", {"simulator", "commandLine", "algorithm", "idea"}),
    "commandLine": ("commandLine", {"commandLine", "idea"}),
    "associator": ("association.associators", {"associator", "idea"}),
    "algorithm": ("association forced lightCurves", {"algorithm", "associator", "idea"}),
    "idea": (None, {"idea"}),
}

#: What a layer must not import from elsewhere.
MIDDLEWARE = ("lsst.daf.persistence", "lsst.daf.butler", "lsst.obs", "lsst.pipe.cmdline",
              "lsst.pipe.base.ArgumentParser", "lsst.pipe.base.CmdLineTask",
              "lsst.pipe.base.DataIdContainer", "lsst.pipe.base.PipelineTask", "lsst.pipe.base.TaskRunner")
WITHOUT_MIDDLEWARE = {"algorithm", "associator", "idea"}
READERS = ("astropy.io", "fitsio", "starlink")


def findModules(root):
    """Return the files of all modules of the package, by their names within it."""
    modules = {}
    for path in sorted(root.rglob("*.py")):
        parts = path.relative_to(root).with_suffix("").parts
        modules[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return modules


def readImports(path, root):
    """Yield the full names of what a file imports, in functions too."""
    package = [*NAME.split("."), *path.parent.relative_to(root).parts]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            parts = package[:len(package) + 1 - node.level] if node.level else []
            yield from (".".join([*parts, *([node.module] if node.module else []), alias.name])
                        for alias in node.names)


def isWithin(name, packages):
    return any(f"{name}.".startswith(package + ".") for package in packages)


def layerOf(module):
    """Return the layer of a module of ours."""
    return next(layer for layer, (names, _) in LAYERS.items()
                if names is None or module == names or (names and isWithin(module, names.split())))


def toModule(name, modules):
    """Return the module of ours that an import means, `None` if it is none."""
    if not isWithin(name, [NAME]):
        return None
    inside = name[len(NAME) + 1:]
    return inside if inside in modules else inside.rpartition(".")[0]


def readGraph(root):
    """Return what each module imports: ours and others'."""
    modules = findModules(root)
    graph = {}
    for module, path in modules.items():
        names = sorted(set(readImports(path, root)))
        ours = {toModule(name, modules) for name in names} - {None, module}
        graph[module] = ours, [name for name in names if not isWithin(name, [NAME])]
    return graph


def findViolations(graph):
    """Return a sentence for each import that must not be."""
    found = []
    for module, (ours, others) in graph.items():
        layer = layerOf(module)
        found += [f"{module} ({layer}) imports {other} ({layerOf(other)})" for other in sorted(ours)
                  if layerOf(other) not in LAYERS[layer][1]]
        banned = READERS + (MIDDLEWARE if layer in WITHOUT_MIDDLEWARE else ())
        found += [f"{module} ({layer}) imports {name}" for name in others if isWithin(name, banned)]
    return found


def findCircle(graph):
    """Return the modules that import each other, or lie between such."""
    left = {module: set(ours) for module, (ours, _) in graph.items()}
    while True:
        imported = set().union(*left.values()) if left else set()
        kept = {module: ours & set(left) for module, ours in left.items() if ours & set(left)}
        kept = {module: ours for module, ours in kept.items() if module in imported}
        if kept == left:
            return sorted(left)
        left = kept


def testLayers():
    graph = readGraph(PACKAGE)
    assert len(graph) > 30
    assert findViolations(graph) == []


def testNoCircles():
    assert findCircle(readGraph(PACKAGE)) == []


@pytest.mark.parametrize("file, line, violation", [
    ("sky.py", "from .forced import fit", "sky (idea) imports forced.fit (algorithm)"),
    ("forced/fit.py", "from ..commandLine.parser import Parser",
     "forced.fit (algorithm) imports commandLine.parser (commandLine)"),
    ("forced/fit.py", "from lsst.daf.persistence import Butler",
     "forced.fit (algorithm) imports lsst.daf.persistence.Butler"),
    ("forced/fit.py", "def f():\n    import lsst.obs.lsstSim.mapper",
     "forced.fit (algorithm) imports lsst.obs.lsstSim.mapper"),
    ("association/associators/cluster.py", "from .. import loader",
     "association.associators.cluster (associator) imports association.loader (algorithm)"),
    ("association/loader.py", "from lsst.pipe.base import CmdLineTask, Task",
     "association.loader (algorithm) imports lsst.pipe.base.CmdLineTask"),
    ("commandLine/parser.py", "from ..forced.forcedDiaPhot import Task",
     "commandLine.parser (commandLine) imports forced.forcedDiaPhot (driver)"),
    ("forced/forcedDiaPhot.py", "from astropy.io import fits",
     "forced.forcedDiaPhot (driver) imports astropy.io.fits"),
])
def testViolationIsFound(file, line, violation, tmp_path):
    for name in ("forced/fit.py", "forced/__init__.py", "forced/forcedDiaPhot.py", "commandLine/parser.py",
                 "association/loader.py", "association/__init__.py", file):
        path = tmp_path/name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("import lsst.daf.base\n")
    assert findViolations(readGraph(tmp_path)) == []
    (tmp_path/file).write_text(line)
    assert findViolations(readGraph(tmp_path)) == [violation]


def testCircleIsFound(tmp_path):
    for name, imported in ("a", "b"), ("b", "c"), ("c", "a"), ("d", "a"), ("e", "f"), ("f", None):
        (tmp_path/f"{name}.py").write_text(f"from .{imported} import x" if imported else "")
    assert findCircle(readGraph(tmp_path)) == ["a", "b", "c"]
