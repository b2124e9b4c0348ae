# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""The names of the stack that the mission uses, but for the Gen2 commands and the simulator.

``python tests/stackNames.py`` brings the names of `doc/lsst.dia.repro/current-stack.csv` up to date. What is
new has to be looked up in the sources of v23.0.2 and of a current stack, and filled in.
"""

import ast
import builtins
import csv
import pathlib

import numpy as np

ROOT = pathlib.Path(__file__).parents[1]
PACKAGE = ROOT/"python"/"lsst"/"dia"/"repro"
#: Where classes are whose methods are looked for.
CLASSES = [ROOT/"stack"/"lsst"/folder for folder in ("afw", "daf/base", "geom", "meas")]
TABLE = ROOT/"doc"/"lsst.dia.repro"/"current-stack.csv"
COLUMNS = ["name", "used in", "v23.0.2", "current", "instead"]
NOT_LOOKED_UP = "not looked up"

#: What runs where there is Gen2, and nowhere else: what imports one of these, and these folders.
GEN2 = ("lsst.daf.persistence.", "commandLine.")
FOLDERS = ("commandLine", "simulate")

#: Methods of these names are taken for theirs.
PLAIN_TYPES = (str, bytes, list, dict, set, tuple, int, float, object, Exception, pathlib.Path, np.ndarray)
PLAIN = set(dir(builtins)).union(*map(dir, PLAIN_TYPES))

#: And of these for those of other libraries or of the middleware, all of which have both.
OTHERS = {"cast", "connections", "default", "errors", "flush", "grid", "line", "log", "norm", "orientation",
          "padding", "parameters", "plot", "plugins", "quantum", "ref", "search", "starts", "sub", "toDict",
          "truncate"}


def findStackNames():
    """Find names of the stack and the folders that use them.

    Imported names are found for sure. Of an attribute the type is not known: a method is listed as ``.name``
    if a class of the slice has it, none of the mission has, and no type of Python or NumPy.

    Returns
    -------
    names : `dict` [`str`, `set` [`str`]]
        Folders by name; ``.`` is the package itself.
    """
    trees = {path: ast.parse(path.read_text(encoding="utf-8")) for path in sorted(PACKAGE.rglob("*.py"))}
    methods = _findMembers(ast.parse(path.read_text(encoding="utf-8"))
                           for folder in CLASSES for path in folder.rglob("*.py"))
    methods -= _findMembers(trees.values()) | PLAIN | OTHERS
    names = {}
    for path, tree in trees.items():
        inside = path.relative_to(PACKAGE)
        if inside.parts[0] in FOLDERS or any(name.startswith(GEN2) for name in _findImported(tree)):
            continue
        folder = inside.parts[0] if len(inside.parts) > 1 else "."
        stack = {name for name in _findImported(tree) if name.startswith("lsst.")}
        for name in stack | _findUsed(tree, methods):
            names.setdefault(name, set()).add(folder)
    return names


def readTable():
    """Return the rows of the table, each a `dict`, by name."""
    with open(TABLE, newline="", encoding="utf-8") as file:
        return {row["name"]: row for row in csv.DictReader(file)}


def writeTable():
    """Write the table anew, with what it says of names that are still used."""
    known = readTable() if TABLE.exists() else {}
    new = dict.fromkeys(COLUMNS[2:4], NOT_LOOKED_UP)
    with open(TABLE, "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, COLUMNS, restval="", lineterminator="\n")
        writer.writeheader()
        for name, folders in sorted(findStackNames().items()):
            writer.writerow({**known.get(name, new), "name": name, "used in": " ".join(sorted(folders))})


def _findMembers(trees):
    """Return the public names of methods, properties and attributes of all classes."""
    found = set()
    for node in (node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.ClassDef)):
        for part in ast.walk(node):
            if isinstance(part, ast.FunctionDef):
                found.add(part.name)
            elif isinstance(part, (ast.Assign, ast.AnnAssign)):
                targets = part.targets if isinstance(part, ast.Assign) else [part.target]
                found |= {target.id for target in targets if isinstance(target, ast.Name)}
                found |= {target.attr for target in targets if isinstance(target, ast.Attribute)}
    return {name for name in found if not name.startswith("_")}


def _findModules(tree):
    """Return the modules that a module knows, by the names that it has for them."""
    return {alias.asname or alias.name: alias.name for node in ast.walk(tree) if isinstance(node, ast.Import)
            for alias in node.names}


def _findImported(tree):
    """Return the names of what a module imports, in full but for our own."""
    modules = _findModules(tree)
    found = {f"{node.module}.{alias.name}" for node in ast.walk(tree)
             if isinstance(node, ast.ImportFrom) for alias in node.names}
    found |= {f"{modules[name]}.{node.attr}" for node in ast.walk(tree) if isinstance(node, ast.Attribute)
              for name in [ast.unparse(node.value)] if name in modules}
    return found


def _findUsed(tree, methods):
    """Return those of some methods that a module uses, and not as functions of other modules."""
    modules = _findModules(tree)
    nodes = (node for node in ast.walk(tree) if isinstance(node, ast.Attribute) and node.attr in methods)
    return {"." + node.attr for node in nodes if ast.unparse(node.value) not in modules}


if __name__ == "__main__":
    writeTable()
