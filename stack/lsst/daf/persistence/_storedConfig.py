# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Reading configs that are in a repository.

A config is stored as a program, and to load it is to run it: a user's own override files are meant to be.
What is in a repository may be anybody's. So it is read as what `lsst.pex.config` writes, statement by
statement, and anything else is refused:

- ``import`` of modules of the stack, or of modules that are loaded anyway, such as those of users' plugins;
- the assertion of the class;
- values that stand for themselves, for fields, items and names in registries;
- ``retarget`` to a class that has a config, and items that are new configs.
"""

__all__ = ["loadStoredConfig"]

import ast
import importlib
import re
import sys

from lsst.pex.config import Config, ConfigurableInstance
from lsst.pex.config.configChoiceField import ConfigInstanceDict

from lsst.pex.exceptions._printable import printableLines

from ._loadYaml import readText

_ROOT = "config"
_STACK_MODULE = re.compile(r"lsst(\.(?!__)\w+)+")
_SELECTIONS = ("name", "names")


class _Refused(Exception):
    """A statement is not one that a stored config has."""


def loadStoredConfig(config, path):
    """Set the values of a config to those in a file, of which nothing is executed.

    Parameters
    ----------
    config : `lsst.pex.config.Config`
        Config; changed in place.
    path : `str`
        Path of the file.

    Raises
    ------
    OSError
        The file cannot be read.
    RuntimeError
        The file has something that no stored config has, a value that a field does not take, or a config of
        another class; the message has the line.
    """
    text = readText(path)
    try:
        statements = ast.parse(text, path).body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise RuntimeError(printableLines(f"Cannot read the stored config {path}: {error}")) from error
    for statement in statements:
        try:
            _obey(statement, config)
        except _Refused as error:
            where = f"line {statement.lineno} of the stored config {path}"
            raise RuntimeError(printableLines(f"Refused {where}: {error}")) from None
        except Exception as error:
            where = f"line {statement.lineno} of the stored config {path}"
            raise RuntimeError(printableLines(f"Cannot read {where}: {error}")) from error


def _obey(statement, config):
    match statement:
        case ast.Import(names=names) if all(name.asname is None for name in names):
            for name in names:
                _importModule(name.name)
        case ast.Assert(test=ast.Compare(
                left=ast.Call(func=ast.Name(id="type"), args=[ast.Name(id="config")], keywords=[]),
                ops=[ast.Is() | ast.Eq()], comparators=[name])):
            if type(config) is not (expected := _find(name)):
                raise RuntimeError(f"it is of a {expected.__name__}, not of a {type(config).__name__}")
        case ast.Assign(targets=[ast.Attribute(value=owner, attr=name)], value=value):
            _setField(_follow(owner, config), name, _evaluate(value))
        case ast.Assign(targets=[ast.Subscript(value=owner, slice=index)], value=value):
            _follow(owner, config)[_literal(index)] = _evaluate(value)
        case ast.Expr(value=ast.Call(
                func=ast.Attribute(value=owner, attr="retarget"), args=[],
                keywords=[ast.keyword(arg="target", value=target),
                          ast.keyword(arg="ConfigClass", value=configClass)])):
            _retarget(_follow(owner, config), _find(target), _find(configClass))
        case ast.Expr(value=ast.Constant()):
            pass
        case _:
            raise _Refused("a stored config has no statement like this")


def _importModule(name):
    if _STACK_MODULE.fullmatch(name):
        importlib.import_module(name)
    elif name not in sys.modules:
        raise _Refused(f"{name} is not a module of the stack, nor one that this program has imported")


def _dottedName(node):
    names = []
    while isinstance(node, ast.Attribute):
        names.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        raise _Refused(f"{ast.unparse(node)[:80]!r} is not a name")
    return ".".join([node.id, *reversed(names)])


def _find(node):
    """Return the class of a config, or what has one, by its full name."""
    name = _dottedName(node)
    moduleName, _, member = name.rpartition(".")
    if not moduleName:
        raise _Refused(f"{name} has no module")
    _importModule(moduleName)
    found = getattr(sys.modules[moduleName], member, None)
    if not (_isConfig(found) or _isConfig(getattr(found, "ConfigClass", None))):
        raise _Refused(f"{name} is neither a config nor something that has one")
    return found


def _isConfig(found):
    return isinstance(found, type) and issubclass(found, Config)


def _follow(node, config):
    """Return the part of a config that attributes and subscripts lead to."""
    match node:
        case ast.Name(id=name) if name == _ROOT:
            return config
        case ast.Attribute(value=owner, attr=name):
            part = _follow(owner, config)
            if name not in _fieldsOf(part):
                raise _Refused(f"there is no field {name}")
            return getattr(part, name)
        case ast.Subscript(value=owner, slice=index):
            return _follow(owner, config)[_literal(index)]
        case _:
            raise _Refused(f"{ast.unparse(node)[:80]!r} is no part of {_ROOT}")


def _fieldsOf(part):
    part = part.value if isinstance(part, ConfigurableInstance) else part
    return part._fields if isinstance(part, Config) else ()


def _setField(part, name, value):
    if name not in (_SELECTIONS if isinstance(part, ConfigInstanceDict) else _fieldsOf(part)):
        raise _Refused(f"there is no field {name}")
    setattr(part, name, value)


def _retarget(part, target, configClass):
    if not isinstance(part, ConfigurableInstance):
        raise _Refused("there is nothing to retarget")
    part.retarget(target=target, ConfigClass=configClass)


def _evaluate(node):
    match node:
        case ast.Call(func=ast.Name(id="float"), args=[ast.Constant(value="nan" | "inf" | "-inf" as text)],
                      keywords=[]):
            return float(text)
        case ast.Call(func=ast.Attribute() as name, args=[], keywords=[]):
            made = _find(name)
            if not _isConfig(made):
                raise _Refused(f"{_dottedName(name)} is not a config")
            return made()
        case _:
            return _literal(node)


def _literal(node):
    try:
        return ast.literal_eval(node)
    except ValueError:
        raise _Refused(f"{ast.unparse(node)[:80]!r} is not a plain value") from None
