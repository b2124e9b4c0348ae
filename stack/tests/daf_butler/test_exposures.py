# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Exposures through the Gen3 butler: whole, in parts, by component."""

from lsst.afw.image import ExposureF


def test_roundTrip(repo, exposure, samePlanes):
    name = repo.put(exposure, "ExposureF")
    result = repo.get(name)
    assert isinstance(result, ExposureF)
    assert samePlanes(result.maskedImage, exposure.maskedImage)
    assert result.wcs == exposure.wcs and result.photoCalib == exposure.photoCalib
    assert result.filterLabel == exposure.filterLabel
    assert result.visitInfo.getDate() == exposure.visitInfo.getDate()
    assert sorted(result.info.getApCorrMap()) == sorted(exposure.info.getApCorrMap())
