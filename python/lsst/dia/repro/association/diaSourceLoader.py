# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Read the DIASource catalogs of a survey into one catalog."""

from __future__ import annotations

__all__ = ["DiaSourceLoaderConfig", "DiaSourceLoaderTask"]

from collections.abc import Mapping, Sequence

import lsst.afw.table as afwTable
import lsst.pex.config as pexConfig
from lsst.pipe.base import Task

from ..exposureHandle import ExposureHandle
from ..nameListField import NameListField
from .sourceCatalogs import SourceCatalogs
from .sourceColumns import findCentroid


class DiaSourceLoaderConfig(pexConfig.Config):
    """Options of `DiaSourceLoaderTask`."""

    copyColumns = NameListField(
        default=["parent", "flags_negative", "base_SdssCentroid_*", "base_PsfFlux_*", "base_PixelFlags_*",
                 "ip_diffim_forced_PsfFlux_*", "ip_diffim_ClassificationDipole_*", "totFlux*",
                 "refMatchId", "srcMatchId"],
        doc="Columns of the DIASource catalogs to keep in reproDIASources, as shell patterns; "
            "'*' keeps them all. Id and position are always kept, as is what other options need. Text and "
            "arrays of variable length are left out. A pattern that is no default must fit a column.",
    )
    centroidField = pexConfig.Field(
        dtype=str, default="base_SdssCentroid",
        doc="Centroid whose errors and flag are used where a catalog defines no centroid slot.",
    )
    psfFluxField = pexConfig.Field(
        dtype=str, default="base_PsfFlux",
        doc="Flux for the cut on signal-to-noise and for flux statistics.",
    )
    doCalibrate = pexConfig.Field(
        dtype=bool, default=False,
        doc="Add the flux in nJy, through the PhotoCalib of each difference image? It takes the place of one "
            "that a catalog has; without counts to calibrate, that stays if it is in nJy.",
    )


class DiaSourceLoaderTask(Task):
    """Read DIASource catalogs, in order of time, into one with their data IDs.

    Only the columns asked for are kept; footprints are not read.
    """

    ConfigClass = DiaSourceLoaderConfig
    _DefaultName = "diaSourceLoader"

    def open(self, exposures: Sequence[ExposureHandle], sourceDataset: str, imageDataset: str,
             flags: Sequence[str], required: Mapping[str, Sequence[str]]) -> SourceCatalogs:
        """Return the catalogs, to be read when they are needed.

        Parameters
        ----------
        exposures : sequence [`ExposureHandle`]
            The exposures, sorted by time and exposure id.
        sourceDataset, imageDataset : `str`
            What catalogs and difference images are called in messages.
        flags : `list` [`str`]
            Flags to keep beside ``copyColumns``; a catalog may lack them.
        required : `dict` [`str`, `list` [`str`]]
            Columns without which a catalog cannot be used, by the option that
            needs them.

        Returns
        -------
        catalogs : `SourceCatalogs`
            Nothing of them is read yet.
        """
        return SourceCatalogs(exposures, self.config, (sourceDataset, imageDataset), flags, required,
                              self.log)

    def centroidFlag(self, schema: afwTable.Schema) -> str | None:
        """Return the name of the flag that tells a bad centroid.

        Parameters
        ----------
        schema : `lsst.afw.table.Schema`
            Schema of a catalog.

        Returns
        -------
        name : `str` or `None`
            Name of the column, `None` if there is none.
        """
        name = findCentroid(schema, self.config.centroidField) + "_flag"
        return name if name in schema else None
