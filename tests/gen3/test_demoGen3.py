# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""The Gen3 pipelines make what the Gen2 commands make, in every bit."""

import functools
import pathlib
import shutil
import sys

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from commandProcesses import runInFork
from lsst.daf.butler import Butler as Gen3Butler
from lsst.daf.persistence import Butler
from lsst.dia.repro import DiaLightCurvesTask, DiaObjectMakerTask, ForcedDiaPhotTask
from lsst.dia.repro.gen3 import compareWithGen2, convertDiaRepo
from lsst.dia.repro.simulate.command import main as simulate

PIPELINES = pathlib.Path(__file__).parents[2]/"pipelines"
PIPETASK = pathlib.Path(sys.executable).parent/"pipetask"
DATASETS = ["reproDIAObjects", "reproDIASources", "forcedDIASource", "diaLightCurves", "diaLightCurveSummary"]


def runGen2(repository, output, *args):
    """Run the Gen2 commands, with more arguments after ``--id``."""
    DiaObjectMakerTask.parseAndRun([str(repository), "--output", str(output), "--id", *args])
    for task in ForcedDiaPhotTask, DiaLightCurvesTask:
        task.parseAndRun([str(output), "--id", *args])
    return output


def runGen3(gen3, output, *args, pipeline="dia.yaml", status=0):
    """Run a pipeline as users do, and return a butler of what it made."""
    done = runInFork(PIPETASK, "--log-level", "WARNING", "run", "-b", gen3, "-p", f"{PIPELINES}/{pipeline}",
                     "-i", "LSSTSim/gen2", "-o", output, "--register-dataset-types", *args)
    assert done.returncode == status, done.stderr
    return Gen3Butler.from_config(str(gen3), collections=output)


def assertEqual(gen2, gen3, nImages, nRows):
    """Check that all is equal, and that it was not nothing."""
    compared = compareWithGen2.compareResults(Butler(str(gen2)), gen3)
    assert [comparison.name for comparison in compared] == DATASETS
    assert [text for comparison in compared for text in comparison.differences] == []
    assert [comparison.nTables for comparison in compared] == [1, 1, nImages, 1, 1]
    objects, sources, forced, curves, summary = (comparison.nRows for comparison in compared)
    assert forced == curves >= nRows and objects == summary and sources >= objects > 0
    assert all(comparison.nValues > 20*comparison.nRows for comparison in compared)


@pytest.fixture(scope="module")
def survey(tmp_path_factory):
    """A simulated survey of three visits: a Gen2 repository and a Gen3 one."""
    root = tmp_path_factory.mktemp("survey")
    simulate([str(root/"gen2"), "--visits", "3", "--size", "300", "--objects", "40"])
    assert convertDiaRepo.main([str(root/"gen2"), str(root/"gen3")]) == 0
    return root


@pytest.fixture(scope="module")
def results(survey):
    """What the Gen2 commands make of the survey."""
    return runGen2(survey/"gen2", survey/"out", "--doraise")


@pytest.fixture(scope="module")
def whole(survey):
    """What the pipeline makes of the survey."""
    return runGen3(survey/"gen3", "u/whole")


def testWhole(results, whole):
    assertEqual(results, whole, 6, 40)


def testTiled(survey, results):
    tiled = runGen3(survey/"gen3", "u/tiled", "-c", "parameters:tileLevel=12", pipeline="diaTiled.yaml")
    assert len(tiled.query_datasets("reproDIAObjects_tile")) > 4
    assertEqual(results, tiled, 6, 40)


def testTwoProcesses(survey):
    """Two images, since each quantum is a process of its own that takes seconds to start."""
    results = runGen2(survey/"gen2", survey/"visit", "visit=1001", "--doraise")
    assertEqual(results, runGen3(survey/"gen3", "u/two", "-j", "2", "-d", "visit = 1001"), 2, 10)


@pytest.fixture(scope="module")
def stackSurvey(shared, tmp_path_factory):
    """Files that the real stack wrote: six kinds of PSF, masks, varying calibrations."""
    root, repository = tmp_path_factory.mktemp("stack"), shared/"stack-v23"/"repo"
    assert convertDiaRepo.main([str(repository), str(root/"gen3")]) == 0
    runGen2(repository, root/"out", "--doraise")
    return root


@pytest.mark.parametrize("pipeline, options", [
    ("dia.yaml", []), ("diaTiled.yaml", ["-c", "parameters:tileLevel=12"])])
