# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Reading ``repositoryCfg.yaml`` without letting it run code.

The stack writes the mapper as ``!!python/name:`` and the policy as ``!!python/object:``. Those two are
understood, with the restrictions of `findMapperClass`; every other tag that stands for a Python object is
refused.
"""

__all__ = ["loadRepositoryCfg"]

import yaml
from yaml.constructor import ConstructorError

from lsst.pex.exceptions._printable import printableLines

from ._loadYaml import loadYaml, readLimited
from ._mapperClass import findMapperClass
from .policy import Policy
from .repositoryCfg import RepositoryCfg

_PYTHON = "tag:yaml.org,2002:python/"
_MAX_NAME = 255
_TYPES = {"_root": str, "_mapper": (str, type), "_mapperArgs": dict, "_parents": list, "_policy": Policy}


class _Loader(yaml.SafeLoader):
    """The safe loader and the tags of a repository's configuration."""


def loadRepositoryCfg(stream, source):
    """Read a repository's configuration.

    Parameters
    ----------
    stream : file-like
        YAML text.
    source : `str`
        Path of the file, for the error messages.

    Returns
    -------
    cfg : `RepositoryCfg` or `None`
        The configuration; `None` if the file is empty.

    Raises
    ------
    RuntimeError
        The file is not YAML, has a tag that is refused, or is not a repository's configuration.
    """
    try:
        cfg = loadYaml(readLimited(stream, source), source, _Loader)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        message = f"Cannot read repository configuration {source}: {error}"
        raise RuntimeError(printableLines(message)) from error
    if cfg is not None and not isinstance(cfg, RepositoryCfg):
        raise RuntimeError(f"{source} is not a repository configuration")
    return cfg


def _constructCfg(loader, node):
    state = loader.construct_mapping(node, deep=True)
    for name, types in _TYPES.items():
        if name not in state and name != "_policy":
            raise ConstructorError(None, None, f"{name!r} is missing", node.start_mark)
        if state.get(name) is not None and not isinstance(state[name], types):
            raise ConstructorError(None, None, f"{name!r} cannot be {state[name]!r:.80}", node.start_mark)
    paths = [state["_root"] or "", *(state["_parents"] or ())]
    parts = [part for path in paths if isinstance(path, str) for part in path.split("/")]
    if any(len(part) > _MAX_NAME or "%(" in part for part in parts):
        raise ConstructorError(None, None, "a path has a name that no directory can have", node.start_mark)
    if not all(isinstance(parent, (str, RepositoryCfg)) for parent in state["_parents"] or ()):
        raise ConstructorError(None, None, "'_parents' are not all paths", node.start_mark)
    return RepositoryCfg._fromState(state)


def _constructPolicy(loader, node):
    data = loader.construct_mapping(node, deep=True).get("data")
    if not isinstance(data, dict):
        raise ConstructorError(None, None, "a policy without data", node.start_mark)
    return Policy(data)


def _constructMapper(loader, suffix, node):
    return findMapperClass(suffix, loader.name)


def _constructTuple(loader, node):
    return tuple(loader.construct_sequence(node, deep=True))


def _refuse(loader, suffix, node):
    raise ConstructorError(None, None, f"refused the tag {node.tag!r}", node.start_mark)


_Loader.add_constructor(RepositoryCfg.yaml_tag, _constructCfg)
_Loader.add_constructor(_PYTHON + "object:lsst.daf.persistence.policy.Policy", _constructPolicy)
_Loader.add_multi_constructor(_PYTHON + "name:", _constructMapper)
_Loader.add_constructor(_PYTHON + "tuple", _constructTuple)
# Python 2 wrote its text with these.
_Loader.add_constructor(_PYTHON + "unicode", yaml.SafeLoader.construct_yaml_str)
_Loader.add_constructor(_PYTHON + "str", yaml.SafeLoader.construct_yaml_str)
_Loader.add_multi_constructor("", _refuse)
