# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Nested configuration with dotted names.

The module and class names are part of the file format: ``repositoryCfg.yaml`` stores a policy as
``!!python/object:lsst.daf.persistence.policy.Policy``.
"""

__all__ = ["Policy"]

import copy
import functools
import importlib.util
import os
import pprint
from collections import UserDict
from collections.abc import Container, Mapping

import yaml
from lsst.utils import getPackageDir

from ._loadYaml import loadYaml, readText

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

# The order in which `Policy.dump` writes what a mapper's policy has.
_DUMP_FIRST = (
    "defects", "needCalibRegistry", "levels", "defaultLevel", "defaultSubLevels", "camera",
    "exposures", "calibrations", "datasets",
)


class _PolicyMeta(type(UserDict), type(yaml.YAMLObject)):
    """Lets subclasses of `Policy` have YAML tags of their own."""


class Policy(UserDict, yaml.YAMLObject, metaclass=_PolicyMeta):
    """A dict of dicts whose entries can be named with dots: ``policy["a.b"]`` is ``policy["a"]["b"]``.

    Parameters
    ----------
    other : `str`, `dict` or `Policy`, optional
        Path of a YAML file, or values to copy.

    Raises
    ------
    RuntimeError
        The file name does not end in "yaml", the file is not a policy, or ``other`` is something else.
    OSError
        The file cannot be read.
    yaml.YAMLError
        The file is not YAML, or has tags that stand for Python objects.
    """

    def __init__(self, other=None):
        super().__init__()
        if other is None:
            return
        if isinstance(other, Mapping):
            self.update(other)
        elif isinstance(other, str):
            self.data = _readFile(other)
        else:
            raise RuntimeError(f"A Policy could not be loaded from other:{other}")

    def __repr__(self):
        return repr(self.data)

    def ppprint(self):
        """Return the policy as text with one value per line."""
        return pprint.pformat(self.data, indent=2, width=1)

    def __getitem__(self, name):
        data = self.data
        for key in name.split("."):
            if data is None or key not in data:
                return None
            data = data[key]
        return Policy(data) if isinstance(data, Mapping) else data

    def __setitem__(self, name, value):
        *path, last = name.split(".")
        if isinstance(value, Mapping):
            self.update(functools.reduce(lambda inner, key: {key: inner}, reversed(path), {last: value}))
        data = self.data
        for key in path:
            data = data.setdefault(key, {})
        data[last] = _plain(value)

    def __contains__(self, name):
        *path, last = name.split(".")
        data = self.data
        for key in path:
            if key not in data:
                return False
            data = data[key]
        return last in data

    def get(self, name, default=None):
        """Return a value, or ``default`` where there is none."""
        return self[name] if name in self else default

    def __eq__(self, other):
        return self.data == (other.data if isinstance(other, Policy) else other)

    __hash__ = None

    def update(self, other):
        """Add values, and replace those that exist; nested dicts are updated, not replaced.

        Parameters
        ----------
        other : `dict` or `Policy`
            New values.
        """
        _update(self.data, _plain(other))

    def merge(self, other):
        """Add the values that do not exist yet, at any depth.

        Parameters
        ----------
        other : `dict` or `Policy`
            Default values.
        """
        data = copy.deepcopy(_plain(other))
        _update(data, self.data)
        self.data = data

    def names(self, topLevelOnly=False):
        """Return the names of all entries, those inside nested dicts with dots.

        Parameters
        ----------
        topLevelOnly : `bool`, optional
            Only those of the outermost dict?

        Returns
        -------
        names : `list` of `str`
            Names.
        """
        return list(self.data) if topLevelOnly else list(_names(self.data, ""))

    def asArray(self, name):
        """Return a value as a list: single values and strings become its only item."""
        value = self.get(name)
        return [value] if isinstance(value, str) or not isinstance(value, Container) else value

    @staticmethod
    def defaultPolicyFile(productName, fileName, relativePath=None):
        """Return the path of a policy file that comes with a package.

        Parameters
        ----------
        productName : `str`
            Name of the EUPS product.
        fileName : `str`
            File name.
        relativePath : `str`, optional
            Directory in the product.

        Returns
        -------
        path : `str`
            Path of the file, whether or not it exists.

        Raises
        ------
        LookupError
            There is no such product.
        """
        return os.path.join(productDir(productName), relativePath or "", fileName)

    # What remains of the interface of lsst.pex.policy.

    def getValue(self, name):
        """Return a value; the same as indexing."""
        return self[name]

    def setValue(self, name, value):
        """Set a value; the same as assigning to the item."""
        self[name] = value

    def mergeDefaults(self, other):
        """Add values that do not exist yet; the same as `merge`."""
        self.merge(other)

    def exists(self, key):
        """Tell whether there is a value; the same as ``in``."""
        return key in self

    def getString(self, key):
        """Return a value as a string."""
        return str(self[key])

    def getBool(self, key):
        """Return a value as a bool."""
        return bool(self[key])

    def getPolicy(self, key):
        """Return a nested policy; the same as indexing."""
        return self[key]

    def getStringArray(self, key):
        """Return a value as a list; the same as `asArray`."""
        return self.asArray(key)

    def dump(self, output):
        """Write the policy as YAML.

        Parameters
        ----------
        output : file-like
            Text stream.
        """
        rest = dict(self.data)
        for key in _DUMP_FIRST:
            if key in rest:
                yaml.safe_dump({key: rest.pop(key)}, output, default_flow_style=False)
                output.write("\n")
        if rest:
            yaml.safe_dump(rest, output, default_flow_style=False)

    def dumpToFile(self, path):
        """Write the policy to a YAML file.

        Parameters
        ----------
        path : `str`
            Path of the file; it is overwritten.
        """
        with open(path, "w") as stream:
            self.dump(stream)


def productDir(productName):
    """Return the directory of a product: that of EUPS, else that of the Python package of that name.

    Parameters
    ----------
    productName : `str`
        Name of the EUPS product, such as "obs_base".

    Returns
    -------
    path : `str`
        Directory.

    Raises
    ------
    LookupError
        There is no such product.
    """
    try:
        return getPackageDir(productName)
    except LookupError:
        spec = _findSpec("lsst." + productName.replace("_", "."))
        if spec is None or not spec.submodule_search_locations:
            raise
        return list(spec.submodule_search_locations)[0]


def _findSpec(module):
    try:
        return importlib.util.find_spec(module)
    except ModuleNotFoundError:
        return None


def _readFile(path):
    if not path.endswith("yaml"):
        raise RuntimeError(f"Unhandled policy file type:{path}")
    # Every mapper of every butler reads the same few files; only the parsing is slow.
    status = os.stat(path)
    return copy.deepcopy(_parse(path, status.st_mtime_ns, status.st_size))


@functools.lru_cache(maxsize=32)
def _parse(path, mtime, size):
    data = loadYaml(readText(path), path, _Loader)
    if not isinstance(data, Mapping):
        raise RuntimeError(f"Not a policy: {path} holds no names with values")
    return data


def _plain(mapping):
    return mapping.data if isinstance(mapping, Policy) else mapping


def _update(data, new):
    for key, value in new.items():
        if not isinstance(value, Mapping):
            data[key] = value
            continue
        old = _plain(data.get(key, {}))
        if isinstance(old, Mapping):
            _update(old, _plain(value))
            data[key] = old
        elif value:
            data[key] = {}
            _update(data[key], _plain(value))


def _names(data, prefix):
    for key, value in data.items():
        yield f"{prefix}{key}"
        if isinstance(value, Mapping):
            yield from _names(value, f"{prefix}{key}.")
