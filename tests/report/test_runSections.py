# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""The first page of a report: what it says, of good data and of odd."""

import json
import re

import lsst.afw.table as afwTable
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from lsst.dia.repro.catalogColumns import makeCatalog
from lsst.dia.repro.inputFiles import Inputs
from lsst.dia.repro.lightCurves.lightCurveFile import LightCurveFile
from lsst.dia.repro.lightCurves.usableMeasurements import isUsable
from lsst.dia.repro.provenance import Fingerprint, Maker, Positions
from simulatedTables import BAD_FLAGS, FIRST_IMAGE, THRESHOLD, makeMembers, writeTables

pytest.importorskip("bokeh", reason="the extra report is not installed")

from lsst.dia.repro.report.associationSections import expectSeparations, showAssociation, showDiaSources
from lsst.dia.repro.report.bandGlyphs import addBandPoints, finishLegend
from lsst.dia.repro.report.detectionFluxes import DetectionFluxes
from lsst.dia.repro.report.figureStyle import makeFigure
from lsst.dia.repro.report.imageStatistics import ImageStatistics
from lsst.dia.repro.report.reportInputs import ReportInputs
from lsst.dia.repro.report.runFigures import makeRunSections
from lsst.dia.repro.report.surveyImages import SurveyImages

FLUX = ("base_PsfFlux_flux", "base_PsfFlux_fluxErr")

#: Titles of all sections but what was run, the map and tables.
FIGURES = ("Members", "Separations", "Forced against detected flux", "Forced less detected flux",
           "DIASources of the images", "Flux offset of the images", "Width of the pulls", "Share measured")


def makeSections(directory, nObjects, nImages=6, made=None, catalogs=True, extra=FLUX, reader=None,
                 **options):
    """Return the sections by title."""
    paths = directory/"curves.parq", directory/"summary.parq"
    writeTables(*paths, nObjects, nImages, **options)
    curves, summary = (LightCurveFile(str(path)) for path in paths)
    diaObjects, diaSources = makeMembers(paths[0], extra) if catalogs else (None, None)
    inputs = ReportInputs(title="survey", curves=curves, summary=summary, threshold=THRESHOLD,
                          badFlags=BAD_FLAGS, sncosmoBandPrefix="lsst", diaObjects=diaObjects,
                          diaSources=diaSources, images=reader, made=made or {})
    images, statistics = SurveyImages(curves.dataIdKeys), ImageStatistics(THRESHOLD, BAD_FLAGS)
    fluxes = DetectionFluxes(diaSources)
    wanted = {*images.columns, *statistics.columns, *fluxes.columns, *BAD_FLAGS}
    for rows in curves.rowGroups([name for name in curves.names if name in wanted]):
        numbers = images.number(rows)
        usable = isUsable({name: rows[name].to_numpy() for name in rows.column_names}, {}, BAD_FLAGS)
        statistics.add(rows, numbers, usable)
        fluxes.add(rows, numbers, usable)
    return {section.title: section for section in makeRunSections(inputs, images, statistics, fluxes)}


def toJson(section):
    """Return the figure as a page gets it, and so check that it can be had."""
    from bokeh.embed import json_item
    return json.dumps(json_item(section.figure))


def findSource(section):
    """Return the data of the points of a figure, bands together."""
    from bokeh.models import Scatter
    parts = [each.data_source.data for each in section.figure.renderers if isinstance(each.glyph, Scatter)]
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


