# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Runs of the pipelines by Rubin's batch system."""

import os
import pathlib
import signal
import subprocess
import sys
import threading
import time

import numpy as np
import pytest
from commandProcesses import runInFork
from gen3.pipelines import runPipeline
from lsst.ctrl.bps import BpsConfig
from lsst.ctrl.bps.parsl.site import SiteConfig
from lsst.daf.butler import Butler, Config
from lsst.dia.repro.gen3 import convertDiaRepo
from lsst.dia.repro.simulate.command import main as simulate
from lsst.pipe.base import Pipeline

ROOT = pathlib.Path(__file__).parents[2]
BPS = ROOT/"bps"
BIN = pathlib.Path(sys.executable).parent
ENVIRONMENT = {"DIA_REPRO_DIR": ROOT, "CTRL_MPEXEC_DIR": BIN.parent, "DAF_BUTLER_DIR": BIN.parent}

TASKS = ("diaObjectMaker", "forcedDiaPhot", "diaLightCurves")

#: Two jobs of three images each.
SMALL = f"""
includeConfigs: {BPS}/local.yaml
cluster:
  forcedDiaPhot:
    partitionMaxSize: 3
"""


@pytest.fixture(autouse=True)
def environment(monkeypatch, tmp_path):
    """What the files stand on, and something in place of the files of PanDA's plugin."""
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, str(value))
    monkeypatch.setenv("CTRL_BPS_PANDA_DIR", str(tmp_path))
    (tmp_path/"config").mkdir()
    (tmp_path/"config"/"bps_usdf.yaml").write_text(
        "project: dev\nwmsServiceClass: lsst.ctrl.bps.panda.PanDAService\n")


@pytest.mark.parametrize("name, service, blanks", [
    ("local", "parsl.ParslService", []),
    ("slurm", "parsl.ParslService", ["site.slurm.account"]),
    ("htcondor", "htcondor.HTCondorService", ["accountingGroup", "accountingUser", "computeSite"]),
    ("panda", "panda.PanDAService", ["LSST_VERSION", "custom_lsst_setup"]),
])
def testWhatHasToBeFilledIn(name, service, blanks):
    path = str(BPS/f"{name}.yaml")
    plain = Config(path)
    assert sorted(".".join(key) for key in plain.nameTuples() if plain[key] == "FILL_IN") == blanks
    config = BpsConfig(path)
    assert config["wmsServiceClass"] == f"lsst.ctrl.bps.{service}" and config["project"] == "dia"
    inTask = {"curvals": {"curr_pipetask": "diaLightCurves"}}
    assert config.search("requestMemory", opt=inTask) == (True, 8192)
    # Jobs are made of tasks that are there.
    pipeline = Pipeline.from_uri(os.path.expandvars(config["pipelineYaml"]))
    clusters = {config[f".cluster.{label}.pipetasks"] for label in config["cluster"]}
    assert clusters | set(config["pipetask"]) <= set(pipeline.task_labels)


def testSites():
    """Parsl takes all that the sites say."""
    configs = [BpsConfig(str(BPS/f"{name}.yaml"), defaults={"operator": "me"}) for name in ("local", "slurm")]
    (local,), (slurm,) = (SiteConfig.from_config(config).get_executors() for config in configs)
    assert local.max_workers_per_node == 2
    provider = slurm.provider
    assert (provider.nodes_per_block, provider.cores_per_node, provider.mem_per_node) == (1, 16, 64)
    assert (provider.walltime, provider.account) == ("10:00:00", "FILL_IN")


def submit(folder, *args):
    """Submit a run and return when it is done."""
    (folder/"small.yaml").write_text(SMALL)
    process = subprocess.Popen(
        [BIN/"bps", "submit", "small.yaml", "-b", "gen3", "-i", "LSSTSim/gen2", "-o", "u/dia", "--output-run",
         "u/dia/run", *args], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        start_new_session=True,
        env={**os.environ, "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}", "PWD": str(folder)})
    try:
        output, _ = process.communicate(timeout=240)
    finally:
        # Parsl's workers, if it has not come to its end.
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
    assert process.returncode == 0, output
    return max((folder/"submit").glob("*/*"))


def killJob(folder, output, killed):
    """Kill a process once, when it has begun to write to a file of some name in the folder."""
    while not killed.is_set():
        for process in pathlib.Path("/proc").glob("[0-9]*"):
            try:
                path = os.readlink(process/"fd"/"1")
                command = (process/"cmdline").read_text()
            except OSError:
                continue
            if path.startswith(str(folder)) and path.endswith(output) and "run-qbb\0" in command:
                os.kill(int(process.name), signal.SIGKILL)
                killed.set()
                return
        time.sleep(0.05)


