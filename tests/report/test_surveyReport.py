# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""What the pages show is what the tables have."""

import json
import re
import shutil

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from astropy.table import Table
from lsst.daf.persistence import Butler
from lsst.dia.repro.inputFiles import Inputs
from lsst.dia.repro.provenance import Fingerprint, Positions
from simulatedTables import BAD_FLAGS, FIRST_OBJECT, THRESHOLD, writeSurvey
from test_pageData import decode, readPageData

pytest.importorskip("bokeh", reason="the extra report is not installed")

N_OBJECTS, N_IMAGES = 300, 90


@pytest.fixture(scope="module")
def survey(tmp_path_factory, run):
    """A repository of tables, and the report on it."""
    root = tmp_path_factory.mktemp("survey")
    writeSurvey(root/"repo", N_OBJECTS, N_IMAGES, hasImages=True)
    done = run("diaReport.py", root/"repo", "--output", root/"report", "--stamps", 3, "--title", "A & <b>")
    assert done.returncode == 0, done.stderr
    assert "Wrote pages on 300 DIAObjects: open" in done.stderr
    return root


def readAll(report, name):
    return readPageData(report/"data"/f"{name}.js", name)


@pytest.fixture(scope="module")
def shown(survey):
    """The data of all objects, and of the survey."""
    objects = {}
    for path in sorted((survey/"report"/"data").glob("curves-*.js")):
        objects.update(readAll(survey/"report", path.stem))
    return objects, readAll(survey/"report", "survey")


@pytest.fixture(scope="module")
def tables(survey):
    """The light curves and their summary as they are stored."""
    butler = Butler(str(survey/"repo"))
    return [pq.read_table(butler.get(name + "_filename")[0]) for name in ("diaLightCurves",
                                                                         "diaLightCurveSummary")]


def testLightCurves(shown, tables):
    objects, about = shown
    curves = tables[0].to_pandas()
    assert len(objects) == N_OBJECTS
    for number in (0, 7, N_OBJECTS - 1):
        rows = curves[curves.diaObjectId == FIRST_OBJECT + number]
        curve = {name: decode(value) for name, value in objects[str(FIRST_OBJECT + number)]["curve"].items()}
        for name, column in (("flux", "psfDiffFlux"), ("fluxErr", "psfDiffFluxErr")):
            np.testing.assert_array_equal(curve[name], rows[column].to_numpy().astype("float32"))
        assert np.array(about["images"]["mjds"])[curve["image"]].tolist() == rows.midpointMjdTai.tolist()
        assert np.array(about["images"]["bands"])[curve["image"]].tolist() == rows.band.tolist()
        assert curve["reason"].tolist() == rows.reason.tolist()
        for row, flags in zip(rows.to_dict("records"), curve["flags"]):
            found = about["flagSets"][flags]
            names = {about["flagNames"][flag] for flag in found["flags"]}
            assert names == {name for name in about["flagNames"] if row[name]}
            assert found["isBad"] == bool(names & set(BAD_FLAGS) - {"pixelFlags_bad"})


def testDataIds(shown):
    _, about = shown
    assert about["images"]["keys"] == ["visit", "filter", "raft", "sensor"]
    assert about["images"]["dataIds"][4] == [1004, "r", "2,2", "1,1"]


def testShardsAreFoundById(survey, shown):
    objects, about = shown
    assert len(about["firstIds"]) == len(list((survey/"report"/"data").glob("curves-*.js"))) > 1
    assert sorted(map(int, about["firstIds"])) == list(map(int, about["firstIds"]))
    for number, first in enumerate(about["firstIds"]):
        shard = readAll(survey/"report", f"curves-{number:05d}")
        assert min(map(int, shard)) == int(first)


def testOrderBySignificance(survey, shown, tables):
    objects, _ = shown
    summary = tables[1].to_pandas().sort_values("significance", ascending=False)
    ids = summary.diaObjectId.astype(str).tolist()
    columns = readAll(survey/"report", "objects")["columns"]
    assert columns["diaObjectId"]["list"] == ids
    for place in (0, 1, N_OBJECTS - 1):
        object = objects[ids[place]]
        assert object["rank"] == place + 1
        assert object["previous"] == (ids[place - 1] if place else None)
        assert object["next"] == (ids[place + 1] if place + 1 < N_OBJECTS else None)
    np.testing.assert_array_equal(decode(columns["significance"]),
                                  summary.significance.to_numpy().astype("float32"))
    np.testing.assert_array_equal(decode(columns["ra"]), summary.ra)
    assert decode(columns["peakBand"]) == summary.peakBand.fillna("").tolist()
    with np.errstate(invalid="ignore"):
        magnitudes = 31.4 - 2.5*np.log10(summary.peakFlux.to_numpy())
    np.testing.assert_allclose(decode(columns["peakMag"]), magnitudes, rtol=1e-6)


