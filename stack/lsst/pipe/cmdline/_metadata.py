# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Task metadata as v23 stores it: nested `lsst.daf.base` property sets."""

__all__ = ["toPropertyList"]

from lsst.daf.base import PropertyList, PropertySet


def toPropertyList(metadata):
    """Convert the metadata of one task.

    Parameters
    ----------
    metadata : `lsst.pipe.base.TaskMetadata` or `lsst.daf.base.PropertySet`
        Metadata of a task; a property set or list is returned as it is.

    Returns
    -------
    properties : `lsst.daf.base.PropertyList`
        The same items; nested ones under dotted names.
    """
    if isinstance(metadata, PropertySet | PropertyList):
        return metadata
    properties = PropertyList()
    for name in sorted(metadata.paramNames(topLevelOnly=False)):
        values = list(metadata.getArray(name))
        if values:
            properties.set(name, values if len(values) > 1 else values[0])
    return properties
