# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""SkyWcs against what the real v23 stack wrote and computed."""

import json

import astropy.coordinates
import fitsio
import numpy as np
import pytest
from wcsData import DIFFEXPS, SHARED, ZOO, expectedPath, makeSip, storedText

from lsst.afw.geom import SkyWcs
from lsst.geom import Point2D, SpherePoint, degrees

ARCSEC = np.radians(1 / 3600)


@pytest.mark.parametrize("path", ZOO + DIFFEXPS, ids=lambda path: f"{path.parts[-3]}-{path.name}")
def test_textIsKeptByteByByte(path):
    text = storedText(path)
    assert SkyWcs.readString(text).writeString() == text


def test_constructedTextEqualsStored():
    """The zoo's WCSs were made with v23's makeTanSipWcs: ours must be the same AST object, digit by digit."""
    assert makeSip().writeString() == storedText(ZOO[0])


@pytest.mark.parametrize("path", DIFFEXPS, ids=lambda path: f"{path.parts[-3]}-{path.name}")
def test_skyPositionsOfDifferenceImages(path):
    wcs = SkyWcs.readString(storedText(path))
    table = np.genfromtxt(expectedPath(path, "-wcs.csv"), delimiter=",", names=True)
    ra, dec = wcs.pixelToSkyArray(table["x"], table["y"], degrees=True)
    offset = np.hypot((ra - table["ra_deg"]) * np.cos(np.radians(dec)), dec - table["dec_deg"]) * 3600
    assert offset.max() < 1e-6
    x, y = wcs.skyToPixelArray(table["ra_deg"], table["dec_deg"], degrees=True)
    np.testing.assert_allclose([x, y], [table["x"], table["y"]], atol=1e-6)
    for row in table[:3]:
        sky = wcs.pixelToSky(Point2D(row["x"], row["y"]))
        expected = SpherePoint(row["ra_deg"] * degrees, row["dec_deg"] * degrees)
        assert sky.separation(expected).asArcseconds() < 1e-6


@pytest.mark.parametrize("path", ZOO, ids=lambda path: path.name)
def test_skyPositionsOfZoo(path):
    wcs = SkyWcs.readString(storedText(path))
    samples = np.load(path.with_suffix(".npz"))
    for i in range(4):
        sky = wcs.pixelToSky(Point2D(*samples[f"xy{i}"]))
        expected = SpherePoint(*samples[f"sky{i}"], degrees)
        assert sky.separation(expected).asArcseconds() < 1e-6


@pytest.mark.parametrize("path", DIFFEXPS, ids=lambda path: f"{path.parts[-3]}-{path.name}")
def test_tangentPlaneMatricesEqualLocalWcs(path):
    wcs = SkyWcs.readString(storedText(path))
    table = fitsio.read(str(expectedPath(path, ".fits")), ext=1)
    x, y = (table[f"base_TransformedCentroidFromCoord_{axis}"] for axis in "xy")
    expected = np.moveaxis(
        [[table[f"base_LocalWcs_CDMatrix_{i}_{j}"] for j in (1, 2)] for i in (1, 2)], 2, 0
    )
    # AST differentiates numerically, to about 1e-8
    np.testing.assert_allclose(wcs._tangentPlaneMatrixArray(x, y), expected, atol=3e-8 * abs(expected).max())


def test_oldFiles():
    folder = SHARED / "real" / "stack-files"
    if not folder.exists():
        pytest.skip("files of older stacks are not here (../shared/real/stack-files)")
    image = pytest.importorskip("lsst.afw.image")
    checked = 0
    for name, expected in json.loads((folder / "expected.json").read_text()).items():
        if "centerSky_deg" not in expected:
            continue
        wcs = image.ExposureFitsReader(str(folder / name)).readWcs()
        center = Point2D(*expected["center"])
        sky = SpherePoint(*expected["centerSky_deg"], degrees)
        assert wcs.pixelToSky(center).separation(sky).asArcseconds() < 1e-6, name
        scale = wcs.getPixelScale(center).asArcseconds()
        assert scale == pytest.approx(expected["pixelScale_arcsec"], rel=1e-9), name
        checked += 1
    assert checked >= 8


def test_fk5IsConvertedAsAstropyDoes():
    from lsst.afw.geom import makeSimpleWcsMetadata, makeSkyWcs

    crval = SpherePoint(215.6 * degrees, 53.2 * degrees)
    metadata = makeSimpleWcsMetadata(Point2D(0, 0), crval, np.diag([-5e-5, 5e-5]))
    metadata.set("RADESYS", "FK5")
    metadata.set("EQUINOX", 1975.0)
    icrs = astropy.coordinates.SkyCoord(215.6, 53.2, unit="deg", frame="fk5", equinox="J1975").icrs
    expected = SpherePoint(icrs.ra.deg, icrs.dec.deg, degrees)
    assert makeSkyWcs(metadata).getSkyOrigin().separation(expected).asArcseconds() < 0.002