def countImages(submission):
    """Return how many quanta each forced job has begun to execute, by the job's name."""
    logs = (submission/"logs"/"forcedDiaPhot").glob("*.stderr")
    return {path.stem: path.read_text().count("Constructing task and executing quantum") for path in logs}


def report(folder, *graphs):
    """Return rows of tasks, their successful, failed and all quanta, and the text of the report."""
    done = runInFork(BIN/"pipetask", "report", folder/"gen3", *graphs, "--force-v2", "--collections", "u/dia")
    # There is a table of tasks, and one of datasets, of which some have the name of a task.
    rows = [line.split() for line in done.stdout.partition("Caveat codes")[0].splitlines()]
    return [(words[0], *map(int, (words[2], words[-4], words[-2]))) for words in rows
            if words and words[0] in TASKS], done.stdout


def testRunWithADamagedImageAndAKilledJob(tmp_path):
    """All else is done, what failed is named, the next run does that alone, and all is as by pipetask."""
    simulate([str(tmp_path/"gen2"), "--visits", "3", "--size", "300", "--objects", "40"])
    assert convertDiaRepo.main([str(tmp_path/"gen2"), str(tmp_path/"gen3")]) == 0
    runPipeline(tmp_path/"gen3", "dia.yaml", "u/expected")

    # Compressed pixels of an image of the second job, of which association reads the WCS alone. Of the first
    # job the process is killed.
    (image,) = (tmp_path/"gen2"/"deepDiff").glob("v1002-*/R22/diffexp-S11.fits")
    content = image.read_bytes()
    image.write_bytes(content[:40000] + bytes(100000) + content[140000:])
    killed = threading.Event()
    killer = threading.Thread(target=killJob, args=(tmp_path, "forcedDiaPhot_LSSTSim_001.stdout", killed))
    killer.start()
    try:
        first = submit(tmp_path)
        assert killed.is_set()
    finally:
        killed.set()
        killer.join()
    # The jobs are tried twice, and do what is done already once.
    done = countImages(first)
    assert done["forcedDiaPhot_LSSTSim_002"] == 3 + 1 and done["forcedDiaPhot_LSSTSim_001"] in (3, 3 + 1)
    graphs = [first/"u_dia_run.qg"]
    rows, text = report(tmp_path, *graphs)
    assert rows == [("diaObjectMaker", 1, 0, 1), ("forcedDiaPhot", 5, 1, 6), ("diaLightCurves", 0, 0, 1)]
    assert "124  1002" in text and "diaLightCurves" not in readTypes(tmp_path, "u/dia")

    image.write_bytes(content)
    second = submit(tmp_path, "--extra-qgraph-options", "--extend-run --skip-existing --clobber-outputs")
    assert countImages(second) == {"forcedDiaPhot_LSSTSim_001": 1}
    assert not (second/"logs"/"diaObjectMaker").exists()
    rows, _ = report(tmp_path, *graphs, second/"u_dia_run.qg")
    assert rows == [("diaObjectMaker", 1, 0, 1), ("forcedDiaPhot", 6, 0, 6), ("diaLightCurves", 1, 0, 1)]
    requireEqual(tmp_path, "u/dia", "u/expected")


def readTypes(folder, collection):
    """Return the names of the types of all datasets of a collection."""
    butler = Butler.from_config(str(folder/"gen3"))
    return {ref.datasetType.name for ref in butler.query_all_datasets(collection, limit=None)}


def requireEqual(folder, collection, expected):
    """Check that all results are equal in every bit."""
    mine, theirs = (Butler.from_config(str(folder/"gen3"), collections=name)
                    for name in (collection, expected))
    for name in "diaLightCurves", "diaLightCurveSummary":
        tables = [butler.get(name, instrument="LSSTSim").to_pandas() for butler in (mine, theirs)]
        assert len(tables[0]) > 10 and tables[0].equals(tables[1])
    for name in "reproDIAObjects", "reproDIASources", "forcedDIASource":
        refs = theirs.query_datasets(name)
        assert len(refs) == (6 if name == "forcedDIASource" else 1)
        for ref in refs:
            catalog, other = (butler.get(name, ref.dataId) for butler in (mine, theirs))
            assert len(catalog) and catalog.schema == other.schema
            for column in catalog.schema.getNames():
                values = (np.array(table[column]) for table in (catalog, other))
                np.testing.assert_array_equal(*values, err_msg=column)
