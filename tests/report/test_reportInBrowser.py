# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""The pages of a report in a browser: what a person clicks on, without a network and without errors."""

import functools
import http.server
import io
import re
import shutil
import threading
import time

import numpy as np
import pyarrow as pa
import pytest
from astropy.table import Table
from browser import PATIENCE, openBrowser, requireBrowser
from lsst.dia.repro.lightCurves.lightCurveFile import LightCurveFile
from PIL import Image
from simulatedTables import BANDS, ERROR, FIRST_OBJECT, writeSurvey

#: Markup that would run, were it not escaped; its picture would be an error of the console.
MARKUP = '</script><img src=x onerror="document.body.dataset.hacked=1">'

N_OBJECTS, N_IMAGES, N_STAMPS = 60, 12, 3


@pytest.fixture(scope="module", autouse=True)
def paths():
    return requireBrowser()


def makeReport(directory, nObjects, nImages, title="A survey", **options):
    """Return the folder of a report on a simulated survey."""
    from lsst.dia.repro.report.diaReport import main
    writeSurvey(directory/"repo", nObjects, nImages, **options)
    main([str(directory/"repo"), "--output", str(directory/"pages"), "--title", title,
          "--stamps", str(N_STAMPS)])
    return directory/"pages"


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    return makeReport(tmp_path_factory.mktemp("report"), N_OBJECTS, N_IMAGES, hasImages=True)


@pytest.fixture(scope="module")
def summary(report):
    (path,) = report.parent.glob("repo/**/diaLightCurveSummary.parq")
    return LightCurveFile(str(path))


@pytest.fixture(scope="module")
def downloads(tmp_path_factory):
    return tmp_path_factory.mktemp("downloads")


@pytest.fixture(scope="module")
def started(downloads):
    with openBrowser(downloads) as browser:
        yield browser


@pytest.fixture
def browser(started):
    """The browser, which must have no complaint at the end."""
    started.findProblems()
    yield started
    assert started.findProblems() == []
    assert not started.run("return document.body.dataset.hacked")


def rank(summary):
    """Return the ids, the most significant first."""
    significance = np.nan_to_num(summary.column("significance"), nan=-np.inf)
    return summary.column("diaObjectId")[np.argsort(-significance, kind="stable")].astype(str).tolist()


def isCell(browser, text):
    """Wait until a cell of the table has a text."""
    return browser.wait("return find(document, '.slick-cell a').some((each) => "
                        "each.textContent === arguments[0])", text)


def openObject(browser, report, objectId):
    browser.open(report/"object.html", f"#{objectId}")
    browser.wait("return document.body.dataset.object === arguments[0]", objectId)


def readCurve(browser, what="points"):
    """Return the points of the light curve that the page shows."""
    return browser.run("""
        const sources = Bokeh.documents.flatMap((each) => [...each.all_models])
          .filter((model) => model.name?.startsWith(arguments[0] + ":"));
        const rows = sources.flatMap(({ data, name }) => Array.from(data.x, (x, i) =>
          [x, data.y[i], name.split(":")[1], data.image[i]]));
        return rows;""", what)


def testFirstPage(browser, report):
    browser.open(report/"index.html")
    assert "What was run" in browser.texts("h2") and "Sky" in browser.texts("h2")
    assert browser.run("return document.getElementById('problem').hidden")
    # Every figure was drawn, and with something in it.
    drawn = browser.wait("""
        const figures = [...document.querySelectorAll("div.figure")];
        return figures.length && figures.every((each) => find(each, "canvas").some((canvas) =>
          canvas.width && canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height)
            .data.some((value) => value))) && figures.length""")
    assert drawn == len(browser.run("return find(document, 'section .figure').map((each) => each.id)"))
    assert drawn >= 8


def testMapOpensObject(browser, report, summary):
    first = rank(summary)[0]
    browser.open(report/"index.html")
    place = browser.findPoint("offset east", "id", first)
    browser.move(place)
    browser.waitForTip(first)
    browser.move(place, isClick=True)
    browser.wait("return document.body.dataset.object === arguments[0]", first)
    assert browser.driver.current_url.endswith(f"object.html#{first}")


