# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Level 1 on a small simulated survey: what it makes, and of which visits."""

import re
import shutil
import sqlite3

import numpy as np
import pytest
from lsst.daf.persistence import Butler
from replays import readColumns, readCurves, readTables, requireSameTables

pytest.importorskip("lsst.dax.apdb", reason="the extra dia-repro[prompt] is not installed")

#: Nothing of what measuring costs: the forced photometry is that of Level 2, and tested there.
FAST = ["--config", "forced.measurement.plugins.names=['base_PixelFlags', "
        "'base_TransformedCentroidFromCoord', 'base_PsfFlux', 'base_LocalPhotoCalib']"]


@pytest.fixture(scope="module")
def survey(run, tmp_path_factory):
    """A survey of 30 days and more, 8 visits of two sensors."""
    root = tmp_path_factory.mktemp("survey")/"repo"
    done = run("simulateDiaRepo.py", root, "--visits", 8, "--objects", 60, "--size", 300)
    assert done.returncode == 0, done.stderr
    return root


@pytest.fixture(scope="module")
def replay(run, survey, tmp_path_factory):
    """The whole survey with an unlimited look-back, exported."""
    root = tmp_path_factory.mktemp("replay")
    done = run("diaPrompt.py", survey, "--output", root/"out", "--apdb", root/"apdb.db", "--id", *FAST,
               "lookBack=None", "--export")
    requireDone(done)
    assert "do not tell" not in done.stderr
    return root


@pytest.fixture(scope="module")
def level2(run, survey, tmp_path_factory):
    """The survey in one go."""
    root = tmp_path_factory.mktemp("level2")/"out"
    requireDone(run("diaObjectMaker.py", survey, "--output", root, "--id", "--config",
                    "associator=assignment"))
    fast = [FAST[0], FAST[1].replace("forced.", "")]
    requireDone(run("forcedDiaPhot.py", root, "--id", *fast))
    requireDone(run("diaLightCurves.py", root, "--id"))
    return root


def requireDone(result):
    assert result.returncode == 0, result.stderr


def findVisits(survey):
    return sorted({ref.dataId["visit"] for ref in Butler(str(survey)).subset("deepDiff_diaSrc")})


def findTimes(survey):
    """Return the times of the visits."""
    butler = Butler(str(survey))
    return {ref.dataId["visit"]: ref.get("deepDiff_differenceExp_visitInfo").getDate().get()
            for ref in butler.subset("deepDiff_differenceExp")}


def testObjectsAreThoseOfOneGo(replay, level2):
    for dataset in "reproDIAObjects", "reproDIASources":
        found, expected = readColumns(replay/"out", dataset), readColumns(level2, dataset)
        assert list(found) == list(expected) and len(expected["id"]) > 20
        for name, values in expected.items():
            np.testing.assert_array_equal(found[name], values, err_msg=name)


def testLightCurvesAreThoseOfOneGo(replay, level2):
    found, expected = readCurves(replay/"out"), readCurves(level2)
    for name in "diaObjectId", "ccdExposureId", "midpointMjdTai", "band", "visit":
        np.testing.assert_array_equal(found[name], expected[name])
    isFinal = ~found["positionsDiffer"].to_numpy(dtype=bool)
    assert 0 < isFinal.sum() < len(found)
    # A position is the same but for rounding, 1e-9 degrees at the most.
    shift = np.abs(found["psfDiffFlux"] - expected["psfDiffFlux"])/expected["psfDiffFluxErr"]
    assert np.nanmax(shift[isFinal]) < 1e-6
    assert (np.isnan(shift) == np.isnan(expected["psfDiffFlux"])).all()
    distance = np.hypot((found["ra"] - expected["ra"])*np.cos(np.radians(expected["dec"])),
                        found["dec"] - expected["dec"])*3600
    assert (distance[isFinal] < 1e-5).all() and (distance[~isFinal] > 1e-6).all()
    for name in "reason", "psfDiffFlux_flag":
        np.testing.assert_array_equal(found[name][isFinal], expected[name][isFinal])


