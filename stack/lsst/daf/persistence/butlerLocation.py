# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Where a dataset is and how it is read and written."""

__all__ = ["ButlerLocation"]

from lsst.daf.base import PropertySet

from .utils import iterify


class ButlerLocation:
    """Where a dataset is and how it is read and written.

    Parameters
    ----------
    pythonType : `type` or `str` or `None`
        Class of the object, or its name.
    cppType : `str` or `None`
        Name of its C++ class.
    storageName : `str` or `None`
        Name of the storage type, such as "FitsStorage".
    locationList : `str` or list of `str`
        Paths, usually one.
    dataId : `dict` or `DataId`
        Data ID.
    mapper : `Mapper`
        The mapper that made this.
    storage : `StorageInterface`
        Where the paths are.
    usedDataId : `dict`, optional
        The keys of the data ID that the paths depend on.
    datasetType : `str`, optional
        Dataset type.
    additionalData : `lsst.daf.base.PropertySet` or callable, optional
        More information for reading and writing, or a function that returns it when it is needed.
    """

    def __init__(self, pythonType, cppType, storageName, locationList, dataId, mapper, storage,
                 usedDataId=None, datasetType=None, additionalData=None):
        self.pythonType = pythonType
        self.cppType = cppType
        self.storageName = storageName
        self.mapper = mapper
        self.storage = storage
        self.locationList = iterify(locationList)
        self.dataId = dataId
        self.usedDataId = usedDataId
        self.datasetType = datasetType
        self.repository = None
        self._additionalData = additionalData
        self._hasDataId = False

    def __str__(self):
        return "{} at {}({})".format(self.pythonType, self.storageName, ", ".join(self.locationList))

    def __repr__(self):
        return (
            f"ButlerLocation(pythonType={self.pythonType!r}, cppType={self.cppType!r}, "
            f"storageName={self.storageName!r}, storage={self.storage!r}, "
            f"locationList={self.locationList!r}, mapper={self.mapper!r}, dataId={self.dataId!r})"
        )

    @property
    def additionalData(self):
        """Additional data with the keys of the data ID (`lsst.daf.base.PropertySet`)."""
        # A search through thousands of data IDs needs no more than the paths.
        if not self._hasDataId:
            given = self._additionalData() if callable(self._additionalData) else self._additionalData
            self._additionalData = PropertySet() if given is None else given
            for key, value in self.dataId.items():
                self._additionalData.set(key, value)
            self._hasDataId = True
        return self._additionalData

    def setRepository(self, repository):
        """Set the repository that this belongs to."""
        self.repository = repository

    def getRepository(self):
        """Return the repository that this belongs to."""
        return self.repository

    def getPythonType(self):
        """Return the class of the object, or its name."""
        return self.pythonType

    def getCppType(self):
        """Return the name of the C++ class."""
        return self.cppType

    def getStorageName(self):
        """Return the name of the storage type."""
        return self.storageName

    def getLocations(self):
        """Return the paths, relative to the root."""
        return self.locationList

    def getLocationsWithRoot(self):
        """Return the full paths."""
        return [self.storage.locationWithRoot(path) for path in self.getLocations()]

    def getAdditionalData(self):
        """Return the additional data with the keys of the data ID (`lsst.daf.base.PropertySet`)."""
        return self.additionalData

    def getStorage(self):
        """Return the storage where the paths are."""
        return self.storage
