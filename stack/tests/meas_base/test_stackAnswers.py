# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""The real stack's forced photometry of its own files, on all images that are there."""

import numpy as np
import pytest
from stackForced import (
    LOCAL_WCS,
    SHARED,
    compare,
    findImage,
    findSane,
    listImages,
    makeFullTask,
    measureImage,
)

from lsst.meas.base import EvaluateLocalWcsPlugin


@pytest.fixture(scope="module")
def task():
    return makeFullTask()


@pytest.fixture(scope="module", params=listImages(), ids=[name for _, name in listImages()])
def measured(request, task):
    """The catalog that we measure, the expected columns and flags, and the image."""
    root, name = request.param
    if not findImage(root, name).exists():
        pytest.skip("the image is not in the small copy of the repository")
    return measureImage(task, root, name)


def test_allImagesAreThere():
    if not SHARED.exists():
        pytest.skip("the whole repository that the real stack wrote is not there, only a small copy")
    assert len(listImages()) == 18


def test_everyColumn(measured):
    catalog, expected, flags, _ = measured
    assert len(flags) == 51 and len(expected) > 20
    differences = compare(catalog, expected, flags)
    assert len(differences) == 51 + len(expected.dtype.names) - 3
    assert [(name, d) for name, d in differences.items() if not d.value <= d.limit] == []


def test_localWcs(measured):
    """One source at a time AST estimates the derivatives, as in v23, zeros included."""
    catalog, expected, _, exposure = measured
    sane = findSane(expected)
    assert sane.sum() >= len(expected) - 1
    plugin = EvaluateLocalWcsPlugin.makeLocalTransformMatrix
    for row in {0, len(expected) // 2, int(np.argmin(sane))}:
        matrix = plugin(EvaluateLocalWcsPlugin, exposure.getWcs(), catalog[row].getCentroid())
        scale = abs(expected["base_LocalWcs_CDMatrix_1_1"][row])
        assert matrix.ravel() == pytest.approx([expected[name][row] for name in LOCAL_WCS], abs=1e-12 * scale)
        assert min(abs(catalog["base_LocalWcs_CDMatrix_1_1"][row]), scale) > 1e-7


def test_footprintsAreTheStacks(measured):
    catalog, expected, _, exposure = measured
    record = catalog[0]
    footprint = record.getFootprint()
    position = record.getCentroid()
    shape = exposure.getPsf().computeShape(position)
    y, x = footprint.getSpans().indices()
    dx, dy = np.asarray(x) - position.getX(), np.asarray(y) - position.getY()
    determinant = 81 * (shape.getIxx() * shape.getIyy() - shape.getIxy() ** 2)
    form = 9 * (dx**2 * shape.getIyy() - 2 * dx * dy * shape.getIxy() + dy**2 * shape.getIxx())
    assert (form <= determinant * (1 + 1e-12)).all()
    assert len(footprint.getPeaks()) == 1
