# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""The data IDs that one command-line argument asked for."""

from lsst.daf.persistence import searchDataRefs

from ._logging import getTaskLogger

__all__ = ["DataIdContainer"]


class DataIdContainer:
    """Data IDs given on the command line, and the data references found for them.

    Override `makeDataRefList` for data IDs that need special handling and name the subclass as
    ``ContainerClass`` of `ArgumentParser.add_id_argument`.

    Parameters
    ----------
    level : `str`, optional
        The lowest level of the data ID hierarchy to descend to, such as ``"sensor"``; an empty
        string is the mapper's default for the dataset type.

    Attributes
    ----------
    datasetType : `str` or `None`
        Dataset type of the references.
    level : `str`
        As given.
    idList : `list` of `dict`
        The data IDs of the command line.
    refList : `list` of `lsst.daf.persistence.ButlerDataRef`
        References to the existing data among them.
    """

    def __init__(self, level=None):
        self.datasetType = None
        self.level = level
        self.idList = []
        self.refList = []

    def setDatasetType(self, datasetType):
        """Set the dataset type, once it is known.

        Parameters
        ----------
        datasetType : `str`
            Dataset type; it may come from the command line itself, hence not in the constructor.
        """
        self.datasetType = datasetType

    def castDataIds(self, butler):
        """Cast the values in `idList` from `str` to the types that the butler wants, in place.

        Parameters
        ----------
        butler : `lsst.daf.persistence.Butler`
            Knows the keys of the dataset type. An unknown key stays a string, with a warning.

        Raises
        ------
        RuntimeError
            `setDatasetType` was not called.
        KeyError
            The butler does not know the dataset type.
        TypeError
            A value cannot be cast.
        """
        self._requireDatasetType()
        try:
            keyTypes = butler.getKeys(datasetType=self.datasetType, level=self.level)
        except KeyError as error:
            raise KeyError(
                f"Cannot get keys for datasetType {self.datasetType} at level {self.level}"
            ) from error
        for dataId in self.idList:
            for key, text in dataId.items():
                if key not in keyTypes:
                    getTaskLogger().warning('Unexpected ID %s; guessing type is "str"', key)
                    keyTypes[key] = str
                dataId[key] = _cast(key, text, keyTypes[key])

    def makeDataRefList(self, namespace):
        """Fill `refList` with the existing data that match `idList`.

        Parameters
        ----------
        namespace : `argparse.Namespace`
            Parsed command; attributes ``butler`` and ``log`` are used.

        Raises
        ------
        RuntimeError
            `setDatasetType` was not called.
        """
        self._requireDatasetType()
        for dataId in self.idList:
            refList = searchDataRefs(
                namespace.butler, datasetType=self.datasetType, level=self.level, dataId=dataId
            )
            if not refList:
                namespace.log.warning("No data found for dataId=%s", dict(dataId))
            self.refList += refList

    def _requireDatasetType(self):
        if self.datasetType is None:
            raise RuntimeError("Must call setDatasetType first")


def _cast(key, text, keyType):
    if keyType is str:
        return text
    try:
        return keyType(text)
    except Exception as error:
        raise TypeError(f"Cannot cast value {text!r} to {keyType} for ID key {key}") from error