def testDatabaseHasWhatIsExported(replay, level2):
    tables, objects = readTables(replay/"apdb.db"), readColumns(level2, "reproDIAObjects")
    last = tables["DiaObjectLast"].sort_values("diaObjectId")
    np.testing.assert_array_equal(last["diaObjectId"], objects["id"])
    np.testing.assert_array_equal(last["nDiaSources"], objects["nDiaSources"])
    np.testing.assert_allclose(np.radians(last["ra"]), objects["coord_ra"], rtol=0, atol=1e-15)
    np.testing.assert_allclose(np.radians(last["raErr"]), objects["coord_raErr"], rtol=1e-6)
    versions = tables["DiaObject"].sort_values(["diaObjectId", "validityStartMjdTai"])
    for _, group in versions.groupby("diaObjectId"):
        starts, ends = group["validityStartMjdTai"].to_numpy(), group["validityEndMjdTai"].to_numpy()
        np.testing.assert_array_equal(ends[:-1], starts[1:])
        assert np.isnan(ends[-1]) and (np.diff(group["nDiaSources"]) > 0).all()
    forced = tables["DiaForcedSource"]
    assert len(forced) == len(readCurves(replay/"out"))
    assert not forced["diaForcedSourceId"].duplicated().any()


def testLookBackLeavesOutWhatIsEarlier(run, survey, replay, tmp_path):
    days = 12.0
    requireDone(run("diaPrompt.py", survey, "--output", tmp_path/"out", "--apdb", tmp_path/"apdb.db", "--id",
                    *FAST, f"lookBack={days}", "--export"))
    found, everything = readCurves(tmp_path/"out"), readCurves(replay/"out")
    first = readColumns(tmp_path/"out", "reproDIAObjects")
    begin = dict(zip(first["id"].tolist(), first["firstDiaSourceMjdTai"].tolist()))
    isKept = everything["midpointMjdTai"] >= everything["diaObjectId"].map(begin) - days
    assert 0 < isKept.sum() < len(everything)
    expected = everything[isKept].reset_index(drop=True)
    for name in "diaObjectId", "ccdExposureId", "psfDiffFlux", "psfDiffFluxErr", "positionsDiffer":
        np.testing.assert_array_equal(found[name], expected[name], err_msg=name)


def testVisitsInAnyOrderAndTwice(run, survey, replay, tmp_path):
    visits = findVisits(survey)
    ids = ["--id", *(f"visit={visit}" for visit in reversed(visits[:5]))]
    backward = [word for visit in reversed(visits[:5]) for word in ("--id", f"visit={visit}")]
    command = ["diaPrompt.py", survey, "--output", tmp_path/"out", "--apdb", tmp_path/"apdb.db"]
    assert len(ids) == 6
    requireDone(run(*command, *backward, *FAST, "lookBack=None"))
    again = run(*command, "--id", f"visit={visits[0]}^{visits[4]}", *FAST, "lookBack=None")
    requireDone(again)
    assert "2 of 2 targets are visits that the database has" in again.stderr
    assert "are what this run would write" not in again.stderr
    listed = run(*command, "--id", f"visit={visits[0]}", *FAST, "lookBack=None", "--dry-run").stdout
    assert listed.startswith(f"skip {{'visit': {visits[0]}}}: is in the database\n")
    requireDone(run(*command, "--id", *FAST, "lookBack=None"))
    requireSameTables(tmp_path/"apdb.db", replay/"apdb.db")


def testRefinementIsRefused(run, survey, tmp_path):
    result = run("diaPrompt.py", survey, "--output", tmp_path/"out", "--apdb", tmp_path/"apdb.db", "--id",
                 "--config", "associator.refine=True")
    assert result.returncode != 0 and "Traceback" not in result.stderr
    assert "associator.refine must be False" in result.stderr


def testDryRunWritesNothing(run, survey, tmp_path):
    command = ["diaPrompt.py", survey, "--output", tmp_path/"out", "--apdb", tmp_path/"apdb.db", "--dry-run"]
    result = run(*command, "--id")
    requireDone(result)
    assert result.stdout.count("there is no database") == len(findVisits(survey))
    assert not list(tmp_path.iterdir())


def testLateVisit(run, survey, tmp_path):
    visits = findVisits(survey)
    command = ["diaPrompt.py", survey, "--output", tmp_path/"out", "--apdb", tmp_path/"apdb.db", *FAST]
    requireDone(run(*command, "--id", f"visit={visits[0]}^{visits[3]}"))
    late = run(*command, "--id", f"visit={visits[1]}")
    assert late.returncode == 1
    assert "is earlier than one of MJD" in late.stderr and "--allowLate" in late.stderr
    assert "Traceback" not in late.stderr
    before = readTables(tmp_path/"apdb.db")["DiaObjectLast"]
    requireDone(run(*command, "--id", f"visit={visits[1]}", "--allowLate"))
    tables = readTables(tmp_path/"apdb.db")
    late = tables["DiaSource"][tables["DiaSource"]["visit"] == visits[1]]
    first = tables["DiaSource"][tables["DiaSource"]["visit"] == visits[0]]
    # Those of the visit after it were not there then: what they could have taken begins objects of its own.
    joined = late[late["diaObjectId"] != late["diaSourceId"]]
    assert len(joined) > 5 and set(joined["diaObjectId"]) <= set(first["diaObjectId"])
    n = dict(zip(before["diaObjectId"], before["nDiaSources"]))
    after = dict(zip(tables["DiaObjectLast"]["diaObjectId"], tables["DiaObjectLast"]["nDiaSources"]))
    assert all(after[number] == n[number] + 1 for number in joined["diaObjectId"])
    versions = tables["DiaObject"].sort_values(["diaObjectId", "validityStartMjdTai"])
    ends = versions["validityEndMjdTai"]
    assert (ends.isna() | (ends > versions["validityStartMjdTai"])).all()


