# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""The difference images of a Gen3 repository, in either of the classes that Rubin has for them."""

from __future__ import annotations

__all__ = ["IMAGE", "Gen3ImagesConfig", "findDatasetName", "readComponent", "toAfw"]

import dataclasses
from typing import Any

import lsst.pex.config as pexConfig
from lsst.afw.image import ExposureF
from lsst.daf.butler import DeferredDatasetHandle
from lsst.pipe.base import PipelineTaskConnections

#: Dimensions of what there is one of an image.
IMAGE = ("instrument", "visit", "detector")


class Gen3ImagesConfig(pexConfig.Config):
    """Options of all PipelineTasks that read difference images; their connection is ``differenceExp``."""

    imageStorageClass = pexConfig.ChoiceField(
        dtype=str, default="ExposureF", doc="Class of the difference images.",
        allowed={"ExposureF": "Exposures of lsst.afw, as in DP1.",
                 "DifferenceImage": "Those of lsst.images, as in DP2; with dia-repro[images]."},
    )

    def chooseImageClass(self, connections: PipelineTaskConnections) -> None:
        """Let the connection of the difference images be of the class configured.

        Parameters
        ----------
        connections : `lsst.pipe.base.PipelineTaskConnections`
            The connections of a task.
        """
        connections.differenceExp = dataclasses.replace(connections.differenceExp,
                                                        storageClass=self.imageStorageClass)

    @property
    def imageDataset(self) -> str:
        """Name of the dataset of the difference images (`str`), as the connection has it."""
        return findDatasetName(self, "differenceExp")


def findDatasetName(config: pexConfig.Config, connection: str) -> str:
    """Return the name of the dataset of a connection, as configured."""
    names = config.connections.toDict()
    return names[connection].format(**names)


def toAfw(image: Any) -> ExposureF:
    """Return a difference image as an exposure of afw.

    Parameters
    ----------
    image : `lsst.afw.image.ExposureF` or `lsst.images.DifferenceImage`
        What the butler gave.

    Returns
    -------
    exposure : `lsst.afw.image.ExposureF`
        The same image.
    """
    if isinstance(image, ExposureF):
        return image
    # Here, since only what is not of afw needs the extra.
    from ..imageFiles.rubinImages import toExposure
    return toExposure(image)


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
    storageClass = handle.ref.datasetType.storageClass
    if name in storageClass.components:
        return handle.get(component=name)
    # Those of lsst.images are other components by other names.
    exposure = toAfw(handle.get())
    return {"wcs": exposure.getWcs, "photoCalib": exposure.getPhotoCalib}[name]()
