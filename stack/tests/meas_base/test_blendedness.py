# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Blendedness in forced measurement: fields without values, as in v23."""

import numpy as np
from simulated import makeDataset, measure

NAME = "base_Blendedness"


def findFields(catalog):
    return [name for name in catalog.schema.getNames() if name.startswith(NAME)]


def test_nothingIsMeasured():
    catalog, _ = measure(makeDataset(), [NAME])
    values = [name for name in findFields(catalog) if "_flag" not in name]
    assert len(values) == 19
    assert all(np.isnan(catalog[name]).all() for name in values)
    assert not catalog[NAME + "_flag"].any()


def test_fieldsOnRequestOnly():
    def edit(config):
        config.plugins[NAME].doOld = config.plugins[NAME].doShape = False

    names = findFields(measure(makeDataset(), [NAME], edit=edit)[0])
    assert NAME + "_raw" in names and NAME + "_old" not in names and NAME + "_raw_child_xx" not in names
