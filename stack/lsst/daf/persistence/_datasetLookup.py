# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Where a butler finds and puts datasets."""

__all__ = ["DatasetLookup"]

from ._dataClass import findDataClass
from .butlerExceptions import NoResults


class DatasetLookup:
    """Part of `Butler`: from a dataset type and a data ID to locations."""

    def _need(self, purpose, datasetType, dataId, write=False):
        """Return what `_locate` finds; it must find something."""
        reasons = []
        found = self._locate(datasetType, dataId, write, reasons)
        if not found:
            why = f" ({'; '.join(reasons)})" if reasons else ""
            raise NoResults(f"No locations for {purpose}{why}", datasetType, dataId)
        return found

    def _locate(self, datasetType, dataId, write, reasons=None):
        """Find the location to read from (`None` if there is none), or all locations to write to.

        Why there is none in a repository is added to ``reasons``.
        """
        reasons = [] if reasons is None else reasons
        found = []
        for repoData in self._repos.outputs() if write else self._repos.inputs():
            if not write and dataId.tag and not dataId.tag & repoData.tags:
                continue
            baseType, *components = datasetType.split(".")
            try:
                location = repoData.repo.map(baseType, dataId, write=write)
            except NoResults as error:
                reasons.append(error.reason)
                continue
            if location is None:
                continue
            location.datasetType = baseType
            if components:
                raise RuntimeError("A dotted datasetType needs a composite, and there are none.")
            if write:
                found.extend(location if isinstance(location, (list, tuple)) else [location])
            elif self._isReadable(location, dataId, reasons):
                return location
        return found if write else None

    def _isReadable(self, location, dataId, reasons):
        """Tell whether there is something at a location. What a bypass function returns is kept in it."""
        bypass = getattr(location.mapper, "bypass_" + location.datasetType, None)
        if bypass is not None:
            pythonType = findDataClass(location.getPythonType(), location)
            try:
                location.bypass = bypass(location.datasetType, pythonType, location, dataId)
                return True
            except NoResults as error:
                reasons.append(error.reason)
                return False
            except OSError:
                # A file that is not here may be in another repository; a bad one is an error.
                if location.repository.exists(location):
                    raise
        if location.repository.exists(location):
            return True
        reasons.append(f"nothing at {_describe(location)}")
        return False


def _describe(location):
    return ", ".join(location.getLocationsWithRoot() if location.storage else location.getLocations())
