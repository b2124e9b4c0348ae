# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""The map of the objects: equal areas, anywhere on the sky."""

import logging

import numpy as np
import pytest
from lsst.dia.repro.lightCurves.lightCurveFile import LightCurveFile
from simulatedTables import FIRST_OBJECT, writeTables

pytest.importorskip("bokeh", reason="the extra report is not installed")

from lsst.dia.repro.report.skyMap import MAX_POINTS, N_POINTS, drawSkyMap
from lsst.dia.repro.report.skyOffsets import SkyOffsets
from lsst.dia.repro.report.surveyImages import SurveyImages

CENTERS = [(53.0, -27.4), (0.001, 10.0), (180.0, 0.0), (90.0, 89.999), (270.0, -90.0)]


def separation(ra1, dec1, ra2, dec2):
    """Return the angle between positions by the haversine formula, degrees in and out."""
    ra1, dec1, ra2, dec2 = map(np.radians, (ra1, dec1, ra2, dec2))
    half = np.sin(0.5*(dec2 - dec1))**2 + np.cos(dec1)*np.cos(dec2)*np.sin(0.5*(ra2 - ra1))**2
    return np.degrees(2*np.arcsin(np.sqrt(half)))


@pytest.mark.parametrize("ra, dec", CENTERS)
def testProjectionIsEqualArea(ra, dec):
    offsets = SkyOffsets(np.array([ra]), np.array([dec]))
    assert separation(offsets.ra, offsets.dec, ra, dec) < 1e-9
    rng = np.random.default_rng(1)
    ras, decs = 360*rng.random(500), np.degrees(np.arcsin(rng.uniform(-1, 1, 500)))
    east, north = offsets.project(ras, decs)
    # A circle of radius t has the area 4 pi sin^2(t/2) on the sphere, and pi rho^2 on the map.
    angle = np.radians(separation(offsets.ra, offsets.dec, ras, decs))
    np.testing.assert_allclose(np.hypot(east, north), np.degrees(2*np.sin(0.5*angle)), rtol=1e-9)


@pytest.mark.parametrize("ra, dec", CENTERS[:4])
def testEastAndNorth(ra, dec):
    offsets = SkyOffsets(np.array([ra]), np.array([dec]))
    step = 1e-4
    east, north = offsets.project(np.array([(ra + step/np.cos(np.radians(dec))) % 360]), np.array([dec]))
    # Close to the pole circles of declination are round.
    assert east[0] == pytest.approx(step, rel=0.01)
    east, north = offsets.project(np.array([ra]), np.array([dec + step]))
    assert (east[0], north[0]) == pytest.approx((0, step), abs=1e-9)


def testFieldAtRightAscensionZero():
    offsets = SkyOffsets(np.array([359.9, 0.1, np.nan, np.inf]), np.array([1.0, 1.0, 0.0, 2.0]))
    assert separation(offsets.ra, offsets.dec, 0.0, 1.0) < 1e-3
    east, _ = offsets.project(np.array([359.9, 0.1, np.nan]), np.array([1.0, 1.0, 1.0]))
    assert east[:2] == pytest.approx([-0.1, 0.1], abs=1e-4) and np.isnan(east[2])


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("ra, dec", [([], []), ([np.nan], [0.0]), ([0.0, 180.0], [0.0, 0.0])])
def testWithoutAMean(ra, dec):
    offsets = SkyOffsets(np.array(ra), np.array(dec))
    assert (offsets.ra, offsets.dec) == (0, 0)
    assert np.all(np.isfinite(offsets.project(np.array([180.0]), np.array([0.0]))))


class Images:
    """Corners of images, some of which cannot be read."""

    def readCorners(self, dataId):
        if dataId["visit"] % 2:
            raise OSError("no")
        return np.array([359.9, 0.1, 0.1, 359.9]), np.array([-30.1, -30.1, -29.9, -29.9])


def drawMap(directory, nObjects, reader=None, change=None):
    writeTables(directory/"curves.parq", directory/"summary.parq", nObjects, 4, change)
    curves = LightCurveFile(str(directory/"curves.parq"))
    images = SurveyImages(curves.dataIdKeys)
    for rows in curves.rowGroups(images.columns):
        images.number(rows)
    return drawSkyMap(LightCurveFile(str(directory/"summary.parq")), images, reader)


def findPoints(made):
    from bokeh.models import Scatter
    return [each.data_source.data for each in made.renderers if isinstance(each.glyph, Scatter)]


def testPoints(tmp_path, caplog):
    from bokeh.models import Patches, TapTool
    caplog.set_level(logging.WARNING)
    made, nUnread = drawMap(tmp_path, 50, Images())
    assert nUnread == 2
    ids = [each for data in findPoints(made) for each in data["id"]]
    # As text, since JavaScript rounds such numbers.
    assert sorted(ids) == sorted(str(FIRST_OBJECT + number) for number in range(50))
    (footprint,) = [each.data_source.data for each in made.renderers if isinstance(each.glyph, Patches)]
    assert len(footprint["xs"]) == 2
    np.testing.assert_allclose(np.ptp(footprint["ys"], axis=1), 0.2, rtol=1e-3)
    assert [record.getMessage() for record in caplog.records] == [
        "2 of 4 images cannot be read and are not on the map"]
    (tap,) = made.select(TapTool)
    assert tap.callback.url == "object.html#@id"
    # Two of the corners lie on either side of RA 0, and the objects at 359.9 and east of it.
    assert made.xaxis.axis_label.startswith("offset east of RA 359.9")


def testManyImages(tmp_path, monkeypatch):
    monkeypatch.setattr("lsst.dia.repro.report.skyMap.MAX_OUTLINES", 2)
    read = []

    class Some(Images):
        def readCorners(self, dataId):
            read.append(dataId["visit"])
            return super().readCorners({"visit": 0})

    assert drawMap(tmp_path, 5, Some())[1] == 0 and read == [1000, 1003]


def testManyObjects(tmp_path):
    from bokeh.models import Image
    made, _ = drawMap(tmp_path, MAX_POINTS + 10)
    assert sum(len(data["id"]) for data in findPoints(made)) == N_POINTS
    (density,) = [each for each in made.renderers if isinstance(each.glyph, Image)]
    assert np.nansum(density.data_source.data["image"][0]) == MAX_POINTS + 10
    summary = LightCurveFile(str(tmp_path/"summary.parq"))
    best = np.sort(summary.column("significance"))[-N_POINTS]
    shown = np.isin(summary.column("diaObjectId").astype(str),
                    [each for data in findPoints(made) for each in data["id"]])
    assert summary.column("significance")[shown].min() == best


@pytest.mark.filterwarnings("error")
def testNoObjects(tmp_path):
    assert drawMap(tmp_path, 0) == (None, 0)
    assert findPoints(drawMap(tmp_path, 1, Images())[0])[0]["id"] == [str(FIRST_OBJECT)]


@pytest.mark.filterwarnings("error")
def testNoPosition(tmp_path):
    def forget(values):
        values["ra"][:] = np.nan

    assert drawMap(tmp_path, 1, change=forget) == (None, 0)
    assert findPoints(drawMap(tmp_path, 1, Images(), forget)[0]) == []
