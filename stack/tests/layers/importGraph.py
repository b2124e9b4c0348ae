# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Who imports whom, read from the source, and what of it breaks the order of layers.

import-linter does not do: of a namespace that is in several places, such as `lsst`, it sees only one.
"""

import ast
import collections
import dataclasses
import pathlib

PACKAGES = ("astshim", "lsst")


@dataclasses.dataclass(frozen=True)
class Import:
    """One module that a line imports."""

    path: pathlib.Path
    line: int
    importer: str
    imported: str
    inFunction: bool

    def __str__(self):
        return f"{self.path}:{self.line} {self.importer} -> {self.imported}"


def findModules(root):
    """Return the files of all modules below a folder, by their dotted names."""
    modules = {}
    for package in PACKAGES:
        for path in sorted((root/package).rglob("*.py")):
            parts = path.relative_to(root).with_suffix("").parts
            modules[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return modules


def readImports(root):
    """Return the imports of the modules below a folder by each other, those in functions included.

    What only type checkers see does not count.
    """
    modules = findModules(root)
    found = []
    for name, path in modules.items():
        package = name if path.stem == "__init__" else name.rpartition(".")[0]
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for statement, inFunction in _statements(tree, False):
            for imported in _importedNames(statement, package, modules):
                found.append(Import(path.relative_to(root), statement.lineno, name, imported, inFunction))
    return found


def readLateImports(root):
    """Return (where, module) of all imports in functions, of our modules or not."""
    found = []
    for path in findModules(root).values():
        for statement, inFunction in _statements(ast.parse(path.read_text(encoding="utf-8")), False):
            if inFunction and not isinstance(statement, ast.Call):
                names = [alias.name for alias in statement.names]
                module = "."*getattr(statement, "level", 0) + (getattr(statement, "module", None) or names[0])
                found.append((f"{path.relative_to(root)}:{statement.lineno}", module))
    return found


def _statements(node, inFunction):
    """Yield (import or call, is it in a function?) of a syntax tree."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, (ast.Import, ast.ImportFrom, ast.Call)):
            yield child, inFunction
        if isinstance(child, ast.If) and ast.unparse(child.test).endswith("TYPE_CHECKING"):
            for statement in child.orelse:
                yield from _statements(statement, inFunction)
            continue
        isFunction = isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda))
        yield from _statements(child, inFunction or isFunction)


def _importedNames(statement, package, modules):
    """Yield those of our modules that a statement imports."""
    if isinstance(statement, ast.Call):
        # importlib.import_module("lsst...") is an import, too
        if ast.unparse(statement.func).endswith("import_module") and statement.args:
            name = statement.args[0].value if isinstance(statement.args[0], ast.Constant) else None
            yield from [name] if name in modules else []
        return
    if isinstance(statement, ast.Import):
        yield from (alias.name for alias in statement.names if alias.name in modules)
        return
    parts = package.split(".")[:len(package.split(".")) + 1 - statement.level] if statement.level else []
    base = ".".join(parts + ([statement.module] if statement.module else []))
    for alias in statement.names:
        name = f"{base}.{alias.name}"
        if name in modules or base in modules:
            yield name if name in modules else base


def _layerOf(module, ranks):
    """Return the longest name in the table of layers that a module belongs to, or None."""
    while module and module not in ranks:
        module = module.rpartition(".")[0]
    return module


def brokenRules(imports, layers):
    """Return a sentence for each import that goes up, or comes from where the table does not reach.

    Parameters
    ----------
    imports : `list` [`Import`]
        The imports.
    layers : `list` [`str`]
        Packages, lowest first.
    """
    ranks = {name: rank for rank, name in enumerate(layers)}
    broken = set()
    for item in imports:
        importer, imported = _layerOf(item.importer, ranks), _layerOf(item.imported, ranks)
        if not importer or not imported:
            broken.add(f"{item}: no layer")
        elif ranks[importer] < ranks[imported]:
            broken.add(f"{item}: {importer} is below {imported}")
    return sorted(broken)


def findCircles(imports):
    """Return the circles of modules, largest first; a module needs the packages that it imports from, too."""
    graph = collections.defaultdict(set)
    for item in imports:
        if item.imported != item.importer:
            graph[item.importer].add(item.imported)
        parent = item.imported.rpartition(".")[0]
        while parent and not f"{item.importer}.".startswith(parent + "."):
            graph[item.importer].add(parent)
            parent = parent.rpartition(".")[0]
    return sorted(_circles(graph), key=len, reverse=True)


def _circles(graph):
    """Yield the sets of nodes that can be reached from each other: Tarjan's algorithm."""
    index, low, stack = {}, {}, []

    def visit(node):
        index[node] = low[node] = len(index)
        stack.append(node)
        for other in sorted(graph.get(node, ())):
            if other not in index:
                visit(other)
            if other in stack:
                low[node] = min(low[node], low[other])
        if low[node] == index[node]:
            circle = stack[stack.index(node):]
            del stack[-len(circle):]
            if len(circle) > 1:
                circles.append(sorted(circle))

    circles = []
    for node in sorted(graph):
        if node not in index:
            visit(node)
    return circles