def testHoverOfImages(browser, report):
    browser.open(report/"index.html")
    image = browser.wait("""
        for (const each of Bokeh.documents.flatMap((made) => [...made.all_models]))
          if (each.data?.rejected) return each.data.image[0];""")
    browser.move(browser.findPoint("middle of the exposure", "image", image))
    browser.waitForTip(image)
    tip = browser.texts(".bk-tooltip-content")[0]
    assert re.search(r"MJD \(d\): 60\d{3}\.0000 DIASources: \d+ rejected: 0$", tip), tip


def testTable(browser, report, summary):
    browser.open(report/"objects.html")
    ids = rank(summary)
    isCell(browser, ids[0])
    assert browser.texts("#count") == [f"{N_OBJECTS} of {N_OBJECTS} DIAObjects."]
    shown = browser.texts(".slick-cell a[href^='object.html']")
    assert shown == ids[:len(shown)] and len(shown) > 5
    assert browser.run("return find(document, '.slick-cell svg circle').length") > 20
    # Sorted by declination at a click on the head of the column.
    browser.run("find(document, '.slick-header-column').find((each) => each.textContent === arguments[0])"
                ".click()", "Dec (deg)")
    order = np.argsort(summary.column("dec"), kind="stable")
    isCell(browser, str(summary.column("diaObjectId")[order[0]]))
    assert browser.texts(".slick-cell a[href^='object.html']")[0] == str(
        summary.column("diaObjectId")[order[0]])


def testWhatHasNoNumberIsLast(browser, report, summary):
    """In both directions of a sort; three clicks are up, down and up."""
    browser.open(report/"objects.html")
    isCell(browser, rank(summary)[0])
    first = dict(zip(summary.column("diaObjectId").astype(str), summary.column("firstDetectionMjdTai")))
    assert 0 < np.isnan(list(first.values())).sum() < N_OBJECTS
    for best in (np.nanmin, np.nanmax, np.nanmin):
        browser.run("find(document, '.slick-header-column').find((each) => each.textContent === arguments[0])"
                    ".click()", "First detection (MJD TAI)")
        best = best(list(first.values()))
        browser.wait("return arguments[0].includes(find(document, \".slick-cell a[href^='object.html']\")[0]"
                     ".textContent)", [each for each, value in first.items() if value == best])


def testFilter(browser, report, summary):
    browser.open(report/"objects.html")
    browser.click("#filters summary")
    limit = float(np.median(summary.column("nDetections")))
    number = int(np.sum(summary.column("nDetections") >= limit + 1))
    browser.type("[data-column=nDetections][data-bound=min]", str(limit + 1))
    browser.wait("return document.getElementById('count').textContent.startsWith(arguments[0])",
                 f"{number} of {N_OBJECTS}")
    browser.type("[data-column=peakBand]", "r")
    isRed = summary.column("peakBand") == "r"
    both = int(np.sum((summary.column("nDetections") >= limit + 1) & isRed))
    browser.wait("return document.getElementById('count').textContent.startsWith(arguments[0])",
                 f"{both} of {N_OBJECTS}")
    browser.click("#filters [type=reset]")
    ra, dec = (summary.column(name)[5] for name in ("ra", "dec"))
    browser.type("#cone", f"{ra:.6f} {dec:.6f} 0.5")
    browser.wait("return document.getElementById('count').textContent.startsWith('1 of')")
    isCell(browser, str(FIRST_OBJECT + 5))
    browser.type("#cone", "somewhere")
    browser.wait("return document.getElementById('cone').classList.contains('wrong')")


def testCopyAndLinks(browser, report, summary):
    browser.open(report/"objects.html")
    isCell(browser, rank(summary)[0])
    links = browser.run("return find(document, '.slick-cell a[target=_blank]').map((each) => "
                        "[each.href, each.rel])")
    row = np.flatnonzero(summary.column("diaObjectId").astype(str) == rank(summary)[0])[0]
    ra, dec = (summary.column(name)[row] for name in ("ra", "dec"))
    assert all(re.search(rf"{ra:.6f}", href) and "noreferrer" in rel for href, rel in links[:4])
    text = browser.run("return find(document, '.slick-cell [data-copy]')[0].dataset.copy")
    assert [float(each) for each in text.split()] == pytest.approx([ra, dec], abs=1e-6)
    browser.driver.execute_cdp_cmd("Browser.grantPermissions", {"permissions": ["clipboardReadWrite",
                                                                                "clipboardSanitizedWrite"]})
    browser.run("find(document, '.slick-cell [data-copy]')[0].click()")
    browser.wait("return find(document, '.slick-cell [data-copy]')[0].textContent === 'copied'")


