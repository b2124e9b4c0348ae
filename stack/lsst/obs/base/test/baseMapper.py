# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""A mapper with the datasets that all cameras have."""

__all__ = ["BaseMapper"]

from lsst.daf.persistence import Policy
from lsst.obs.base import CameraMapper


class BaseMapper(CameraMapper):
    """A mapper without dataset types of its own.

    Parameters
    ----------
    root : `str`
        Root of the repository.
    """

    packageName = "base"

    def __init__(self, root):
        sections = ("datasets", "exposures", "calibrations", "images")
        policy = Policy({"defaultLevel": "sensor", **{name: {} for name in sections}})
        super().__init__(policy=policy, repositoryDir=root, root=root)

    @classmethod
    def getPackageDir(cls):
        """Return a directory that does not exist."""
        return "/path/to/nowhere"