@pytest.mark.filterwarnings("error")
def testGoodRun(tmp_path):
    sections = makeSections(tmp_path, 300, 12)
    for section in sections.values():
        assert section.text.startswith("In a good run ")
        assert "\n" not in section.text
    for title in (*FIGURES, "Sky"):
        assert toJson(sections[title])
        for axis in sections[title].figure.axis:
            assert axis.axis_label
    # The simulated DIASources have the forced fluxes themselves.
    assert np.abs(findSource(sections["Forced against detected flux"])["y"] - 1).max() < 1e-12
    pulls = findSource(sections["Width of the pulls"])
    # 200 objects of noise alone and fainter parts of others: 1.17/sqrt(n) is the error of the width.
    assert len(pulls["y"]) == 12 and np.abs(pulls["y"] - 1).max() < 0.45
    np.testing.assert_allclose(pulls["high"] - pulls["y"], pulls["error"], rtol=1e-12)
    assert 0 < pulls["error"].min() < pulls["error"].max() < 0.15
    assert re.search(r"All together: (0\.9\d|1\.0\d) ± 0\.02, of 2,\d\d\d fluxes\.$",
                     sections["Width of the pulls"].text)
    assert pulls["image"][0] == "visit=1000, filter=g, raft=2,2, sensor=1,1"


def testCounts(tmp_path):
    sections = makeSections(tmp_path, 50)
    facts = dict(sections["What was run"].table)
    rows = LightCurveFile(str(tmp_path/"curves.parq")).column("reason")
    assert facts["Images"] == "6" and facts["Forced measurements"] == "300"
    assert facts["- without one: noData"] == str(np.sum(rows == 2))
    isFlagged = LightCurveFile(str(tmp_path/"curves.parq")).column("pixelFlags_bad") & (rows == 0)
    nFlagged, nMeasured = np.sum(isFlagged), np.sum(rows == 0)
    assert facts["- of these flagged, not used"] == (
        f"{nFlagged} ({100*nFlagged/nMeasured:.1f} %): pixelFlags_bad {nFlagged}")
    table = {name: number for name, number, _ in sections["Measurements by reason"].table}
    assert nFlagged > 0 and table == {"measured": str(nMeasured), "- flagged, not used": str(nFlagged),
                                      "noData": str(np.sum(rows == 2))}
    # Bars of none reach from 0.5 to 0.5.
    top = sections["Members"].figure.renderers[0].data_source.data["top"]
    assert np.sum(top[top > 0.5]) == int(facts["DIAObjects"])


def testMapTellsHowManyImagesItLacks(tmp_path):
    class Reader:
        def readCorners(self, dataId):
            if dataId["visit"] % 3 == 0:
                raise OSError("broken")
            return np.array([359.9, 0.1, 0.1, 359.9]), np.array([-30.1, -30.1, -29.9, -29.9])

    # The visits are 1000 to 1005.
    assert makeSections(tmp_path, 5, reader=Reader())["Sky"].text.endswith("could not be read: 2 images.")
    assert "read" not in makeSections(tmp_path, 5)["Sky"].text


def testBandsAreTagged(tmp_path):
    section = makeSections(tmp_path, 50)["Share measured"]
    assert [each.glyph.tags for each in section.figure.renderers] == [["band", band] for band in "gri"]


@pytest.mark.parametrize("letters, columns, isVisible", [
    (1, 4, True), (5, 4, True), (6, 3, True), (16, 2, True), (17, 1, False), (100, 1, False)])
def testLegendFits(letters, columns, isVisible):
    made = makeFigure("x", "y")
    for number in range(4):
        addBandPoints(made, f"{number}"*letters, {"x": [1], "y": [2]})
    finishLegend(made)
    assert (made.legend[0].ncols, made.legend[0].visible) == (columns, isVisible)


def testAmbiguousSourcesCountOnce(tmp_path):
    schema = afwTable.SourceTable.makeMinimalSchema()
    schema.addField("diaObjectId", type="L", doc="object")
    for name in ("isAmbiguous", "isRejected", "hasRival"):
        schema.addField(name, type="Flag", doc=name)
    sources = makeCatalog(schema, 6, afwTable.SourceCatalog)
    sources["id"], sources["diaObjectId"] = [1, 2, 2, 3, 4, 5], [7, 7, 8, 8, 0, 0]
    sources["isAmbiguous"] = np.array([False, True, True, False, False, False])
    sources["isRejected"] = np.array([False]*4 + [True, False])
    assert [row[1] for row in showAssociation(sources).table] == ["5", "2", "1", "1", "0"]


