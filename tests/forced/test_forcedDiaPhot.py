# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""ForcedDiaPhotTask against the real stack's measurements."""

import lsst.afw.table as afwTable
import lsst.geom as geom
import numpy as np
import pytest
from lsst.daf.persistence import Butler
from lsst.dia.repro import DiaObjectMakerTask, ForcedDiaPhotTask
from lsst.dia.repro.forced.imageCoverage import findPositionsIn
from lsst.dia.repro.skyPositions import SkyPositions
from lsst.meas.base import ForcedPlugin

IMAGES = [(853, "r", "1,2"), (866, "i", "1,1"), (866, "i", "1,2"), (892, "r", "1,2"), (905, "i", "1,1"),
          (905, "i", "1,2")]


@pytest.fixture(scope="module")
def reference(stackData):
    return afwTable.SourceCatalog.readFits(str(stackData/"expected"/"reference.fits"))


@pytest.fixture(scope="module")
def output(stackData, tmp_path_factory):
    """A repository with the results of both commands."""
    root = str(tmp_path_factory.mktemp("forced")/"out")
    common = ["--no-versions", "--doraise"]
    DiaObjectMakerTask.parseAndRun([str(stackData/"repo"), "--id", "--output", root, *common])
    ForcedDiaPhotTask.parseAndRun([root, "--id", *common])
    return root


@pytest.mark.parametrize("visit, band, sensor", IMAGES)
def testMeasurementsAreThoseOfTheRealStack(visit, band, sensor, stackData, reference):
    butler = Butler(str(stackData/"repo"))
    exposure = butler.get("deepDiff_differenceExp", visit=visit, raft="2,2", sensor=sensor, immediate=True)
    measured = ForcedDiaPhotTask().run(exposure, reference).forcedSources
    name = f"v{visit}-f{band}-R22-S{sensor.replace(',', '')}.fits"
    expected = afwTable.SourceCatalog.readFits(str(stackData/"expected"/"forced"/name))
    np.testing.assert_array_equal(measured["diaObjectId"], expected["diaObjectId"])
    error = expected["base_PsfFlux_instFluxErr"]
    difference = (measured["base_PsfFlux_instFlux"] - expected["base_PsfFlux_instFlux"])/error
    finite = np.isfinite(difference)
    np.testing.assert_array_equal(finite, np.isfinite(expected["base_PsfFlux_instFlux"]/error))
    assert np.abs(difference[finite]).max() < 1e-4
    np.testing.assert_allclose(measured["base_PsfFlux_instFluxErr"], error, rtol=1e-5)
    plugins = ("base_PixelFlags", "base_PsfFlux", "base_Transformed", "base_Local")
    flags = [name for name in measured.schema.getNames() if "_flag" in name and name.startswith(plugins)]
    assert len(flags) > 15
    for flag in flags:
        np.testing.assert_array_equal(measured[flag], expected[flag], err_msg=flag)
    for field in expected.schema.getNames():
        if field.startswith(("base_LocalPhotoCalib", "base_LocalWcs", "base_TransformedCentroid")):
            np.testing.assert_allclose(measured[field], expected[field], rtol=1e-7, err_msg=field)
    calib = expected["base_LocalPhotoCalib"]
    np.testing.assert_allclose(measured["base_PsfFlux_fluxErr"], error*calib, rtol=1e-5)


def testEveryImageHasItsCatalog(output):
    butler = Butler(output)
    diaObjects = butler.get("reproDIAObjects", immediate=True)
    for visit, _, sensor in IMAGES:
        dataId = dict(visit=visit, raft="2,2", sensor=sensor)
        forced = butler.get("forcedDIASource", dataId, immediate=True)
        wcs = butler.get("deepDiff_differenceExp_wcs", dataId, immediate=True)
        box = geom.Box2D(butler.get("deepDiff_differenceExp_bbox", dataId, immediate=True))
        inside = [record.getId() for record in diaObjects if box.contains(wcs.skyToPixel(record.getCoord()))]
        assert list(forced["diaObjectId"]) == inside
        assert len(np.unique(forced["id"])) == len(forced)
        assert forced.schema == butler.get("forcedDIASource_schema", immediate=True).schema


