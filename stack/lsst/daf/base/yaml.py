# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""YAML representation of `DateTime`, `PropertySet` and `PropertyList`.

Importing this module teaches PyYAML's loaders, the safe ones included, and its dumpers the tags
``!<lsst.daf.base.DateTime>``, ``!<lsst.daf.base.PropertySet>`` and ``!<lsst.daf.base.PropertyList>``.
"""

__all__ = []

import yaml

from ._dateTime import DateTime
from ._propertyContainer import (
    getPropertyListState,
    getPropertySetState,
    setPropertyListState,
    setPropertySetState,
)
from ._propertyList import PropertyList
from ._propertySet import PropertySet

_TAG = "lsst.daf.base."


def _representDateTime(dumper, data):
    return dumper.represent_scalar(_TAG + "DateTime", data.toString(DateTime.TAI))


def _representPropertyList(dumper, data):
    state = getPropertyListState(data, asLists=True)
    return dumper.represent_sequence(_TAG + "PropertyList", state, flow_style=None)


def _representPropertySet(dumper, data):
    state = getPropertySetState(data, asLists=True)
    return dumper.represent_sequence(_TAG + "PropertySet", state, flow_style=None)


def _constructDateTime(loader, node):
    return DateTime(str(loader.construct_scalar(node)), DateTime.TAI)


def _constructPropertyList(loader, node):
    container = PropertyList()
    yield container
    setPropertyListState(container, loader.construct_sequence(node, deep=True))


def _constructPropertySet(loader, node):
    container = PropertySet()
    yield container
    setPropertySetState(container, loader.construct_sequence(node, deep=True))


def _subclasses(names):
    # the ones on libyaml are there only if PyYAML was built with it
    return [getattr(yaml, name) for name in names if hasattr(yaml, name)]


for _dumper in _subclasses(["Dumper", "SafeDumper", "CDumper", "CSafeDumper"]):
    _dumper.add_representer(DateTime, _representDateTime)
    _dumper.add_representer(PropertyList, _representPropertyList)
    _dumper.add_representer(PropertySet, _representPropertySet)

for _loader in _subclasses(
    ["Loader", "CLoader", "FullLoader", "CFullLoader", "UnsafeLoader", "SafeLoader", "CSafeLoader"]
):
    _loader.add_constructor(_TAG + "DateTime", _constructDateTime)
    _loader.add_constructor(_TAG + "PropertyList", _constructPropertyList)
    _loader.add_constructor(_TAG + "PropertySet", _constructPropertySet)
