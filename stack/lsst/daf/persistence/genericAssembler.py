# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Putting composite datasets together and taking them apart where they bring no functions for it."""

__all__ = ["genericAssembler", "genericDisassembler"]


def genericAssembler(dataId, componentInfo, cls):
    """Make a composite of its components.

    Parameters
    ----------
    dataId : `dict`
        Data ID (not used).
    componentInfo : `dict` [`str`, `ButlerComposite.ComponentInfo`]
        Components by name.
    cls : `type`
        Class of the composite. Either its constructor takes the components as keyword arguments, or it has
        a setter for each: the one the policy names, else ``set_<name>``, else ``set<Name>``.

    Returns
    -------
    obj : ``cls``
        The composite.

    Raises
    ------
    RuntimeError
        A component has no setter.
    """
    try:
        obj = cls(**{name: info.obj for name, info in componentInfo.items()})
    except TypeError:
        obj = None
    if obj:
        return obj
    obj = cls()
    for name, info in componentInfo.items():
        setter = _findMethod(obj, info.setter, "set", name)
        if setter is None:
            raise RuntimeError(f"No setter for datasetType:{info.datasetType} class:{cls}")
        setter(info.obj)
    return obj


def genericDisassembler(obj, dataId, componentInfo):
    """Put the components of a composite into ``componentInfo``.

    Parameters
    ----------
    obj : `object`
        The composite. It has a getter for each component: the one the policy names, else ``get_<name>``,
        else ``get<Name>``.
    dataId : `dict`
        Data ID (not used).
    componentInfo : `dict` [`str`, `ButlerComposite.ComponentInfo`]
        Components by name; their attribute ``obj`` is set.

    Raises
    ------
    RuntimeError
        A component has no getter.
    """
    for name, info in componentInfo.items():
        getter = _findMethod(obj, info.getter, "get", name)
        if getter is None:
            raise RuntimeError(f"No getter for componentName:{name}")
        info.obj = getter()


def _findMethod(obj, given, verb, name):
    if given is not None:
        return getattr(obj, given)
    for candidate in (f"{verb}_{name}", verb + name.capitalize()):
        if hasattr(obj, candidate):
            return getattr(obj, candidate)
    return None