def testUnreadableImage(run, survey, tmp_path):
    repo = shutil.copytree(survey, tmp_path/"repo")
    visits = findVisits(repo)
    broken = next(iter((repo/"deepDiff").glob(f"v{visits[1]}-*/*/diffexp-S11.fits*")))
    broken.write_bytes(broken.read_bytes()[:2000])
    result = run("diaPrompt.py", repo, "--output", tmp_path/"out", "--apdb", tmp_path/"apdb.db", "--id",
                 *FAST, "lookBack=None", "--export")
    assert "Cannot read the difference image of dataId" in result.stderr and "Traceback" not in result.stderr
    curves = readCurves(tmp_path/"out")
    unread = curves[(curves["visit"] == visits[1]) & (curves["reason"] == 9)]
    assert len(unread) > 5 and unread["psfDiffFlux"].isna().all() and unread["psfDiffFlux_flag"].all()
    sources = readColumns(tmp_path/"out", "reproDIASources")
    isOfVisit = sources["visit"] == visits[1]
    assert set(unread["diaObjectId"]) >= set(sources["diaObjectId"][isOfVisit & (sources["ccdExposureId"] %
                                                                              512 == 124)])


def testCatalogsAlone(run, survey, level2, tmp_path):
    repo = shutil.copytree(survey, tmp_path/"repo")
    for path in (repo/"deepDiff").glob("v*/*/diffexp-*"):
        path.unlink()
    requireDone(run("diaPrompt.py", repo, "--output", tmp_path/"out", "--apdb", tmp_path/"apdb.db", "--id",
                    "--export"))
    requireDone(run("diaObjectMaker.py", repo, "--output", tmp_path/"level2", "--id", "--config",
                    "associator=assignment"))
    found, expected = (readColumns(root, "reproDIASources") for root in (tmp_path/"out", tmp_path/"level2"))
    np.testing.assert_array_equal(found["diaObjectId"], expected["diaObjectId"])
    assert readTables(tmp_path/"apdb.db")["DiaForcedSource"]["psfFlux"].isna().all()


def testErrorsDecideAlone(run, survey, tmp_path):
    repo = shutil.copytree(survey, tmp_path/"repo")
    for path in (repo/"deepDiff").glob("v*/*/diffexp-*"):
        path.unlink()
    butler = Butler(str(repo))
    rng = np.random.default_rng(1)
    for ref in butler.subset("deepDiff_diaSrc"):
        catalog = ref.get("deepDiff_diaSrc")
        # Without images the errors are those assumed, 0.2 arcsec: more than a radius of 0.5 would bear.
        catalog["coord_ra"] += rng.normal(0, 1e-6, len(catalog))/np.cos(catalog["coord_dec"])
        catalog["coord_dec"] += rng.normal(0, 1e-6, len(catalog))
        butler.put(catalog, "deepDiff_diaSrc", ref.dataId)
    requireDone(run("diaPrompt.py", repo, "--output", tmp_path/"out", "--apdb", tmp_path/"apdb.db", "--id",
                    "--export", "--config", "associator.radius=0"))
    for name, radius in ("level2", "None"), ("narrow", "0.5"):
        requireDone(run("diaObjectMaker.py", repo, "--output", tmp_path/name, "--id", "--config",
                        "associator=assignment", f"associator.active.radius={radius}"))
    found, expected, narrow = (readColumns(tmp_path/name, "reproDIASources")
                               for name in ("out", "level2", "narrow"))
    for name in "diaObjectId", "hasRival":
        np.testing.assert_array_equal(found[name], expected[name])
    assert len(np.unique(narrow["diaObjectId"])) > len(np.unique(expected["diaObjectId"]))


