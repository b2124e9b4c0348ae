# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Options of forcedDiaPhot.py."""

__all__ = ["ForcedDiaPhotConfig"]

import lsst.pex.config as pexConfig
from lsst.meas.base import ForcedMeasurementTask

from .calibrateForced import CalibrateForcedTask
from .controlPositions import ControlPositionsTask
from .jointFit import JointFitTask
from .refCatFile import RefCatConfig


class ForcedDiaPhotConfig(pexConfig.Config):
    """Options of `ForcedDiaPhotTask`."""

    coaddName = pexConfig.Field(
        dtype=str, default="deep",
        doc="Name of the coadd that the images were differenced with; they are "
            "<coaddName>Diff_differenceExp.",
    )
    measurement = pexConfig.ConfigurableField(target=ForcedMeasurementTask, doc="Measures on an image.")
    footprintScaling = pexConfig.RangeField(
        dtype=int, default=3, min=1,
        doc="Semi-axes of the footprints, as a multiple of those of the PSF.",
    )
    edgeMargin = pexConfig.RangeField(
        dtype=float, default=0.0, min=0.0,
        doc="How far beyond the edge of an image objects get a row too, though not a flux, pixels.",
    )
    nanPolicy = pexConfig.ChoiceField(
        dtype=str, default="fail",
        doc="What a pixel under the PSF does that is not finite in flux or variance.",
        allowed={
            "fail": "The source has no flux, as in the stack.",
            "leaveOut": "base_PsfFlux is fitted to the other pixels; psfUsedFraction tells to how many.",
        },
    )
    minPsfFraction = pexConfig.RangeField(
        dtype=float, default=0.5, min=0.0, max=1.0,
        doc="Least psfUsedFraction for which pixels are left out; below it the source has no flux.",
    )
    doCalibrate = pexConfig.Field(
        dtype=bool, default=True,
        doc="Add fluxes in nJy, instFlux times base_LocalPhotoCalib, magnitudes and limits?",
    )
    calibration = pexConfig.ConfigurableField(target=CalibrateForcedTask, doc="Calibrates the fluxes.")
    doJointFit = pexConfig.Field(
        dtype=bool, default=False, doc="Add PSF fluxes from a joint fit of blended neighbours?")
    jointFit = pexConfig.ConfigurableField(target=JointFitTask, doc="Fits neighbours jointly.")
    doControl = pexConfig.Field(
        dtype=bool, default=False,
        doc="Measure at random positions without objects too, to tell the errors and the zero offset of each "
            "image?",
    )
    control = pexConfig.ConfigurableField(
        target=ControlPositionsTask, doc="Chooses control positions and sums up the fluxes there.")
    refCat = pexConfig.ConfigField(dtype=RefCatConfig, doc="Columns of the file of --refCat.")

    @property
    def imageDataset(self):
        """Name of the difference image dataset (`str`)."""
        return self.coaddName + "Diff_differenceExp"

    def setDefaults(self):
        """Measure as Rubin does on difference images."""
        self.measurement.plugins.names = [
            "base_PixelFlags", "base_TransformedCentroidFromCoord", "base_PsfFlux", "base_LocalBackground",
            "base_LocalPhotoCalib", "base_LocalWcs"]
        self.measurement.slots.centroid = "base_TransformedCentroidFromCoord"
        self.measurement.slots.psfFlux = "base_PsfFlux"
        self.measurement.slots.shape = None
        self.measurement.doReplaceWithNoise = False
        self.measurement.copyColumns = {"id": "diaObjectId", "coord_ra": "coord_ra", "coord_dec": "coord_dec"}

    def validate(self):
        """Check options that depend on each other."""
        super().validate()
        names = self.measurement.plugins.names
        if self.doCalibrate and "base_LocalPhotoCalib" not in names:
            raise ValueError("doCalibrate needs base_LocalPhotoCalib among measurement.plugins")
        if self.doControl and not self.doCalibrate:
            raise ValueError("doControl needs doCalibrate: its offset is in nJy")
        needsPsfFlux = {"nanPolicy=leaveOut": self.nanPolicy == "leaveOut", "doJointFit": self.doJointFit,
                        "doControl": self.doControl}
        for option, isSet in needsPsfFlux.items():
            if isSet and "base_PsfFlux" not in names:
                raise ValueError(f"{option} needs base_PsfFlux among measurement.plugins")
