# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""What the policy of a repository may say.

It goes before that of the mapper, and may be anybody's. It may add dataset types, in storages that hold data,
and say where the files of types that the mapper knows are; but not have these read as something else. Whether
a class may be imported is found out when it is needed: others may have stored types that only their own
programs read.
"""

__all__ = ["checkRepositoryPolicy"]

import re
from collections.abc import Mapping

# By these it is known what reading a file does.
_FIXED = ("python", "persistable", "storage")
# They are called with the path of a file, where those of other storage types have a method that reads it.
_PARQUET_CLASSES = re.compile(r"lsst\.pipe\.tasks\.parquetTable\.(Multilevel)?ParquetTable")
_COLUMN_NAMES = ("tables", "columns", "reference", "refCols", "obsTimeName", "validStartName", "validEndName")
# Nobody pads a file name to a thousand characters.
_FIELD = re.compile(r"%(%|\(\w+\)[-+ #0]*\d{0,3}(\.\d{1,3})?[diouxXeEfFgGcrs])")


def checkRepositoryPolicy(policy, known, defaults, root):
    """Refuse what the policy of a repository may not say.

    Parameters
    ----------
    policy : `lsst.daf.persistence.Policy`
        Policy of the repository.
    known : `dict` [`str`, `dict`]
        By section and dataset type, the definitions that the mapper has without it.
    defaults : `dict` [`str`, `dict`]
        By section, what definitions have that do not say otherwise.
    root : `str`
        Root of the repository, for the error messages.

    Raises
    ------
    RuntimeError
        It says what it may not; the message names the dataset type.
    """
    if "calibRoot" in policy:
        raise RuntimeError(f"Refused the policy of {root}: only mapperArgs can name a calibRoot")
    for section, types in known.items():
        for datasetType, definition in _items(policy.data.get(section)):
            ours = {**defaults[section], **types[datasetType]} if datasetType in types else {}
            reason = _refusal(datasetType, definition, ours)
            if reason:
                raise RuntimeError(
                    f"Refused the dataset type {datasetType!r} of the policy of {root}: {reason}"
                )


def _items(mapping):
    # What is no mapping is refused by the mapper.
    return [(name, dict(item)) for name, item in mapping.items()
            if isinstance(item, Mapping)] if isinstance(mapping, Mapping) else []


def _refusal(datasetType, definition, known):
    """Return what is wrong with the definition of a dataset type, else `None`."""
    changed = [key for key in _FIXED if key in known and definition.get(key, known[key]) != known[key]]
    if changed:
        return f"the mapper knows it, with another {changed[0]} than {definition[changed[0]]!r}"
    storage = definition.get("storage")
    if storage == "ConfigStorage" and not str(datasetType).endswith("_config"):
        return "ConfigStorage is for types that end with _config"
    if storage == "ParquetStorage" and not _PARQUET_CLASSES.fullmatch(str(definition.get("python"))):
        return f"{definition.get('python')!r} is no table in Parquet"
    if "%" in _FIELD.sub("", str(definition.get("template"))):
        return f"{definition['template']!r} is not a template"
    names = [name for key in _COLUMN_NAMES for name in _listify(definition.get(key))]
    return next((f"{name!r} is not the name of a table or column" for name in names
                 if not re.fullmatch(r"\w+", str(name))), None)


def _listify(value):
    return value if isinstance(value, list) else [] if value is None else [value]
