# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""WCSs out of FITS keywords of all sorts."""

import logging

import numpy as np
import pytest
from wcsData import makeTan

import lsst.pex.exceptions
from lsst.afw.geom import (
    createTrivialWcsMetadata,
    getImageXY0FromMetadata,
    makeSimpleWcsMetadata,
    makeSipMatrixMetadata,
    makeSkyWcs,
)
from lsst.daf.base import PropertyList, PropertySet
from lsst.geom import Point2D, Point2I, SpherePoint, degrees

CRVAL = SpherePoint(30, -20, degrees)
CD = np.diag([-0.2, 0.2]) / 3600


def makeMetadata(cls=PropertyList, **values):
    metadata = cls()
    metadata.update(makeSimpleWcsMetadata(Point2D(100, 200), CRVAL, CD).toDict() | values)
    return metadata


def assertPlainTan(wcs, pixel=(100, 200)):
    assert wcs.pixelToSky(Point2D(*pixel)).separation(CRVAL).asArcseconds() < 1e-7
    np.testing.assert_allclose(wcs.getCdMatrix(), CD, rtol=1e-8, atol=1e-13)


@pytest.mark.parametrize("cls", [PropertyList, PropertySet])
def test_unrelatedKeywordsDoNotMatter(cls, caplog):
    metadata = makeMetadata(
        cls,
        NAXIS1=0,
        NAXIS2=0,
        LTV1=5.0,
        BIGINT=2**40,
        LONGSTRING="x" * 100,
        NOTANUMBER=np.nan,
        NAN=float("nan"),
        TOOLONGNAME=1,
        FLAG=True,
    )
    with caplog.at_level(logging.WARNING):
        assertPlainTan(makeSkyWcs(metadata))
    assert "NaN in metadata item 'NAN'" in caplog.text


def test_dottedKeywords():
    """As of HIERARCH cards: the last word of one may be that of a WCS."""
    metadata = makeMetadata()
    metadata.set("ESO.DET", 1)
    metadata.set("OLD.CRVAL1", 31.0)
    assertPlainTan(makeSkyWcs(metadata, strip=True))
    assert metadata.getOrderedNames() == ["ESO.DET", "OLD.CRVAL1"]


def test_strip():
    metadata = makeMetadata(EQUINOX=2000.0, EXPTIME=30.0, NAXIS1=100, NAXIS2=100)
    metadata.set("MJD-OBS", 59000.0)
    metadata.set("DATE-OBS", "2020-05-31T00:00:00")
    assertPlainTan(makeSkyWcs(metadata, strip=True))
    assert set(metadata.names()) == {"EXPTIME", "NAXIS1", "NAXIS2", "MJD-OBS", "DATE-OBS"}


def test_originOfSubimage():
    metadata = makeMetadata()
    metadata.combine(createTrivialWcsMetadata("A", Point2I(-3, 50)))
    assert getImageXY0FromMetadata(metadata, "A") == Point2I(-3, 50)
    assertPlainTan(makeSkyWcs(metadata, strip=True), pixel=(97, 250))
    assert not metadata.exists("CRVAL1A")


def test_radecsys():
    metadata = makeMetadata(RADECSYS="ICRS")
    metadata.remove("RADESYS")
    assertPlainTan(makeSkyWcs(metadata))
    assert metadata.getScalar("RADESYS") == "ICRS" and not metadata.exists("RADECSYS")


def test_latitudeFirst():
    metadata = makeMetadata(CTYPE1="DEC--TAN", CTYPE2="RA---TAN", CRVAL1=-20.0, CRVAL2=30.0)
    assert makeSkyWcs(metadata).pixelToSky(Point2D(100, 200)).separation(CRVAL).asArcseconds() < 1e-9


@pytest.mark.parametrize("projection", ["TAN", "STG", "ZPN", "TPV", "SIN", "ARC"])
def test_projections(projection):
    metadata = makeMetadata(CTYPE1=f"RA---{projection}", CTYPE2=f"DEC--{projection}")
    if projection == "ZPN":
        metadata.set("PV2_1", 1.0)
        metadata.set("PV2_3", 50.0)
    wcs = makeSkyWcs(metadata)
    assertPlainTan(wcs)
    assert wcs.getFitsMetadata(True).getScalar("CTYPE1").startswith("RA---")


@pytest.mark.parametrize(
    "values", [{"CTYPE1": "LINEAR", "CTYPE2": "LINEAR"}, {"CTYPE1": "RA---XYZ", "CTYPE2": "DEC--XYZ"}]
)
def test_notCelestial(values):
    with pytest.raises(lsst.pex.exceptions.TypeError):
        makeSkyWcs(makeMetadata(**values))


def test_writtenKeywords():
    written = makeTan().getFitsMetadata(True)
    assert written.getScalar("CD1_2") == 0 and written.getScalar("CD2_1") == 0
    assert not written.exists("DATE-OBS") and not written.exists("MJD-OBS")
    assert written.getScalar("CRPIX1") == pytest.approx(101, abs=1e-8)


def test_sipMatrices():
    matrix = np.array([[0, 0, 1e-7], [0, 2e-7, 0], [3e-7, 0, 0]])
    metadata = makeSipMatrixMetadata(matrix, "AP")
    assert metadata.toDict() == {"AP_ORDER": 2, "AP_0_2": 1e-7, "AP_1_1": 2e-7, "AP_2_0": 3e-7}
    with pytest.raises(lsst.pex.exceptions.TypeError):
        makeSipMatrixMetadata(matrix[:2], "A")


@pytest.mark.parametrize("values", [{"CTYPE1": "RA--\0TAN"}, {"CRVAL\x001": 3.0}])
def test_nullCharacters(values):
    with pytest.raises(lsst.pex.exceptions.TypeError, match="does not describe"):
        makeSkyWcs(makeMetadata(**values))
