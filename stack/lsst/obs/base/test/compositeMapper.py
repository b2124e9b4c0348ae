# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""A mapper for composite datasets."""

__all__ = ["CompositeMapper"]

from lsst.daf.persistence import Policy
from lsst.obs.base import CameraMapper


class CompositeMapper(CameraMapper):
    """A mapper whose dataset types are those of the repository's policy.

    Parameters
    ----------
    root : `str`
        Root of the repository.
    policy : `lsst.daf.persistence.Policy`, optional
        Policy of the mapper itself.
    **kwargs
        Passed to `CameraMapper`.
    """

    packageName = "obs_base"

    def __init__(self, root, policy=None, **kwargs):
        super().__init__(Policy() if policy is None else policy, repositoryDir=root, root=root, **kwargs)

    def std_stdTestType(self, item, dataId):
        """Mark the item."""
        item.standardized = True
        return item

    def bypass_bypassTestType(self, datasetType, pythonType, location, dataId):
        """Return the keys of the data ID."""
        return set(dataId.keys())
