# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""The dataset types of this package reach a repository through its own configuration."""

import subprocess
import sys
from pathlib import Path

import pytest
from lsst.daf.persistence import Butler, Policy, RepositoryCfg, Storage
from lsst.dia.repro.commandLine.overlay import getOverlay, installOverlay
from lsst.obs.lsstSim import LsstSimMapper

READ = """
import sys
from lsst.daf.persistence import Butler, Policy, RepositoryCfg, Storage
assert len(Butler(sys.argv[1]).get("reproDIAObjects", immediate=True)) > 0
assert "lsst.dia" not in sys.modules
"""


def testOverlayNamesTheDatasets():
    names = set(getOverlay()["datasets"].names(True))
    assert {"reproDIAObjects", "reproDIAObjects_schema", "reproDIASources", "forcedDIASource",
            "forcedDIASource_schema", "diaObjectMaker_config", "forcedDiaPhot_metadata"} <= names


def testAnyButlerReadsTheOutput(repository, tmp_path, run):
    assert run("diaObjectMaker.py", repository, "--id", "--output", tmp_path/"out").returncode == 0
    subprocess.run([sys.executable, "-c", READ, str(tmp_path/"out")], check=True)


def testInPlace(repository, run):
    assert run("diaObjectMaker.py", repository, "--id").returncode == 0
    assert run("forcedDiaPhot.py", repository, "--id", "visit=866").returncode == 0
    assert Butler(str(repository)).datasetExists("forcedDIASource", visit=866, raft="2,2", sensor="1,1")


def testRerun(repository, run):
    assert run("diaObjectMaker.py", repository, "--id", "--rerun", "first").returncode == 0
    assert run("forcedDiaPhot.py", repository, "--id", "visit=866", "--rerun", "first:second").returncode == 0
    butler = Butler(str(repository/"rerun"/"second"))
    assert butler.datasetExists("forcedDIASource", visit=866, raft="2,2", sensor="1,1")
    assert butler.datasetExists("reproDIAObjects")


def testClobberOutput(repository, tmp_path, run):
    command = ["diaObjectMaker.py", repository, "--id", "--output", tmp_path/"out"]
    assert run(*command).returncode == 0
    (tmp_path/"out"/"stray").write_text("")
    assert run(*command, "--clobber-output").returncode == 0
    assert not (tmp_path/"out"/"stray").exists()
    assert Butler(str(tmp_path/"out")).datasetExists("reproDIAObjects")


def testRepositoryThatCannotBeExtended(repository, run, tmp_path):
    # A butler that writes leaves a configuration without our dataset types.
    Butler(inputs=str(repository), outputs={"root": str(tmp_path/"other"), "mode": "rw"})
    with pytest.raises(RuntimeError, match="--output or --rerun"):
        installOverlay(str(tmp_path/"other"))
    result = run("diaObjectMaker.py", tmp_path/"other", "--id")
    assert result.returncode == 2 and "--output or --rerun" in result.stderr
    assert run("diaObjectMaker.py", tmp_path/"other", "--id", "--output", tmp_path/"new").returncode == 0


def makeOlder(root):
    """Let a repository be as an older version left it: a type less, and a template of its own."""
    cfg = Storage().getRepositoryCfg(str(root))
    policy = Policy(cfg.policy)
    del policy.data["datasets"]["diaLightCurveSummary"]
    policy["datasets.diaLightCurves.template"] = "elsewhere/diaLightCurves.parq"
    (root/"repositoryCfg.yaml").unlink()
    older = RepositoryCfg(str(root), cfg.mapper, cfg.mapperArgs, cfg.parents, policy)
    Storage.putRepositoryCfg(older, str(root))


