# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Finding the data references whose data exist."""

__all__ = ["dataExists", "searchDataRefs"]


def searchDataRefs(butler, datasetType, level="", dataId=None):
    """Find the existing data of a partial data ID.

    Parameters
    ----------
    butler : `Butler`
        Where to look.
    datasetType : `str`
        Dataset type.
    level : `str`, optional
        Level of the data IDs; an empty string is the default level of the dataset type.
    dataId : `dict` or `DataId`, optional
        Partial data ID.

    Returns
    -------
    dataRefs : `list` of `ButlerDataRef`
        References to existing data.
    """
    subset = butler.subset(datasetType=datasetType, level=level, dataId={} if dataId is None else dataId)
    return [dataRef for dataRef in subset if dataExists(dataRef)]


def dataExists(dataRef):
    """Tell whether there are data for a reference, at its own level or at any deeper one.

    Parameters
    ----------
    dataRef : `ButlerDataRef`
        Data reference.

    Returns
    -------
    exists : `bool`
        Are there data?
    """
    subItems = dataRef.subItems()
    if subItems:
        return any(dataExists(item) for item in subItems)
    return dataRef.datasetExists()
