# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""What a wrong position costs in flux, against the formula for a Gaussian PSF."""

import lsst.afw.image as afwImage
import lsst.geom as geom
import numpy as np
import pytest
from lsst.afw.detection import GaussianPsf
from lsst.afw.geom import makeSkyWcs
from lsst.dia.repro.forced.forcedDiaMeasurement import ForcedDiaMeasurementTask
from lsst.dia.repro.skyPositions import SkyPositions

SIZE, SIGMA, FLUX = 101, 2.5, 1e5


@pytest.mark.parametrize("width", [0.1, 0.3, 0.6, 1.0])
def testFluxAtAnOffset(width):
    """An unweighted fit of the PSF at d widths from a source has exp(-d^2/4) of its flux."""
    exposure = afwImage.ExposureF(SIZE, SIZE)
    psf = GaussianPsf(41, 41, SIGMA)
    exposure.setPsf(psf)
    exposure.setWcs(makeSkyWcs(geom.Point2D(50, 50), geom.SpherePoint(53.0, -27.0, geom.degrees),
                               np.diag([-0.2/3600, 0.2/3600])))
    exposure.setPhotoCalib(afwImage.PhotoCalib(1.0))
    exposure.variance.array[:] = 1.0
    y, x = np.mgrid[:SIZE, :SIZE] - 50.0
    exposure.image.array[:] = FLUX*np.exp(-0.5*(x**2 + y**2)/SIGMA**2)/(2*np.pi*SIGMA**2)
    offsets = width*SIGMA*np.array([[1, 0], [0, 1], [-0.6, 0.8]])
    ra, dec = exposure.getWcs().pixelToSkyArray(*(50.0 + offsets.T), degrees=False)
    forced = ForcedDiaMeasurementTask().run(exposure, SkyPositions([1, 2, 3], ra, dec)).forcedSources
    # The PSF is shifted by lanczos5, and cut off at 8 widths.
    np.testing.assert_allclose(forced["base_PsfFlux_flux"]/FLUX, np.exp(-0.25*width**2), rtol=1e-3)