def testEmptyVisit(run, survey, tmp_path):
    repo = shutil.copytree(survey, tmp_path/"repo")
    visits = findVisits(repo)
    butler = Butler(str(repo))
    for ref in butler.subset("deepDiff_diaSrc", dataId={"visit": visits[0]}):
        butler.put(ref.get("deepDiff_diaSrc")[:0], "deepDiff_diaSrc", ref.dataId)
    command = ["diaPrompt.py", repo, "--output", tmp_path/"out", "--apdb", tmp_path/"apdb.db", *FAST]
    requireDone(run(*command, "--id", f"visit={visits[0]}"))
    again = run(*command, "--id", f"visit={visits[0]}")
    assert "1 of 1 targets are visits that the database has" in again.stderr
    requireDone(run(*command, "--id", f"visit={visits[1]}"))
    curves = readTables(tmp_path/"apdb.db")["DiaForcedSource"]
    assert (curves["visit"] == visits[0]).any()


def testOtherVersionOfTheSchema(run, survey, replay, tmp_path):
    shutil.copy(replay/"apdb.db", tmp_path/"apdb.db")
    with sqlite3.connect(tmp_path/"apdb.db") as connection:
        connection.execute("UPDATE metadata SET value = '1.0.0' WHERE name = 'version:schema'")
    result = run("diaPrompt.py", survey, "--output", tmp_path/"out", "--apdb", tmp_path/"apdb.db", "--id",
                 *FAST)
    assert result.returncode == 1 and "Traceback" not in result.stderr
    assert "is not compatible with database version 1.0.0" in result.stderr


@pytest.mark.parametrize("name, reason", [("empty.db", ""), ("text.db", "file is not a database"),
                                          ("missing/apdb.db", "there is no directory ")])
def testNoDatabase(run, survey, tmp_path, name, reason):
    (tmp_path/"empty.db").write_bytes(b"")
    (tmp_path/"text.db").write_bytes(b"no database")
    result = run("diaPrompt.py", survey, "--output", tmp_path/"out", "--apdb", tmp_path/name, "--id")
    assert result.returncode == 1 and "Traceback" not in result.stderr
    assert f"Cannot open the database {tmp_path/name}: {reason}" in result.stderr
    assert not any(word in result.stderr for word in ("PRAGMA", "sqlalche.me", "partial"))


@pytest.mark.parametrize("ids", [(), ("--id", "visit=7")])
def testNothingToExport(run, survey, tmp_path, ids):
    output = () if ids else ("--output", tmp_path/"out")
    result = run("diaPrompt.py", survey, *output, "--apdb", tmp_path/"typo.db", "--export", *ids)
    assert result.returncode != 0 and "Traceback" not in result.stderr
    assert f"There is no database {tmp_path/'typo.db'}; only visits (--id) make one" in result.stderr
    assert "creating all tables" not in result.stderr and not list(tmp_path.iterdir())


def testExportOfADatabaseWithoutVisits(run, survey, tmp_path):
    from lsst.dax.apdb.sql import ApdbSql
    config = ApdbSql.init_database(f"sqlite:///{tmp_path/'apdb.db'}")
    config.save(str(tmp_path/"apdb.yaml"))
    before = (tmp_path/"apdb.db").read_bytes()
    result = run("diaPrompt.py", survey, "--output", tmp_path/"out", "--apdb", tmp_path/"apdb.yaml",
                 "--export")
    assert result.returncode != 0 and "Traceback" not in result.stderr
    assert f"The database {tmp_path/'apdb.yaml'} has no visits" in result.stderr
    assert (tmp_path/"apdb.db").read_bytes() == before and not (tmp_path/"out").exists()


def testLoadedLevel2GoesOn(run, survey, replay, tmp_path):
    visits = findVisits(survey)
    ids = ["--id", "visit=" + "^".join(map(str, visits[:5]))]
    requireDone(run("diaObjectMaker.py", survey, "--output", tmp_path/"level2", *ids, "--config",
                    "associator=assignment"))
    command = ["diaPrompt.py", survey, "--output", tmp_path/"out", "--apdb", tmp_path/"apdb.db"]
    wrong = run(*command, "--load", tmp_path/"level2", "--id", *FAST, "lookBack=None")
    assert wrong.returncode == 1 and "give those" in wrong.stderr
    requireDone(run(*command, "--load", tmp_path/"level2", *ids, *FAST, "lookBack=None"))
    exported = run(*command, "--id", *FAST, "lookBack=None", "--export")
    requireDone(exported)
    assert "The light curves lack 10 images" in exported.stderr
    elsewhere = run("diaPrompt.py", survey, "--output", tmp_path/"other", *command[4:], "--id", *FAST,
                    "lookBack=None", "--export")
    assert re.search("curves lack (?!10 )\\d+ images, such as .* another --output", elsewhere.stderr)
    found, expected = (readColumns(root/"out", "reproDIASources") for root in (tmp_path, replay))
    np.testing.assert_array_equal(found["diaObjectId"], expected["diaObjectId"])
    found, expected = (readTables(root/"apdb.db")["DiaReproSums"] for root in (tmp_path, replay))
    assert found.equals(expected)
    twice = run(*command, "--load", tmp_path/"level2", *ids, *FAST, "lookBack=None")
    assert twice.returncode == 1 and "is not empty" in twice.stderr