@pytest.mark.parametrize("isInPlace", [True, False])
def testRepositoryOfAnOlderVersionLearnsNewTypes(isInPlace, repository, tmp_path):
    root = repository if isInPlace else tmp_path/"out"
    arguments = [str(repository)] if isInPlace else [str(repository), str(root)]
    installOverlay(*arguments)
    makeOlder(root)
    before = Storage().getRepositoryCfg(str(root))
    assert "datasets.diaLightCurveSummary" not in before.policy
    installOverlay(*arguments)
    after = Storage().getRepositoryCfg(str(root))
    assert after.policy["datasets.diaLightCurveSummary.template"] == "deepDiff/diaLightCurveSummary.parq"
    # Its own definitions stay: they say where its data are.
    assert after.policy["datasets.diaLightCurves.template"] == "elsewhere/diaLightCurves.parq"
    for name in ("mapper", "mapperArgs", "parents"):
        assert getattr(after, name) == getattr(before, name)
    assert [path.name for path in root.glob(".*")] == []
    # It can still be moved, parents included.
    moved = root.rename(tmp_path/"moved")
    uri = Butler(str(moved)).getUri("diaLightCurveSummary", write=True)
    assert uri == str(moved/"deepDiff"/"diaLightCurveSummary.parq")
    assert Butler(str(moved)).datasetExists("deepDiff_diaSrc", visit=866, raft="2,2", sensor="1,1")


def storePolicy(root, types, parents=()):
    """Store a policy as somebody would who edits the file."""
    root.mkdir(exist_ok=True)
    cfg = root/"repositoryCfg.yaml"
    cfg.unlink(missing_ok=True)
    stored = RepositoryCfg(str(root), LsstSimMapper, {}, list(map(str, parents)), Policy({"datasets": types}))
    Storage.putRepositoryCfg(stored, str(root))


@pytest.mark.parametrize("types", [
    {"reproDIAObjects": {"python": "lsst.afw.table.SourceCatalog", "storage": "PickleStorage"}},
    {"forcedDIASource": {"python": "lsst.afw.table.BaseCatalog", "storage": "FitsCatalogStorage"}},
    {"deepDiff_diaSrc": {"storage": "ConfigStorage"}}, {"anything": {"storage": "PickleStorage"}}])
def testDatasetsStayWhatTheyAre(repository, tmp_path, types):
    """Those of this package in any repository that a command reads or writes, and all that would be run."""
    storePolicy(tmp_path/"hostile", types, [repository])
    storePolicy(tmp_path/"child", {}, [tmp_path/"hostile", tmp_path/"child"])
    for input, output in (("hostile", None), ("hostile", "out"), ("child", "out"), ("repo", "hostile")):
        with pytest.raises(RuntimeError, match="Refused the policy of .*/hostile: it has"):
            installOverlay(str(tmp_path/input), output and str(tmp_path/output))
    assert not (tmp_path/"out").exists()


def testOtherTypesMayBeAnything(repository, tmp_path):
    storePolicy(tmp_path/"other", {"her_config": {"storage": "ConfigStorage", "python": "her.Config"},
                                   "thing": {"storage": "YamlStorage"}, "deepDiff_diaSrc": {"template": "x"}},
                [repository])
    installOverlay(str(tmp_path/"other"), str(tmp_path/"out"))
    assert (tmp_path/"out"/"repositoryCfg.yaml").exists()


@pytest.mark.parametrize("isRelative", [True, False])
def testInPlaceWithALinkedParent(isRelative, repository, tmp_path, run):
    # As the repositories of the Twinkles survey are: the data below, the registry above.
    linked = tmp_path/"linked"
    linked.mkdir()
    (linked/"_parent").symlink_to(Path("..")/repository.name if isRelative else repository)
    (repository/"deepDiff"/"v866-fi").rename(linked/"v866-fi")
    (linked/"deepDiff").mkdir()
    (linked/"v866-fi").rename(linked/"deepDiff"/"v866-fi")
    done = run("diaObjectMaker.py", linked, "--id", "visit=840^853^866")
    assert done.returncode == 0, done.stdout + done.stderr
    assert not (repository/"repositoryCfg.yaml").exists()
    assert "../" + repository.name in (linked/"repositoryCfg.yaml").read_text()
    moved = tmp_path/"deeper"/"moved"
    moved.parent.mkdir()
    linked.rename(moved)
    repository.rename(tmp_path/"deeper"/repository.name)
    butler = Butler(str(moved))
    for visit in (853, 866):
        assert butler.datasetExists("deepDiff_diaSrc", visit=visit, raft="2,2", sensor="1,1")
    assert len(butler.get("reproDIASources", immediate=True)) > 0
    assert butler.queryMetadata("deepDiff_diaSrc", ["visit"])
