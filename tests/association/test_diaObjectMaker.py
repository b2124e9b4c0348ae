# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""DiaObjectMakerTask on files that the real stack wrote."""

import numpy as np
import pytest
from groups import memberGroups, readGroups
from lsst.daf.persistence import Butler
from lsst.dia.repro import DiaObjectMakerTask


def make(repository, output, *args):
    DiaObjectMakerTask.parseAndRun([str(repository), "--output", str(output), "--no-versions", "--doraise",
                                    *(args or ["--id"])])
    butler = Butler(str(output))
    return butler.get("reproDIAObjects", immediate=True), butler.get("reproDIASources", immediate=True)


@pytest.fixture(scope="module")
def made(stackData, tmp_path_factory):
    return make(stackData/"repo", tmp_path_factory.mktemp("made")/"out")


def testGroupsAreThoseOfTheRealStack(made, stackData):
    expected = readGroups(stackData/"expected"/"multimatch_r0.5_unambiguous.csv", "object")
    assert memberGroups(made[1]) == expected
    assert len(made[0]) == len(expected)


def testAmbiguousObjectsAreKeptOnRequest(stackData, tmp_path):
    diaObjects, diaSources = make(stackData/"repo", tmp_path/"out", "--id",
                                  "--config", "removeAmbiguous=False")
    assert memberGroups(diaSources) == readGroups(stackData/"expected"/"multimatch_r0.5_all.csv", "object")
    assert len(np.unique(diaObjects["id"])) == len(diaObjects)


def testNothingIsLost(made, stackData):
    butler = Butler(str(stackData/"repo"))
    read = np.concatenate([ref.get("deepDiff_diaSrc", immediate=True)["id"]
                           for ref in butler.subset("deepDiff_diaSrc")])
    np.testing.assert_array_equal(made[1]["id"], np.sort(read))
    dropped = made[1]["diaObjectId"] == 0
    np.testing.assert_array_equal(dropped, made[1]["isAmbiguous"] | made[1]["isRejected"])
    assert dropped.any()


def testAggregates(made):
    diaObjects, diaSources = made
    for row in diaObjects[:25]:
        members = diaSources[np.array(diaSources["diaObjectId"] == row["id"])].copy(deep=True)
        assert row["nDiaSources"] == len(members)
        first = np.lexsort((members["id"], members["ccdExposureId"], members["midpointMjdTai"]))[0]
        assert row["id"] == members["id"][first]
        assert row["firstDiaSourceMjdTai"] == members["midpointMjdTai"].min()
        assert row["lastDiaSourceMjdTai"] == members["midpointMjdTai"].max()
        for flag in ("base_PixelFlags_flag_edge", "base_PsfFlux_flag"):
            assert row[flag] == members[flag].any()
            assert row[flag + "_nSet"] == members[flag].sum()
        filters = [member["filter"] for member in members]
        for band in "gri":
            assert row[band + "_nDiaSources"] == filters.count(band)
        good = ~members["base_SdssCentroid_flag"]
        used = good if good.any() else ~good
        # For members within an arcsecond the plain mean is the vector mean.
        assert row["coord_ra"].asRadians() == pytest.approx(members["coord_ra"][used].mean(), abs=1e-12)
        assert row["coord_dec"].asRadians() == pytest.approx(members["coord_dec"][used].mean(), abs=1e-12)


def testNumbersOfSourcesSumUp(made):
    diaObjects, diaSources = made
    assert diaObjects["nDiaSources"].sum() == (diaSources["diaObjectId"] != 0).sum()
    perBand = sum(diaObjects[band + "_nDiaSources"] for band in "ugrizy")
    np.testing.assert_array_equal(perBand, diaObjects["nDiaSources"])
    assert set(diaSources["diaObjectId"]) - {0} == set(diaObjects["id"])


def testDataIdsAreKept(made, stackData):
    butler = Butler(str(stackData/"repo"))
    for record in made[1][::40]:
        dataId = {key: record[key] for key in ("visit", "filter", "raft", "sensor")}
        source = butler.get("deepDiff_diaSrc", dataId, immediate=True)
        assert record["id"] in source["id"]
        assert record["ccdExposureId"] == butler.get("ccdExposureId", dataId)


def testTimeIsThatOfTheImage(made, stackData):
    # v853 S12 has an image here, and v840 has none, so that the registry's time stands for it.
    times = {(r["visit"], r["sensor"]): r["midpointMjdTai"] for r in made[1]}
    info = Butler(str(stackData/"repo")).get("deepDiff_differenceExp_visitInfo", visit=853, raft="2,2",
                                             sensor="1,2")
    from lsst.daf.base import DateTime
    assert times[853, "1,2"] == info.getDate().get(DateTime.MJD, DateTime.TAI)
    # By the registry the exposure of 30 s began at 2022-01-01T05:01:47 UTC.
    assert times[840, "1,1"] == pytest.approx(59580.2095717 + (37.0 + 15.0)/86400.0, abs=1e-6)