def testObject(browser, report, summary):
    objectId = rank(summary)[0]
    openObject(browser, report, objectId)
    curves = LightCurveFile(str(next(report.parent.glob("repo/**/diaLightCurves.parq"))))
    table = curves.read(int(objectId))
    usable = np.isfinite(table["psfDiffFlux"]) & ~table["psfDiffFlux_flag"] & ~table["pixelFlags_bad"]
    shown = sorted(readCurve(browser))
    config = [row for row, good in zip(table, usable) if good]
    assert len(shown) <= len(config)
    expected = {float(row["midpointMjdTai"]): (row["psfDiffFlux"], row["band"]) for row in config}
    for mjd, flux, band, image in shown:
        assert flux == pytest.approx(expected[mjd][0], rel=1e-6) and band == expected[mjd][1]
        assert f"filter={band}" in image
    assert shown and "visit=" in shown[0][3]
    stamps = browser.run("return find(document, '#stamps figure').length")
    assert stamps > 0
    assert browser.texts("#stampCount") == [f"{stamps} of {N_IMAGES} images."]
    assert "number 1 of" in browser.texts("#rank")[0]


def testUnits(browser, report, summary):
    openObject(browser, report, rank(summary)[0])
    fluxes = {row[0]: row[1] for row in readCurve(browser)}
    browser.click("[name=unit][value=mag]")
    mags = {row[0]: row[1] for row in readCurve(browser)}
    bright = [mjd for mjd, flux in fluxes.items() if flux >= 5*ERROR]
    assert sorted(mags) == sorted(bright) and bright
    # An AB magnitude of 31.4 is 1 nJy, by definition.
    for mjd in bright:
        assert mags[mjd] == pytest.approx(31.4 - 2.5*np.log10(fluxes[mjd]), abs=2e-3)
    assert browser.run("""
        const range = Bokeh.documents[0].get_model_by_name("y");
        return range.start > range.end;""")


def testFold(browser, report, summary):
    openObject(browser, report, rank(summary)[0])
    mjds = sorted(row[0] for row in readCurve(browser))
    browser.type("#period", "2.5")
    folded = browser.wait("""
        const figure = Bokeh.documents[0].get_model_by_name("lightCurve");
        return figure.below[0].axis_label.startsWith("phase of 2.5 d") && figure.below[0].axis_label;""")
    epoch = float(re.search(r"MJD ([\d.]+)", folded)[1])
    phases = sorted(row[0] for row in readCurve(browser))
    expected = np.mod((np.array(mjds) - epoch)/2.5, 1)
    np.testing.assert_allclose(phases, np.sort(np.append(expected, expected + 1)), atol=1e-4)
    browser.type("#period", "-1")
    browser.wait("return document.getElementById('period').classList.contains('wrong')")
    assert sorted(row[0] for row in readCurve(browser)) == mjds


def testBandsOnAndOff(browser, report, summary):
    openObject(browser, report, rank(summary)[0])
    isHidden = """
        const made = Bokeh.documents[0];
        const renderers = [...made.all_models].filter((model) => model.type === "GlyphRenderer"
          && model.data_source.name?.endsWith(":g"));
        return renderers.map((each) => !each.visible);"""
    assert not any(browser.run(isHidden))
    place = browser.run("""
        const legend = [...Bokeh.documents[0].all_models].find((model) => model.type === "Legend");
        const index = legend.items.findIndex((item) => item.label.value === "g");
        const view = Bokeh.index.find_one_by_id(legend.id);
        const items = find(view.el.getRootNode(), ".bk-item");
        if (items.length) {
          items[index].scrollIntoView({ block: "center" });
          const { left, top, width, height } = items[index].getBoundingClientRect();
          return [left + width/2, top + height/2];
        }
        // Before 3.7 Bokeh drew legends on the canvas.
        view.plot_view.el.scrollIntoView({ block: "center" });
        const { left, top } = view.plot_view.el.getBoundingClientRect();
        const box = view.bbox;
        const x = box.left + (index + 0.5)*box.width/legend.items.length;
        return [left + x, top + (box.top + box.bottom)/2];""")
    browser.move(place, isClick=True)
    browser.wait(isHidden.replace("return renderers.map((each) => !each.visible)",
                                  "return renderers.length && renderers.every((each) => !each.visible)"))


