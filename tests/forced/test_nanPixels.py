# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""nanPolicy=leaveOut: fluxes without the pixels that are not finite."""

import lsst.geom as geom
import numpy as np
import pytest
from forcedImages import NOISE, X0, Y0, makeExposure, measure
from lsst.dia.repro.forced.missingFluxReasons import Reason

SOURCE, OTHER = (X0 + 40.3, Y0 + 60.2), (X0 + 150.1, Y0 + 60.4)


def fitByHand(exposure, position):
    """Fit the PSF to the finite pixels by general least squares."""
    image = exposure.getPsf().computeImage(geom.Point2D(*position))
    box = geom.Box2I(image.getBBox())
    box.clip(exposure.getBBox())
    phi, data, variance = (plane[box].array.astype(float).ravel()
                           for plane in (image, exposure.image, exposure.variance))
    good = np.isfinite(data) & np.isfinite(variance)
    flux = np.linalg.lstsq(phi[good, np.newaxis], data[good], rcond=None)[0][0]
    projector = np.linalg.pinv(phi[good, np.newaxis])[0]
    error = np.sqrt(projector @ np.diag(variance[good]) @ projector)
    return flux, error, (phi[good]**2).sum()/(image.array**2).sum(), good.sum()


def testPixelsAreLeftOut():
    exposure = makeExposure([(*SOURCE, 2000.0)])
    exposure.image.array[58:60, 36:43] = np.nan
    exposure.variance.array[63, 38] = np.inf
    exposure.variance.array[64, 41] = np.nan
    exposure.variance.array[:50] *= 4
    forced = measure(exposure, [SOURCE, OTHER], nanPolicy="leaveOut")
    flux, error, fraction, nPixels = fitByHand(exposure, SOURCE)
    assert forced["base_PsfFlux_instFlux"][0] == pytest.approx(flux, rel=1e-9)
    assert forced["base_PsfFlux_instFluxErr"][0] == pytest.approx(error, rel=1e-6)
    assert forced["psfUsedFraction"][0] == pytest.approx(fraction, rel=1e-6) and 0.5 < fraction < 0.9
    assert forced["psfUsedFraction"][1] == 1.0
    assert forced["base_PsfFlux_npixels"][0] == nPixels < 625
    assert list(forced["reason"]) == [Reason.MEASURED]*2
    assert not forced["base_PsfFlux_flag"][0]
    assert forced["base_PsfFlux_flux"][0] == pytest.approx(3.0*flux)
    assert abs(flux - 2000.0) < 5*error


def testPullsWithoutPixels():
    """Fluxes without pixels have no bias and the right errors."""
    grid = [(X0 + x + 0.37, Y0 + y - 0.21) for x in range(15, 190, 14) for y in range(15, 170, 14)]
    exposure = makeExposure([(*position, 300.0) for position in grid], seed=3)
    random = np.random.RandomState(5)
    exposure.image.array[random.uniform(size=exposure.image.array.shape) < 0.1] = np.nan
    # Neighbours overlap, hence the joint fit.
    forced = measure(exposure, grid, nanPolicy="leaveOut", minPsfFraction=0.3, doJointFit=True,
                     jointFit__radius=3.0)
    fraction = np.array(forced["psfUsedFraction"])
    assert (fraction < 1).all() and abs(fraction.mean() - 0.9) < 0.01
    pulls = (np.array(forced["joint_PsfFlux_instFlux"]) - 300.0)/forced["joint_PsfFlux_instFluxErr"]
    assert len(pulls) == len(grid) > 140
    assert abs(pulls.mean()) < 4/np.sqrt(len(pulls))
    assert abs(pulls.std() - 1) < 4/np.sqrt(2*len(pulls))


def testTooLittleIsLeft():
    exposure = makeExposure()
    exposure.image.array[57:64, 37:44] = np.nan
    fraction = fitByHand(exposure, SOURCE)[2]
    assert 0 < fraction < 0.3
    for minimum, reason in ((fraction*1.01, Reason.TOO_FEW_GOOD_PIXELS), (fraction*0.99, Reason.MEASURED)):
        forced = measure(exposure, [SOURCE], nanPolicy="leaveOut", minPsfFraction=minimum)
        assert forced["reason"][0] == reason
        assert np.isfinite(forced["base_PsfFlux_instFlux"][0]) == (reason == Reason.MEASURED)
        assert bool(forced["base_PsfFlux_flag"][0]) == (reason != Reason.MEASURED)
        assert forced["psfUsedFraction"][0] == pytest.approx(fraction, rel=1e-6)


def testAtTheEdge():
    exposure = makeExposure()
    positions = [(X0 + 2.2, Y0 + 60.0), (X0 + 3.4, Y0 + 100.0)]
    plain = measure(exposure, positions)
    exposure.image.array[99, 3] = np.nan
    forced = measure(exposure, positions, nanPolicy="leaveOut")
    assert forced["base_PsfFlux_instFlux"][0] == plain["base_PsfFlux_instFlux"][0]
    for row, position in enumerate(positions):
        flux, _, fraction, _ = fitByHand(exposure, position)
        assert forced["base_PsfFlux_instFlux"][row] == pytest.approx(flux, rel=1e-7)
        assert forced["psfUsedFraction"][row] == pytest.approx(fraction, rel=1e-6)
    assert forced["base_PsfFlux_flag"].all() and forced["base_PsfFlux_flag_edge"].all()


def testMaskedPixelsCountAsNotUsed():
    exposure = makeExposure()
    exposure.mask.array[58, 30:50] |= exposure.mask.getPlaneBitMask("SAT")
    options = dict(measurement__plugins__base_PsfFlux__badMaskPlanes=["SAT"], nanPolicy="leaveOut")
    forced = measure(exposure, [SOURCE, OTHER], **options)
    exposure.image.array[58, 30:50] = np.nan
    flux, error, fraction, _ = fitByHand(exposure, SOURCE)
    assert forced["base_PsfFlux_instFlux"][0] == pytest.approx(flux, rel=1e-6)
    np.testing.assert_allclose(forced["psfUsedFraction"], [fraction, 1.0], rtol=1e-6)
    assert error > NOISE*np.sqrt(4*np.pi)*2


def testNothingIsFinite():
    exposure = makeExposure()
    exposure.image.array[:] = np.nan
    forced = measure(exposure, [SOURCE, (X0 - 1, Y0 + 5)], nanPolicy="leaveOut", minPsfFraction=0.0,
                     edgeMargin=3.0)
    assert list(forced["reason"]) == [Reason.NO_DATA, Reason.OFF_IMAGE]
    np.testing.assert_array_equal(forced["psfUsedFraction"], [0.0, np.nan])