@pytest.mark.parametrize("number", [2, 3, 20])
def testExpectedSeparations(number):
    """Members of one error about their own mean, scaled as `AssociatorTask` scales."""
    rng = np.random.default_rng(1)
    positions = rng.normal(size=(40_000, number, 2))
    distance = np.linalg.norm(positions - positions.mean(axis=1, keepdims=True), axis=-1)
    sigma = (distance/np.sqrt(1 + 1/number))[:, 0]
    edges = np.linspace(0, 4, 21)
    counts, _ = np.histogram(sigma, edges)
    fine = np.linspace(0, 4, 2001)
    density = expectSeparations(fine, np.full(3, number))
    cumulative = np.append(0, np.cumsum(0.5*(density[1:] + density[:-1])*np.diff(fine)))
    expected = len(sigma)*np.diff(np.interp(edges, fine, cumulative))
    assert cumulative[-1] == pytest.approx(1, abs=1e-3)
    assert np.all(np.abs(counts - expected) < 5*np.sqrt(expected + 1))


def setFlux(value):
    def change(values):
        values["psfDiffFlux"][:] = value
        values["psfDiffFluxErr"][:] = 1.0 if np.isfinite(value) else np.nan
        values["reason"][:] = 0 if np.isfinite(value) else 6
        for name in BAD_FLAGS:
            values[name][:] = False
    return change


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("nObjects", [0, 1])
@pytest.mark.parametrize("flux", [np.nan, 1e6, -1e6, 1e30, 0.0])
def testOddFluxes(tmp_path, nObjects, flux):
    sections = makeSections(tmp_path, nObjects, catalogs=nObjects > 0 and abs(flux) > 0 and flux == flux,
                            change=setFlux(flux))
    for section in sections.values():
        assert section.missing or section.table or toJson(section)


@pytest.mark.filterwarnings("error")
def testWithoutCatalogsAndColumns(tmp_path):
    sections = makeSections(tmp_path, 20, catalogs=False, without=("reason",))
    for title in FIGURES[:5]:
        assert "no reproDIA" in sections[title].missing
    table = {name: number for name, number, _ in sections["Measurements by reason"].table}
    assert set(table) == {"measured", "- flagged, not used", "not told"}


def testUncalibratedSources(tmp_path):
    sections = makeSections(tmp_path, 20, extra=())
    assert "doCalibrate" in sections["Forced against detected flux"].missing


def testImageWithoutMeasurement(tmp_path):
    def fail(values):
        lost = values["ccdExposureId"] == FIRST_IMAGE + 1
        values["psfDiffFlux"][lost], values["reason"][lost] = np.nan, 3

    (row,) = makeSections(tmp_path, 20, change=fail)["Images without a measurement"].table
    assert row == ("visit=1001, filter=r, raft=2,2, sensor=1,1", "20", "psfFailed")


def testDiaSourcesOfImages(tmp_path):
    section = makeSections(tmp_path, 300)["DIASources of the images"]
    table = pq.read_table(tmp_path/"curves.parq").to_pandas()
    isDetected = (table.psfDiffFlux/table.psfDiffFluxErr).abs() >= THRESHOLD
    expected = table[isDetected].groupby("midpointMjdTai").size()
    source = findSource(section)
    assert dict(zip(source["x"], source["y"])) == expected.to_dict() and not source["rejected"].any()


