# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""The algorithm of forced photometry, on images that are in no repository."""

import warnings

import numpy as np
import pytest
from forcedImages import X0, Y0, makeConfig, makeExposure, makeObjects
from lsst.afw.table import IdFactory
from lsst.dia.repro.forced.forcedDiaMeasurement import ForcedDiaMeasurementTask

SOURCE = (X0 + 60.25, Y0 + 80.5, 2000.0)


def testResultHoldsIdsAndNothingOfTheImageIsChanged():
    exposure = makeExposure([SOURCE])
    before = exposure.clone()
    objects = makeObjects(exposure, [SOURCE[:2], (X0 - 500.0, Y0)])
    result = ForcedDiaMeasurementTask().run(exposure, objects, IdFactory.makeSource(5, 23), 5)
    assert list(result.getDict()) == ["forcedSources", "circle"]
    assert list(result.forcedSources["diaObjectId"]) == [101]
    assert result.forcedSources["id"][0] >> 23 == 5
    for plane in ("image", "mask", "variance"):
        np.testing.assert_array_equal(getattr(exposure, plane).array, getattr(before, plane).array)


@pytest.mark.parametrize("option", ["doControl", "doJointFit"])
def testConfigThatContradictsItselfIsRefused(option):
    config = ForcedDiaMeasurementTask.ConfigClass()
    setattr(config, option, True)
    config.validate()
    config.measurement.slots.psfFlux = None
    config.measurement.plugins.names.remove("base_PsfFlux")
    with pytest.raises(ValueError, match=f"{option} needs base_PsfFlux"):
        config.validate()


def testPositionsThatAreNowhere():
    """Coordinates that are not finite and objects all over the sky are not on the image, and nobody warns."""
    exposure = makeExposure([SOURCE])
    objects = makeObjects(exposure, [SOURCE[:2]]*8)
    ra, dec = np.array(objects["coord_ra"]), np.array(objects["coord_dec"])
    ra[1:4], dec[3:6] = (np.nan, np.inf, -np.inf), (np.nan, np.inf, -np.inf)
    ra[6], dec[7] = ra[6] + np.pi, -0.5*np.pi
    objects["coord_ra"], objects["coord_dec"] = ra, dec
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        task = ForcedDiaMeasurementTask(config=makeConfig(doJointFit=True, doControl=True, edgeMargin=20.0))
        forced = task.run(exposure, objects, exposureId=3).forcedSources
        none = task.run(exposure, objects[1:].copy(deep=True), exposureId=3).forcedSources
    assert list(forced["diaObjectId"]) == [101] and forced["reason"][0] == 0
    assert len(none) == 0
