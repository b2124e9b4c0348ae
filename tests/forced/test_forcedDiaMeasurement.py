# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""The algorithm of forced photometry, on images that are in no repository."""

import numpy as np
import pytest
from forcedImages import X0, Y0, makeExposure, makeObjects
from lsst.afw.table import IdFactory
from lsst.dia.repro.forced.forcedDiaMeasurement import ForcedDiaMeasurementTask

SOURCE = (X0 + 60.25, Y0 + 80.5, 2000.0)


def testResultHoldsIdsAndNothingOfTheImageIsChanged():
    exposure = makeExposure([SOURCE])
    before = exposure.clone()
    objects = makeObjects(exposure, [SOURCE[:2], (X0 - 500.0, Y0)])
    result = ForcedDiaMeasurementTask().run(exposure, objects, IdFactory.makeSource(5, 23), 5)
    assert list(result.getDict()) == ["forcedSources"]
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
