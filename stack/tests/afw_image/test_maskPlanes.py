# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Mask planes: the default dictionary, those of single masks, and how files map to them."""

import numpy as np
import pytest

from lsst.afw.fits import readMetadata
from lsst.afw.image import Mask, MaskX
from lsst.afw.image._maskDict import MaskDict
from lsst.pex.exceptions import InvalidParameterError
from lsst.pex.exceptions import RuntimeError as LsstRuntimeError


@pytest.fixture(autouse=True)
def restoreDefault():
    default = MaskDict.getDefault()
    planes = dict(default.planes)
    yield
    # New planes reach every living dictionary, this one included.
    default.planes = planes
    MaskDict.setDefault(default)


def testInitialPlanes():
    assert MaskX(1, 1).getMaskPlaneDict()["NO_DATA"] == Mask.getMaskPlane("NO_DATA")
    assert Mask.getPlaneBitMask(["SAT", "EDGE"]) == 2**Mask.getMaskPlane("SAT") + 2**Mask.getMaskPlane("EDGE")
    with pytest.raises(InvalidParameterError):
        Mask.getPlaneBitMask("NONSENSE")


def testNewPlaneReachesLivingMasks():
    mask = MaskX(2, 2)
    number = Mask.addMaskPlane("FRESH")
    assert mask.getMaskPlaneDict()["FRESH"] == number == Mask.addMaskPlane("FRESH")
    mask.set(1 << number)
    assert mask.getAsString(0, 0) == "FRESH"
    mask.removeAndClearMaskPlane("FRESH", True)
    assert "FRESH" not in mask.getMaskPlaneDict() and not mask.array.any()


def testRemovedPlaneStaysInOldMasks():
    Mask.addMaskPlane("OLD")
    mask = MaskX(1, 1)
    Mask.removeMaskPlane("OLD")
    assert "OLD" in mask.getMaskPlaneDict() and "OLD" not in MaskX(1, 1).getMaskPlaneDict()


def testTooManyPlanes():
    with pytest.raises(LsstRuntimeError):
        for i in range(40):
            Mask.addMaskPlane(f"P{i}")


def testDifferentDictionariesDoNotMix():
    mask = MaskX(1, 1, {"A": 0})
    with pytest.raises(LsstRuntimeError):
        mask |= MaskX(1, 1)


def testConformMovesBits():
    mask = MaskX(3, 1)
    mask.array[0] = [1 << 4, 1 << 1, 1 | 1 << 4]
    mask.conformMaskPlanes({"SAT": 4, "BAD": 1, "NEWONE": 0})
    sat, bad, new = (Mask.getPlaneBitMask(name) for name in ("SAT", "BAD", "NEWONE"))
    assert mask.array[0].tolist() == [sat, bad, sat | new]


def testFileWithOtherPlanes(tmp_path):
    path = str(tmp_path/"mask.fits")
    mask = MaskX(4, 3)
    mask.array[1, 2] = Mask.getPlaneBitMask("EDGE")
    mask.writeFits(path)
    assert readMetadata(path).getAsInt("MP_EDGE") == Mask.getMaskPlane("EDGE")
    MaskDict.setDefault(MaskDict({"OTHER": 0, "EDGE": 9}))
    read = MaskX(path)
    assert read.array[1, 2] == 1 << 9 and np.count_nonzero(read.array) == 1
    assert set(read.getMaskPlaneDict()) >= {"OTHER", "EDGE", "SAT"}


def testFileDefinesPlanesOnRequest(tmp_path):
    path = str(tmp_path/"mask.fits")
    MaskX(4, 3).writeFits(path)
    expected = MaskX(1, 1).getMaskPlaneDict()
    MaskDict.setDefault(MaskDict({"EDGE": 9}))
    MaskX(path, conformMasks=True)
    assert MaskX(1, 1).getMaskPlaneDict() == expected
