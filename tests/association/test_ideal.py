# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Refined assignment against what could be had if the true positions were known."""

import numpy as np
import pytest

from benchmarks.associationTruth import makeSky, scoreMatched


@pytest.mark.parametrize("error, tolerance", [(0.1, 0.005), (0.2, 0.01), (0.3, 0.01)])
def testRefinementIsNearlyIdeal(error, tolerance):
    scores = {name: np.array(values) for name, values in scoreMatched(*makeSky(error, 0.93, -0.49), 5*error)}
    refined, plain, ideal = scores["``refine=True``"], scores["assignment"], scores["ideal"]
    assert np.abs(refined - ideal).max() <= tolerance < np.abs(plain - ideal).max()