def testMembers(shown, survey):
    objects, about = shown
    sources = Butler(str(survey/"repo")).get("reproDIASources")
    names = [name for name, _ in about["memberColumns"]]
    for objectId in np.unique(sources["diaObjectId"])[:5]:
        rows = [dict(zip(names, row)) for row in objects[str(objectId)]["members"]]
        mine = sources[sources["diaObjectId"] == objectId]
        assert [row["diaSourceId"] for row in rows] == [str(record["id"]) for record in mine]
        np.testing.assert_allclose([row["flux"] for row in rows],
                                   [record["base_PsfFlux_flux"] for record in mine], rtol=5e-7)
        visits = [about["images"]["dataIds"][row["image"]][0] for row in rows]
        assert visits == [record["visit"] for record in mine]
        np.testing.assert_allclose([row["separation"] for row in rows],
                                   [record["separation"] for record in mine], rtol=5e-7)


def testNeighboursAreMutual(shown):
    objects, _ = shown
    pairs = {(one, other): angle for one, each in objects.items() for other, angle in each["neighbours"]}
    assert pairs and all(pairs[other, one] == angle <= 5 for (one, other), angle in pairs.items())


def testStamps(shown, survey):
    objects, about = shown
    withStamps = [each for each in objects.values() if each["stamps"]]
    assert sorted(each["rank"] for each in withStamps) == [1, 2, 3]
    for each in withStamps:
        assert (survey/"report"/each["stamps"]["file"]).read_bytes().startswith(b"\x89PNG")
        times = [about["images"]["mjds"][image] for image in each["stamps"]["images"]]
        assert times == sorted(times) and 0 < len(times) <= 12


def testEcsvHeader(shown):
    _, about = shown
    row = '1 1000 "g" "2,2" "1,1" "g" 60000.5 10 -3 1.5 nan True "a b" 0\n'
    table = Table.read(about["ecsvHeader"] + row, format="ascii.ecsv")
    assert str(table["psfDiffFlux"].unit) == "nJy" and table["flags"][0] == "a b"
    assert table["isUsable"][0] and np.isnan(table["psfDiffFluxErr"][0])


def testTextIsEscaped(survey):
    for name in ("index", "objects", "object"):
        text = (survey/"report"/f"{name}.html").read_text()
        assert "A &amp; &lt;b&gt;" in text and "<b>" not in text


def testNothingFromElsewhere(survey):
    """The pages name no address that a browser would load without a click."""
    for path in survey.glob("report/*.html"):
        assert re.findall(r'(?:src|href)="([a-z]+:[^"]*)"', path.read_text()) == ["data:,"]


def testSameAgain(survey, tmp_path, run):
    assert run("diaReport.py", survey/"repo", "--output", tmp_path/"again", "--stamps", 3, "--title",
               "A & <b>").returncode == 0
    for name in ("data/objects.js", "data/curves-00000.js", "object.html"):
        # Bokeh numbers what it makes.
        first, second = (re.sub(r'"(?:id|root_id|docid)":"[^"]*"', "", (root/name).read_text())
                         for root in (survey/"report", tmp_path/"again"))
        assert first == second


def testWithoutCatalogs(survey, tmp_path, run):
    shutil.copytree(survey/"repo", tmp_path/"repo")
    for name in ("reproDIAObjects", "reproDIASources"):
        (tmp_path/"repo"/"deepDiff"/f"{name}.fits").unlink()
    done = run("diaReport.py", tmp_path/"repo", "--output", tmp_path/"report", "--stamps", 1)
    assert done.returncode == 0 and "has no reproDIASources, which diaObjectMaker.py writes" in done.stderr
    objects = readAll(tmp_path/"report", "curves-00000")
    assert all(each["members"] == [] for each in objects.values())
    assert json.loads(json.dumps(objects)) == objects and THRESHOLD == 5