def testTwoProcessesWriteTheSame(stackData, tmp_path, run):
    roots = [tmp_path/"one", tmp_path/"two"]
    for jobs, root in enumerate(roots, 1):
        common = ["--no-versions", "-j", jobs]
        assert run("diaObjectMaker.py", stackData/"repo", "--id", "--output", root, *common).returncode == 0
        assert run("forcedDiaPhot.py", root, "--id", *common).returncode == 0
    files = sorted(path.relative_to(roots[0]) for path in roots[0].rglob("forcedDIASource-*.fits"))
    assert len(files) == len(IMAGES)
    for file in files:
        assert (roots[0]/file).read_bytes() == (roots[1]/file).read_bytes()


def testPluginThatFailsOnAllSourcesFailsTheImage(stackData, tmp_path, monkeypatch, caplog):
    """By an error that is none of the stack's, as where software is damaged: nothing is silently flagged."""
    PluginClass = ForcedPlugin.registry["base_PsfFlux"].PluginClass
    if not hasattr(PluginClass, "measureCatalog"):
        pytest.skip("a stack measures source by source")
    root, common = str(tmp_path/"out"), ["--id", "visit=866", "--no-versions"]
    DiaObjectMakerTask.parseAndRun([str(stackData/"repo"), *common, "--output", root])
    measure, calls = PluginClass.measureCatalog, []

    def failAtFirst(self, *args):
        calls.append(args)
        if len(calls) == 1:
            raise EOFError("Ran out of input")
        return measure(self, *args)

    monkeypatch.setattr(PluginClass, "measureCatalog", failAtFirst)
    with pytest.raises(SystemExit) as ending:
        ForcedDiaPhotTask.parseAndRun([root, *common])
    assert ending.value.code == 1
    (message,) = [message for message in caplog.messages if message.startswith("Failed on ")]
    assert "'sensor': '1,1'" in message and "base_PsfFlux failed on all" in message
    assert message.endswith("sources: EOFError: Ran out of input")
    assert [path.name for path in (tmp_path/"out").rglob("forcedDIASource-*")] == ["forcedDIASource-S12.fits"]


def testImageWithoutObjects(stackData, tmp_path):
    root = str(tmp_path/"out")
    common = ["--no-versions", "--doraise"]
    DiaObjectMakerTask.parseAndRun([str(stackData/"repo"), "--id", "visit=866", "sensor=1,2",
                                    "--output", root, *common])
    butler = Butler(root)
    empty = afwTable.SourceCatalog(butler.get("reproDIAObjects", immediate=True).schema)
    butler.put(empty, "reproDIAObjects")
    ForcedDiaPhotTask.parseAndRun([root, "--id", "visit=866", "sensor=1,2", *common])
    forced = butler.get("forcedDIASource", visit=866, raft="2,2", sensor="1,2", immediate=True)
    assert len(forced) == 0 and "base_PsfFlux_flux" in forced.schema


def makePositions(ra, dec):
    return SkyPositions(np.arange(len(ra)), ra, dec)


@pytest.mark.parametrize("ra, dec", [(0.0, 0.0), (359.9999, -60.0), (53.0, 89.9995), (200.0, -89.9999)])
def testPositionsOnAnImageAnywhereOnTheSky(ra, dec):
    from lsst.afw.geom import makeCdMatrix, makeSkyWcs

    wcs = makeSkyWcs(geom.Point2D(500, 400), geom.SpherePoint(ra, dec, geom.degrees),
                     makeCdMatrix(0.2*geom.arcseconds))
    box = geom.Box2D(geom.Box2I(geom.Point2I(0, 0), geom.Extent2I(1000, 800)))
    x, y = (grid.ravel() for grid in np.meshgrid(np.linspace(-300, 1300, 33), np.linspace(-300, 1100, 29)))
    sky = wcs.pixelToSkyArray(x, y)
    expected = (x >= -0.5) & (x < 999.5) & (y >= -0.5) & (y < 799.5)
    index, xFound, yFound = findPositionsIn(makePositions(*sky), wcs, box)
    np.testing.assert_array_equal(index, np.flatnonzero(expected))
    np.testing.assert_allclose([xFound, yFound], [x[expected], y[expected]], atol=1e-6)
    antipodes = (sky[0] + np.pi) % (2*np.pi), -sky[1]
    assert not len(findPositionsIn(makePositions(*antipodes), wcs, box)[0])
    assert not len(findPositionsIn(makePositions([np.nan, 0.1], [0.1, np.nan]), wcs, box)[0])