def testKeyboard(browser, report, summary):
    from selenium.webdriver.common.keys import Keys
    ids = rank(summary)
    openObject(browser, report, ids[1])
    body = browser.driver.find_element("css selector", "body")
    body.send_keys(Keys.ARROW_RIGHT)
    browser.wait("return document.body.dataset.object === arguments[0]", ids[2])
    for expected in ids[1], ids[0]:
        browser.driver.find_element("css selector", "body").send_keys(Keys.ARROW_LEFT)
        browser.wait("return document.body.dataset.object === arguments[0]", expected)
    # There is none before the first.
    browser.driver.find_element("css selector", "body").send_keys(Keys.ARROW_LEFT)
    time.sleep(0.2)
    assert browser.run("return document.body.dataset.object") == ids[0]


def testNextGoesThroughTheTableAsItIsShown(browser, report, summary):
    """Filtered, and sorted at a click on the head of a column, downwards at the second."""
    browser.open(report/"objects.html")
    browser.click("#filters summary")
    browser.type("[data-column=peakBand]", "r")
    isRed = summary.column("peakBand") == "r"
    browser.wait("return document.getElementById('count').textContent.startsWith(arguments[0])",
                 f"{isRed.sum()} of")
    ids, dec = summary.column("diaObjectId")[isRed], summary.column("dec")[isRed]
    expected = ids[np.argsort(-dec, kind="stable")].astype(str).tolist()
    for _ in range(2):
        browser.run("find(document, '.slick-header-column').find((each) => each.textContent === arguments[0])"
                    ".click()", "Dec (deg)")
    browser.wait("return find(document, '.slick-cell a[href^=object]')[0].textContent === arguments[0]",
                 expected[0])
    browser.run("find(document, '.slick-cell a[href^=object]')[1].click()")
    browser.wait("return document.body.dataset.object === arguments[0]", expected[1])
    assert browser.texts("#rank")[0].startswith(f"2 of {isRed.sum()} in the table, number ")
    for name, neighbour in ("previous", expected[0]), ("next", expected[2]):
        assert browser.run("return document.getElementById(arguments[0]).getAttribute('href')",
                           name) == f"#{neighbour}"
    # As it comes, the table has the order of all.
    browser.open(report/"objects.html")
    openObject(browser, report, rank(summary)[0])
    assert browser.texts("#rank") == [f"number 1 of {N_OBJECTS} by significance"]


def countLines(browser):
    """Return how many rows of pixels of the light curve are a line; those of the grid are too pale."""
    left, top, width, height = browser.run("""
        const view = Bokeh.index.find_one_by_id(Bokeh.documents[0].get_model_by_name("lightCurve").id);
        view.el.scrollIntoView({ block: "center" });
        const { left, top } = view.el.getBoundingClientRect();
        const frame = view.frame.bbox;
        return [left + frame.left, top + frame.top, frame.width, frame.height].map(Math.round);""")
    screen = np.asarray(Image.open(io.BytesIO(browser.driver.get_screenshot_as_png())).convert("L"))
    inside = screen[top + 5:top + height - 5, left + 5:left + width - 5]
    return int(np.sum(np.mean(inside < 210, axis=1) > 0.8))