@pytest.mark.parametrize("associator", ["clustering", "assignment"])
def testOrderOfDataIdsDoesNotMatter(associator, stackData, tmp_path):
    config = ["--config", "associator=" + associator]
    make(stackData/"repo", tmp_path/"a", "--id", *config)
    visits = "944^931^918^905^892^879^866^853^840"
    make(stackData/"repo", tmp_path/"b", "--id", "sensor=1,2", "visit=" + visits, "--id", "sensor=1,1",
         *config)
    for name in ("reproDIAObjects", "reproDIASources"):
        paths = [tmp_path/run/"deepDiff"/(name + ".fits") for run in "ab"]
        assert paths[0].read_bytes() == paths[1].read_bytes()


@pytest.mark.parametrize("associator", ["multiMatch", "clustering", "assignment"])
def testTilesGiveTheSame(associator, stackData, tmp_path):
    config = ["--config", "associator=" + associator]
    make(stackData/"repo", tmp_path/"whole", "--id", *config)
    # Tiles of level 14 are 20 arcsec wide: many objects lie on an edge.
    config += ["tileLevel=14", "tileHalo=1"]
    make(stackData/"repo", tmp_path/"tiled", "--id", *config)
    for name in ("reproDIAObjects", "reproDIASources"):
        paths = [tmp_path/run/"deepDiff"/(name + ".fits") for run in ("whole", "tiled")]
        assert paths[0].read_bytes() == paths[1].read_bytes()


def testTilesOneByOneAndMerged(stackData, tmp_path, run):
    config = ["--config", "tileLevel=12"]
    make(stackData/"repo", tmp_path/"whole", "--id")
    out = [stackData/"repo", "--id", "--output", tmp_path/"out", "--no-versions", *config]
    listed = run("diaObjectMaker.py", *out, "--listTiles")
    tiles = listed.stdout.split()
    assert len(tiles) > 1
    early = run("diaObjectMaker.py", *out, "--mergeTiles")
    assert early.returncode == 1 and tiles[0] in early.stdout + early.stderr
    assert run("diaObjectMaker.py", *out, "--tile", *tiles, "-j", "2").returncode == 0
    assert run("diaObjectMaker.py", *out, "--mergeTiles").returncode == 0
    butlers = [Butler(str(tmp_path/where)) for where in ("whole", "out")]
    for name in ("reproDIAObjects", "reproDIASources"):
        whole, merged = (butler.get(name, immediate=True) for butler in butlers)
        assert whole.schema == merged.schema
        # v23 does not hand out columns of strings other than so.
        whole, merged = whole.asAstropy(), merged.asAstropy()
        for column in whole.colnames:
            np.testing.assert_array_equal(whole[column], merged[column], err_msg=column)


def testFluxStatistics(repository, tmp_path):
    config = ["aggregation.doFluxes=True", "loader.doCalibrate=True"]
    visits = ["visit=866", "raft=2,2", "sensor=1,1^1,2"]
    diaObjects, diaSources = make(repository, tmp_path/"out", "--id", *visits, "--config", *config)
    flux, error = diaSources["base_PsfFlux_flux"], diaSources["base_PsfFlux_fluxErr"]
    good = np.isfinite(flux) & np.isfinite(error)
    for row in diaObjects:
        mine = good & (diaSources["diaObjectId"] == row["id"])
        assert row["i_psfFluxNdata"] == mine.sum()
        assert row["g_psfFluxNdata"] == 0 and np.isnan(row["g_psfFluxMean"])
        if mine.any():
            weight = error[mine]**-2
            assert row["i_psfFluxMean"] == pytest.approx(np.sum(weight*flux[mine])/weight.sum(), rel=1e-12)
            assert row["i_psfFluxMeanErr"] == pytest.approx(weight.sum()**-0.5, rel=1e-12)


def testFlagsAndSignalToNoiseReject(stackData, tmp_path):
    diaObjects, diaSources = make(
        stackData/"repo", tmp_path/"out", "--id", "--config", "cleaning.minSignalToNoise=10",
        "cleaning.badFlags=base_PixelFlags_flag_edge")
    edge = diaSources["base_PixelFlags_flag_edge"]
    snr = np.abs(diaSources["base_PsfFlux_instFlux"])/diaSources["base_PsfFlux_instFluxErr"]
    np.testing.assert_array_equal(diaSources["isRejected"], edge | ~(snr >= 10))
    assert (diaSources["diaObjectId"][diaSources["isRejected"]] == 0).all()
    assert diaSources["isRejected"].any() and len(diaObjects)