def copySensor(repo, visit):
    """Let the first sensor of a visit see what the second does."""
    butler = Butler(str(repo))
    first, second = sorted((ref.dataId for ref in butler.subset("deepDiff_diaSrc", visit=visit)),
                           key=lambda dataId: butler.get("ccdExposureId", dataId))
    sources = butler.get("deepDiff_diaSrc", second).copy(deep=True)
    shift = butler.get("ccdExposureId", second) - butler.get("ccdExposureId", first)
    sources["id"] = np.asarray(sources["id"]) - (shift << 64 - butler.get("ccdExposureId_bits"))
    sources["parent"] = 0
    butler.put(sources, "deepDiff_diaSrc", first)
    butler.put(butler.get("deepDiff_differenceExp", second), "deepDiff_differenceExp", first)
    return [f"sensor={dataId['sensor']}" for dataId in (first, second)]


def testSensorsOfAVisitInTwoRuns(run, survey, tmp_path):
    repo = shutil.copytree(survey, tmp_path/"repo")
    visit = findVisits(repo)[0]
    first, second = copySensor(repo, visit)
    command = ["diaPrompt.py", repo, "--output", tmp_path/"out", "--apdb", tmp_path/"apdb.db"]
    for sensor in (second, first):
        requireDone(run(*command, "--id", f"visit={visit}", sensor, *FAST))
    requireDone(run(*command, "--export", *FAST))
    inDatabase = readTables(tmp_path/"apdb.db")["DiaObjectLast"].set_index("diaObjectId")["nDiaSources"]
    assert (inDatabase == 2).any()
    # Level 2 would name the objects after the sources of the first sensor, which came later.
    exported = readColumns(tmp_path/"out", "reproDIAObjects")
    assert dict(zip(exported["id"].tolist(), exported["nDiaSources"].tolist())) == dict(inDatabase)
    assert list(exported["id"]) == sorted(exported["id"])
    names = set(readColumns(tmp_path/"out", "reproDIASources")["diaObjectId"].tolist())
    assert names == set(readCurves(tmp_path/"out")["diaObjectId"]) == set(inDatabase.index)
    requireDone(run("diaPrompt.py", repo, "--output", tmp_path/"next", "--apdb", tmp_path/"next.db", "--load",
                    tmp_path/"out", "--id", f"visit={visit}", *FAST))
    loaded = readTables(tmp_path/"next.db")["DiaObjectLast"].set_index("diaObjectId")["nDiaSources"]
    assert dict(loaded) == dict(inDatabase)


def testCatalogsThatBreakBeforeTheExport(run, survey, tmp_path):
    repo = shutil.copytree(survey, tmp_path/"repo")
    command = ["diaPrompt.py", repo, "--output", tmp_path/"out", "--apdb", tmp_path/"apdb.db"]
    visits = findVisits(repo)[:3]
    requireDone(run(*command, "--id", "visit=" + "^".join(map(str, visits)), *FAST, "lookBack=None"))
    for visit in (visits[0], visits[2]):
        for path in (repo/"deepDiff").glob(f"v{visit}-*/*/diaSrc-*.fits*"):
            path.write_bytes(path.read_bytes()[:2000])
    result = run(*command, "--export", *FAST, "lookBack=None")
    assert "4 data IDs have a file that could not be used" in result.stderr
    assert "Traceback" not in result.stderr
    inDatabase = readTables(tmp_path/"apdb.db")["DiaObjectLast"]
    exported = readColumns(tmp_path/"out", "reproDIAObjects")["id"]
    assert 0 < len(exported) < len(inDatabase) and np.isin(exported, inDatabase["diaObjectId"]).all()
    curves = readCurves(tmp_path/"out")
    assert set(curves["diaObjectId"]) == set(inDatabase["diaObjectId"])
    assert curves["positionsDiffer"][~curves["diaObjectId"].isin(exported)].all()
