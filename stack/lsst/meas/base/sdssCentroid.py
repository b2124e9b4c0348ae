# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Settings of the SDSS centroid plugin, which stored configs mention; the plugin itself is not here."""

from ._control import Control, ControlField

__all__ = ["SdssCentroidControl"]


class SdssCentroidControl(Control):
    """Settings of ``base_SdssCentroid``."""

    binmax = ControlField("int", 16, "largest binning")
    peakMin = ControlField("double", -1.0, "bin at least once if the peak is below this")
    wfac = ControlField("double", 1.5, "adjusts when to bin")
    doFootprintCheck = ControlField("bool", True, "must the centroid be in the footprint?")
    maxDistToPeak = ControlField("double", -1.0, "largest distance from the peak (pixels); any if negative")