def testStackRepository(stackSurvey, pipeline, options):
    gen3 = runGen3(stackSurvey/"gen3", "u/" + pipeline, *options, pipeline=pipeline)
    assertEqual(stackSurvey/"out", gen3, 18, 100)


def testBadImage(survey, tmp_path):
    """The results are of the others, as Gen2's, by what the guide says to do then."""
    gen2 = shutil.copytree(survey/"gen2", tmp_path/"gen2")
    assert convertDiaRepo.main([str(gen2), str(tmp_path/"gen3")]) == 0
    (path,) = (gen2/"deepDiff").glob("v1001-*/R22/diffexp-S11.fits")
    path.write_bytes(path.read_bytes()[:3000])
    run = functools.partial(runGen3, tmp_path/"gen3", "u/me")
    run(status=1)
    results = runGen2(gen2, tmp_path/"out", "--noExit")
    assertEqual(results, run("--extend-run", "--clobber-outputs", pipeline="dia.yaml#diaLightCurves"), 5, 30)


def testCommandPrintsWhatItCompared(survey, results, whole, capsys):
    assert compareWithGen2.main([str(results), str(survey/"gen3"), "--collections", "u/whole"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.partition(":")[0] for line in lines[1:]] == DATASETS
    assert all(line.endswith("values are equal") for line in lines[1:])


@pytest.fixture
def others(results, tmp_path):
    """A copy of the Gen2 results, to be changed; beside them, since they name their parent so."""
    return pathlib.Path(shutil.copytree(results, results.parent/tmp_path.name))


def findDifferences(gen2, gen3):
    return {comparison.name: comparison.differences
            for comparison in compareWithGen2.compareResults(Butler(str(gen2)), gen3)
            if comparison.differences}


@pytest.mark.parametrize("dataset, dataId, place", [
    ("reproDIAObjects", {}, "the table"),
    ("reproDIASources", {}, "the table"),
    ("forcedDIASource", {"visit": 1001, "raft": "2,2", "sensor": "1,1"}, "visit 1001 detector 124"),
])
def testLastBitOfACatalog(others, whole, dataset, dataId, place):
    butler = Butler(str(others))
    catalog = butler.get(dataset, immediate=True, **dataId)
    catalog["coord_ra"][2] = np.nextafter(float(catalog["coord_ra"][2]), 10)
    butler.put(catalog, dataset, **dataId)
    assert findDifferences(others, whole) == {
        dataset: [f"{place}: coord_ra differs in 1 of {len(catalog)} rows, first in row 2"]}


def testAnotherSensor(others, whole):
    """Columns that Gen3 has not are those of its detectors and visits."""
    butler = Butler(str(others))
    sources = butler.get("reproDIASources", immediate=True)
    for name, value in ("sensor", "2,2"), ("filter", "z"):
        sources[0][name] = value
    butler.put(sources, "reproDIASources")
    (texts,) = findDifferences(others, whole).values()
    assert [text.split(" row")[0] for text in texts] == [
        f"the table: {name} differs in 1 of {len(sources)}" for name in ("filter", "sensor")]


def testLightCurves(others, whole):
    """A value that is null, a sign of zero and a column that is not there."""
    path = Butler(str(others)).getUri("diaLightCurves")
    table = pq.read_table(path)
    flags = table["psfDiffFlux_flag"].to_pylist()
    changed = table.set_column(table.column_names.index("psfDiffFlux_flag"), "psfDiffFlux_flag",
                               pa.array([None, *flags[1:]])).drop_columns(["x"])
    pq.write_table(changed.append_column("zero", pa.array(np.zeros(len(flags)))), path)
    texts = findDifferences(others, whole)["diaLightCurves"]
    assert "the table: x is in Gen3 alone" in texts and "the table: zero is in Gen2 alone" in texts
    assert f"the table: psfDiffFlux_flag is null differs in 1 of {len(flags)} rows, first in row 0" in texts


def testMissingCatalog(others, survey, whole, capsys):
    path = pathlib.Path(Butler(str(others)).getUri("forcedDIASource", visit=1002, raft="2,2", sensor="1,2"))
    path.unlink()
    assert compareWithGen2.main([str(others), str(survey/"gen3"), "--collections", "u/whole"]) == 1
    assert "visit 1002 detector 125 is in Gen3 alone" in capsys.readouterr().out


def testNothingToCompareWith(results, survey):
    texts = findDifferences(results, Gen3Butler.from_config(str(survey/"gen3"), collections="LSSTSim/gen2"))
    assert set(texts) == set(DATASETS)
    assert texts["reproDIAObjects"] == ["the table is in Gen2 alone"] and len(texts["forcedDIASource"]) == 6
