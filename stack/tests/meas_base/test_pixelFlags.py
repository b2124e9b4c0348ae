# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""base_PixelFlags against masks set by hand."""

import numpy as np
import pytest
from forced import makeExposure, makeTask, measureAt

PLUGINS = ("base_TransformedCentroidFromCoord", "base_PixelFlags", "base_PsfFlux")
FLAGS = {
    "EDGE": "edge",
    "INTRP": "interpolated",
    "SAT": "saturated",
    "CR": "cr",
    "BAD": "bad",
    "SUSPECT": "suspect",
    "NO_DATA": "edge",
}
CENTER_FLAGS = {"INTRP", "SAT", "CR", "SUSPECT"}


def getFlags(record):
    prefix = "base_PixelFlags_flag_"
    names = [name for name in record.schema.getNames() if name.startswith(prefix)]
    return {name[len(prefix) :] for name in names if record[name]}


@pytest.mark.parametrize("attach", ["psf", "plain"])
@pytest.mark.parametrize("plane", FLAGS)
def test_planes(plane, attach):
    exposure = makeExposure()
    # Centers at pixels (40, 40), (70, 40), (100, 40) of the array; the footprint's radius is 6 pixels.
    x, y = np.array([70.0, 100.0, 130.0]), np.full(3, 20.0)
    exposure.mask.array[41, 41] = exposure.mask.getPlaneBitMask(plane)
    exposure.mask.array[40, 75] = exposure.mask.getPlaneBitMask(plane)
    exposure.mask.array[40, 108] = exposure.mask.getPlaneBitMask(plane)
    task = makeTask(PLUGINS)
    catalog = measureAt(task, exposure, x, y)
    if attach == "plain":
        for record in catalog:
            record.setFootprint(record.getFootprint())
            for name in record.schema.getNames():
                if name.startswith("base_PixelFlags"):
                    record[name] = False
        task.run(catalog, exposure, makeCopy(catalog), exposure.getWcs())
    center = {FLAGS[plane] + "Center"} if plane in CENTER_FLAGS else set()
    assert getFlags(catalog[0]) == {FLAGS[plane]} | center
    assert getFlags(catalog[1]) == {FLAGS[plane]}
    assert getFlags(catalog[2]) == set()


def makeCopy(catalog):
    from forced import makeReferences

    return makeReferences(catalog["diaObjectId"], catalog["coord_ra"], catalog["coord_dec"])


def test_moreMaskPlanes():
    def edit(config):
        config.plugins["base_PixelFlags"].masksFpAnywhere = ["DETECTED"]
        config.plugins["base_PixelFlags"].masksFpCenter = ["DETECTED", "BAD"]

    exposure = makeExposure()
    exposure.mask.array[44, 40] = exposure.mask.getPlaneBitMask("DETECTED")
    exposure.mask.array[39, 69] = exposure.mask.getPlaneBitMask(["DETECTED", "BAD"])
    catalog = measureAt(makeTask(PLUGINS, edit), exposure, [70.0, 100.0], [20.0, 20.0])
    assert getFlags(catalog[0]) == {"detected"}
    assert getFlags(catalog[1]) == {"detected", "detectedCenter", "bad", "badCenter"}


def test_edgesAndOffImage():
    exposure = makeExposure()
    task = makeTask(PLUGINS)
    catalog = measureAt(task, exposure, [30.0, 149.49], [-20.0, 79.49])
    assert [getFlags(record) for record in catalog] == [set(), set()]
    with pytest.raises(AssertionError, match="not in exposure"):
        measureAt(task, exposure, [29.4], [0.0])