def testMagnitudesHaveNoZero(browser, report, summary):
    # Noise, which has fluxes on either side of zero.
    openObject(browser, report, rank(summary)[N_OBJECTS//2])
    for unit, hasLine in ("flux", True), ("mag", False), ("flux", True):
        browser.click(f"[name=unit][value={unit}]")
        end = time.monotonic() + PATIENCE
        while bool(countLines(browser)) != hasLine:
            assert time.monotonic() < end, f"there must {'' if hasLine else 'not '}be a line in {unit}"


def testNextGoesThroughTheFilterOfThisReport(browser, report, summary, tmp_path):
    ids = rank(summary)
    browser.open(report/"objects.html")
    browser.click("#filters summary")
    browser.type("[data-column=diaObjectId]", ids[0])
    browser.wait("return document.getElementById('count').textContent.startsWith('1 of')")
    places = {report: None, shutil.copytree(report, tmp_path/"pages"): f"#{ids[1]}"}
    for pages, following in places.items():
        openObject(browser, pages, ids[0])
        assert browser.run("return document.getElementById('next').getAttribute('href')") == following
    # Without a filter all objects follow each other, however many.
    browser.open(report/"objects.html")
    openObject(browser, report, ids[0])
    assert browser.run("return document.getElementById('next').getAttribute('href')") == f"#{ids[1]}"
    assert browser.run("return sessionStorage.length") == 0


def waitForFile(path):
    end = time.monotonic() + PATIENCE
    while not path.exists():
        assert time.monotonic() < end, f"no {path.name} was downloaded"
        time.sleep(0.05)
    return path


def testDownloads(browser, report, summary, downloads):
    objectId = rank(summary)[0]
    openObject(browser, report, objectId)
    browser.click("#ecsv")
    table = Table.read(waitForFile(downloads/f"diaObject-{objectId}.ecsv"), format="ascii.ecsv")
    curves = LightCurveFile(str(next(report.parent.glob("repo/**/diaLightCurves.parq"))))
    expected = curves.read(int(objectId))
    assert len(table) == len(expected) == N_IMAGES
    assert np.all(table["diaObjectId"] == int(objectId)) and str(table["psfDiffFlux"].unit) == "nJy"
    np.testing.assert_allclose(table["psfDiffFlux"], expected["psfDiffFlux"], rtol=1e-6)
    np.testing.assert_allclose(table["midpointMjdTai"], expected["midpointMjdTai"], atol=1e-6)
    browser.click("#sncosmo")
    text = waitForFile(downloads/f"diaObject-{objectId}.sncosmo.txt").read_text().splitlines()
    rows = [line.split() for line in text if not line.startswith("@")]
    assert rows[0] == ["time", "band", "flux", "fluxerr", "zp", "zpsys"]
    assert len(rows) - 1 == int(np.sum(table["isUsable"] == 1))
    assert {row[1] for row in rows[1:]} <= {"lsst" + band for band in BANDS}
    assert {row[4] for row in rows[1:]} == {"31.4"}


def testLongNumbersInDataIds(browser, tmp_path, downloads):
    def raiseVisits(values):
        values["visit"] += 2**62

    pages = makeReport(tmp_path, 1, 3, change=raiseVisits)
    visits = [1000 + 2**62, 1001 + 2**62, 1002 + 2**62]
    (downloads/f"diaObject-{FIRST_OBJECT}.ecsv").unlink(missing_ok=True)
    openObject(browser, pages, str(FIRST_OBJECT))
    browser.click("#ecsv")
    table = Table.read(waitForFile(downloads/f"diaObject-{FIRST_OBJECT}.ecsv"), format="ascii.ecsv")
    assert table["visit"].tolist() == visits
    assert all(f"visit={visit} " in text for visit, text in zip(
        visits, browser.run("return diaReport.survey.images.dataIds.map((each) => `visit=${each[0]} `)")))


@pytest.mark.parametrize("anchor, text", [
    ("#17", "no light curve of a DIAObject 17"), ("", "no DIAObject in the address"),
    ("#<b>x</b>", "no DIAObject in the address")])
def testNoSuchObject(browser, report, summary, anchor, text):
    for first in ("", f"#{rank(summary)[0]}"):
        # As the page opens, and from another object.
        browser.driver.get("about:blank")
        browser.driver.get((report/"object.html").as_uri() + (first or anchor))
        browser.wait("return document.body.dataset.state === 'ready'")
        browser.run("location.hash = arguments[0]", anchor)
        browser.wait("return document.getElementById('problem').textContent.includes(arguments[0])", text)
        assert browser.run("return find(document, '#problem *').length") == 0


@pytest.mark.parametrize("page", ["index.html", "objects.html", "object.html"])
def testPhone(report, summary, page, downloads):
    with openBrowser(downloads, width=380, height=700) as browser:
        browser.open(report/page, f"#{rank(summary)[0]}" if page == "object.html" else "")
        # Nothing but what scrolls by itself is wider than the screen.
        assert browser.run("return document.documentElement.scrollWidth") <= 380
        assert browser.findProblems() == []


def testDarkScreen(report, downloads):
    with openBrowser(downloads, isDark=True) as browser:
        browser.open(report/"index.html")
        isDark, color = browser.wait("""
            for (const glyph of Bokeh.documents.flatMap((each) => [...each.all_models]))
              if (glyph.tags?.[0] === "band" && glyph.tags[1] === "r")
                return [diaReport.isDark, glyph.fill_color?.value ?? glyph.line_color.value];""")
        assert isDark and color == "#ff7e00"
        assert browser.findProblems() == []


def testIncompleteFolder(started, report, summary, tmp_path):
    pages = shutil.copytree(report, tmp_path/"pages")
    (pages/"data"/"curves-00000.js").unlink()
    started.driver.get((pages/"object.html").as_uri() + f"#{rank(summary)[0]}")
    started.wait("return document.getElementById('problem').textContent.includes('is the folder complete?')")
    started.findProblems()


def testFromServer(started, report, summary):
    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *args):
            pass

    handler = functools.partial(Quiet, directory=str(report))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        home = f"http://127.0.0.1:{server.server_port}/"
        started.findProblems()
        for page in ("index.html", "objects.html", f"object.html#{rank(summary)[0]}"):
            started.driver.get(home + page)
            started.wait("return document.body.dataset.state === 'ready'")
        problems = started.findProblems()
        server.shutdown()
    assert problems and all(each.startswith(f"asked a network for {home}") for each in problems)


def testWithoutCatalogs(browser, tmp_path):
    from lsst.dia.repro.report.diaReport import main
    writeSurvey(tmp_path/"repo", 3, 5)
    for path in (tmp_path/"repo").rglob("reproDIA*"):
        path.unlink()
    main([str(tmp_path/"repo"), "--output", str(tmp_path/"pages")])
    browser.open(tmp_path/"pages"/"index.html")
    assert sum("no reproDIA" in text for text in browser.texts("section p")) >= 4
    openObject(browser, tmp_path/"pages", str(FIRST_OBJECT))
    assert browser.texts("#members td") == ["none"]


def setAll(flux):
    def change(values):
        values["psfDiffFlux"][:] = flux
        values["psfDiffFluxErr"][:] = 1.0 if np.isfinite(flux) else np.nan
        values["psfDiffFlux_flag"][:], values["pixelFlags_bad"][:] = False, False
        values["reason"][:] = 0 if np.isfinite(flux) else 6
    return change


def rename(values):
    for name in ("band", "filter", "raft"):
        values[name] = pa.array([MARKUP if name != "band" else MARKUP[:30]]*len(values["visit"]))


def renameToTex(values):
    for name in ("band", "filter"):
        values[name] = pa.array(["$$x^2$$"]*len(values["visit"]))


@pytest.mark.parametrize("nObjects, options", [
    (0, {}), (1, {}), (1, {"change": setAll(np.nan)}), (2, {"change": setAll(1e6)}),
    (2, {"change": setAll(-1e6)}), (3, {"without": ("reason",)}),
    (5, {"change": rename, "title": MARKUP, "flags": ("pixelFlags_" + MARKUP,)}),
    (5, {"change": renameToTex}),
], ids=["none", "one", "NaN", "high", "low", "noReason", "markup", "TeX"])
def testOddData(browser, tmp_path, nObjects, options):
    pages = makeReport(tmp_path, nObjects, 5, **options)
    browser.open(pages/"index.html")
    assert browser.run("return document.getElementById('problem').hidden")
    browser.open(pages/"objects.html")
    browser.wait("return document.getElementById('count').textContent === arguments[0]",
                 f"{nObjects} of {nObjects} DIAObjects.")
    if nObjects:
        isCell(browser, str(FIRST_OBJECT))
        openObject(browser, pages, str(FIRST_OBJECT))
        for unit in "mag", "flux":
            browser.click(f"[name=unit][value={unit}]")
        hover = readCurve(browser) + readCurve(browser, "flagged")
        if hover:
            place = browser.findPoint("MJD", "image", hover[0][3])
            browser.move(place)
            browser.waitForTip(hover[0][3])
