# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""What the datasets of difference images are called."""

from __future__ import annotations

__all__ = ["DifferenceImagesConfig"]

import lsst.pex.config as pexConfig


class DifferenceImagesConfig(pexConfig.Config):
    """Base of the options of tasks that work on difference images."""

    coaddName = pexConfig.Field(
        dtype=str, default="deep",
        doc="Name of the coadd that the images were differenced with; they are "
            "<coaddName>Diff_differenceExp, and the DIASources on them <coaddName>Diff_diaSrc.",
    )

    @property
    def sourceDataset(self) -> str:
        """Name of the dataset of the DIASources (`str`)."""
        return self.coaddName + "Diff_diaSrc"

    @property
    def imageDataset(self) -> str:
        """Name of the dataset of the difference images (`str`)."""
        return self.coaddName + "Diff_differenceExp"
