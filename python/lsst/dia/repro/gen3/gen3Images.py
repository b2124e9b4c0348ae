# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""The difference images of a Gen3 repository."""

from __future__ import annotations

__all__ = ["Gen3ImagesConfig", "findDatasetName", "readComponent"]

from typing import Any

import lsst.pex.config as pexConfig
from lsst.daf.butler import DeferredDatasetHandle


class Gen3ImagesConfig(pexConfig.Config):
    """Options of all PipelineTasks that read difference images; their connection is ``differenceExp``."""

    @property
    def imageDataset(self) -> str:
        """Name of the dataset of the difference images (`str`), as the connection has it."""
        return findDatasetName(self, "differenceExp")


def findDatasetName(config: pexConfig.Config, connection: str) -> str:
    """Return the name of the dataset of a connection, as configured."""
    names = config.connections.toDict()
    return names[connection].format(**names)


def readComponent(handle: DeferredDatasetHandle, name: str) -> Any:
    """Read a component of a difference image.

    Parameters
    ----------
    handle : `lsst.daf.butler.DeferredDatasetHandle`
        Reads the image.
    name : `str`
        ``wcs`` or ``photoCalib``.

    Returns
    -------
    component : `lsst.afw.geom.SkyWcs` or `lsst.afw.image.PhotoCalib`
        The component; `None` if the image has none.
    """
    return handle.get(component=name)
