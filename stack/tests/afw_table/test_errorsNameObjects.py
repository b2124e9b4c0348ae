# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Errors in archives name file, HDU and object, down to the part of a coordinate system."""

import re

import pytest

import astshim
import lsst.pex.exceptions as pexExceptions
from lsst.afw.geom import SkyWcs
from lsst.afw.image import ExposureF, ExposureFitsReader

LUT = """Begin LutMap
Nin = 1
IsA Mapping
Nlut = {}
L1 = 1
L2 = 2
End LutMap
"""


def testTableThatIsTooLong():
    with pytest.raises(RuntimeError, match="Nlut = 2000000000 of a LutMap is out of range"):
        astshim.Channel(astshim.StringStream(LUT.format(2_000_000_000))).read()
    assert astshim.Channel(astshim.StringStream(LUT.format(2))).read().className == "LutMap"


@pytest.mark.parametrize("change, message", [
    (("Nframe = ", "Nframe = 99999"), "Nframe = 99999[0-9] of a FrameSet is out of range"),
    (("1 SkyWcs", "9 SkyWcs"), "version")])
def testPartsOfExposures(stackData, tmp_path, monkeypatch, change, message):
    exposure = ExposureF(str(stackData/"zoo"/"gaussianPsf.fits"))
    text = exposure.getWcs().writeString()
    assert change[0] in text
    monkeypatch.setattr(SkyWcs, "writeString", lambda self: text.replace(*change, 1))
    path = str(tmp_path/"e.fits")
    exposure.writeFits(path)
    with pytest.raises(pexExceptions.Exception) as info:
        ExposureFitsReader(path).readWcs()
    what = rf"loading object with id=\d+, name='SkyWcs': .*{message}.*e.fits, HDU \d+"
    assert re.search(what, str(info.value)), str(info.value)
    assert str(info.value).count("object with id=") == 1