@pytest.mark.parametrize("dataset, change, message", [
    ("diaLightCurves", lambda table: table.drop_columns(["band", "visit"]), "has no column band, visit: "),
    ("diaLightCurveSummary", lambda table: table.drop_columns(["significance"]), "no column significance"),
    ("diaLightCurves", lambda table: pa.concat_tables([table.slice(500), table.slice(0, 500)]), "not sorted"),
    ("diaLightCurveSummary", lambda table: table.slice(1), f"lacks DIAObject {FIRST_OBJECT}, which"),
])
def testTablesThatDoNotBelongTogether(survey, tmp_path, run, dataset, change, message):
    root = shutil.copytree(survey/"repo", tmp_path/"repo")
    path = root/"deepDiff"/f"{dataset}.parq"
    pq.write_table(change(pq.read_table(path)), path)
    done = run("diaReport.py", root, "--output", tmp_path/"report", "--stamps", 0)
    assert done.returncode == 1 and message in done.stderr and "Traceback" not in done.stderr
    assert not (tmp_path/"report").exists()


def testWarningsOfThePageAreLogged(survey, tmp_path, run):
    root = shutil.copytree(survey/"repo", tmp_path/"repo")
    for name, digest in ("diaLightCurves", "aa"), ("diaLightCurveSummary", "bb"):
        made = Fingerprint("diaLightCurves", Inputs(3, 5, "", "dd"), "cc", "v1",
                           Positions("reproDIAObjects", 7, digest), ({"visit": 1003},))
        path = root/"deepDiff"/f"{name}.parq"
        table = pq.read_table(path)
        cards = {key: str(value) for key, value in made.toCards().items()}
        pq.write_table(table.replace_schema_metadata({**table.schema.metadata, **cards}), path)
    done = run("diaReport.py", root, "--output", tmp_path/"report", "--stamps", 0)
    assert done.returncode == 0, done.stderr
    logged = [line for line in done.stderr.splitlines() if "diaReport WARNING: " in line]
    page = (tmp_path/"report"/"index.html").read_text()
    for warning in ("diaLightCurves, diaLightCurveSummary could not use visit=1003",
                    "The datasets are of different positions: diaLightCurves with reproDIAObjects "
                    "(7 positions, digest aa); diaLightCurveSummary with reproDIAObjects (7 positions, "
                    "digest bb)"):
        assert any(line.endswith(warning) for line in logged) and warning in page


def testOddNotesAndTitle(survey, tmp_path, run):
    root = shutil.copytree(survey/"repo", tmp_path/"repo")
    (root/"deepDiff"/"diaLightCurves_metadata.yaml").write_text("just: text")
    done = run("diaReport.py", root, "--output", tmp_path/"report", "--stamps", 0, "--title", "a\udcff")
    assert done.returncode == 0, done.stderr
    assert "without what diaLightCurves_metadata would tell: it cannot be read" in done.stderr
    assert "<h1>a\\udcff</h1>" in (tmp_path/"report"/"index.html").read_text()


@pytest.mark.parametrize("what, message", [
    ("nothing", "there is no repository"), ("empty", "no diaLightCurves"),
    ("folder", "cannot be read as a Gen2 repository"),
    ("there", "is there and not a report"), ("damaged", "diaLightCurves.parq cannot be read"),
    ("stamps", "--stamps -1 is not a number from 0 up")])
def testMistakes(survey, tmp_path, run, what, message):
    root, output, more = survey/"repo", tmp_path/"report", []
    if what == "nothing":
        root = tmp_path/"nowhere"
    elif what == "folder":
        root = tmp_path
    elif what == "empty":
        root = shutil.copytree(survey/"repo", tmp_path/"repo")
        (root/"deepDiff"/"diaLightCurves.parq").unlink()
    elif what == "there":
        output.mkdir()
        (output/"mine").write_text("mine")
    elif what == "damaged":
        root = shutil.copytree(survey/"repo", tmp_path/"repo")
        path = root/"deepDiff"/"diaLightCurves.parq"
        path.write_bytes(path.read_bytes()[:-100])
    else:
        more = ["--stamps", -1]
    done = run("diaReport.py", root, "--output", output, *more)
    assert done.returncode != 0 and message in done.stderr and "Traceback" not in done.stderr
    assert not (output/"index.html").exists()