def testRejectedSourcesOfImages():
    schema = afwTable.SourceTable.makeMinimalSchema()
    schema.addField("ccdExposureId", type="L", doc="image")
    schema.addField("isRejected", type="Flag", doc="rejected")
    sources = makeCatalog(schema, 6, afwTable.SourceCatalog)
    # One is of an image without light curves.
    sources["ccdExposureId"], sources["isRejected"] = [7, 7, 8, 8, 8, 9], np.array([True]*4 + [False]*2)
    images = SurveyImages(["visit"])
    images.number(pa.table({"ccdExposureId": [8, 7, 6], "visit": [1, 2, 3], "band": ["r"]*3,
                            "midpointMjdTai": [1.0, 2.0, 3.0]}))
    source = findSource(showDiaSources(sources, images))
    assert source["y"].tolist() == [3, 2] and source["rejected"].tolist() == [2, 2]


def testLongNameInTheLegend():
    made = makeFigure("x", "y")
    for name in ("r"*37, "g"*800 + "1", "g"*800 + "2"):
        addBandPoints(made, name, {"x": [1], "y": [2]})
    first, *others = [item.label.value for item in made.legend[0].items]
    assert first == "r"*37 and others == ["g"*18 + "…" + "g"*17 + end for end in "12"]


def testNamesWithMarkup(tmp_path):
    name = "</script><img src=x onerror=alert(1)>"

    def rename(values):
        values["filter"] = values["band"] = pa.array([name]*len(values["visit"]))

    sections = makeSections(tmp_path, 20, change=rename)
    # The table gets it as it is: templates escape.
    assert f"filter={name}" in findSource(sections["Share measured"])["image"][0]
    assert [item.label.value for item in sections["Share measured"].figure.legend[0].items] == [name]


def makeFingerprint(versions="v1", digest="aa", failed=()):
    return Fingerprint("task", Inputs(3, 5_000_000, "", "dd"), "cc", versions,
                       Positions("reproDIAObjects", 7, digest), failed)


def testProvenance(tmp_path):
    made = {name: makeFingerprint(failed=tuple({"visit": number} for number in range(23)))
            for name in ("one", "two")}
    facts = dict(makeSections(tmp_path, 5, made=made)["What was run"].table)
    assert facts["one, two versions"] == "v1"
    assert facts["one, two inputs"] == "3 data IDs, 5.0 MB, digest dd"
    assert facts["one, two positions"] == "reproDIAObjects (7 positions, digest aa)"
    failed = facts["Warning"]
    assert failed.startswith("one, two could not use visit=0; visit=1;")
    assert failed.endswith("visit=19; and 3 more")


def testForcedPhotometryIsInWhatWasRun(tmp_path):
    makers = Maker("forcedDiaPhot", "c1", "v1", 6), Maker("forcedDiaPhot", "c2", "v2", 1)
    for some in makers[:1], makers:
        made = {name: makeFingerprint().replace(makers=some) for name in ("curves", "summary")}
        table = makeSections(tmp_path, 5, made=made)["What was run"].table
        facts, warnings = dict(table), [value for name, value in table if name == "Warning"]
        if len(some) == 1:
            assert facts["forcedDIASource made by"] == "forcedDiaPhot" and not warnings
            assert facts["forcedDIASource options"] == "digest c1"
            assert facts["curves, summary, forcedDIASource versions"] == "v1"
            assert "forcedDIASource inputs" not in facts
    assert facts["forcedDIASource (2: 1 images) versions"] == "v2"
    assert warnings == [
        "The datasets were made with different versions: curves, summary, forcedDIASource (1: 6 images) with "
        "v1; forcedDIASource (2: 1 images) with v2",
        "The images were measured with different options: forcedDIASource (1: 6 images) with digest c1; "
        "forcedDIASource (2: 1 images) with digest c2"]


def testMixturesAreWarnedOf(tmp_path):
    made = {"one": makeFingerprint(), "two": makeFingerprint("v2"), "three": makeFingerprint(digest="bb")}
    table = makeSections(tmp_path, 5, made=made)["What was run"].table
    warnings = [value for name, value in table if name == "Warning"]
    assert warnings[0] == "The datasets were made with different versions: one, three with v1; two with v2"
    assert "one, two with reproDIAObjects (7 positions, digest aa); three with" in warnings[1]
