# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Nothing is read or written outside of a repository, whatever its templates, registry and links say."""

import os
import sqlite3

import pytest

from lsst.daf.base import PropertyList
from lsst.daf.persistence import Butler, Policy, Storage
from lsst.obs.lsstSim import LsstSimMapper

ID = dict(visit=1, raft="2,2", sensor="1,1")


def makeRepository(root, template):
    types = {"thing": {"template": template, "python": "lsst.daf.base.PropertyList",
                       "persistable": "PropertyList", "storage": "YamlStorage", "tables": "raw"}}
    return Butler(outputs={"root": str(root), "mode": "rw", "mapper": LsstSimMapper,
                           "policy": Policy({"datasets": types})})


def requireRefused(butler, tmp_path, message, **dataId):
    """Nothing of this repository may be outside of its root, neither read nor written."""
    (tmp_path/"x").mkdir(exist_ok=True)
    (tmp_path/"x"/"thing.yaml").write_text("a: 1\n")
    before = sorted(tmp_path.rglob("*"))
    for action in (butler.get, butler.datasetExists, butler.getUri):
        with pytest.raises(RuntimeError, match=message):
            action("thing", dataId)
    for action in (lambda: butler.put(PropertyList(), "thing", dataId),
                   lambda: butler.put(PropertyList(), "thing", dataId, doBackup=True)):
        with pytest.raises(RuntimeError, match=message):
            action()
    assert sorted(tmp_path.rglob("*")) == before
    assert (tmp_path/"x"/"thing.yaml").read_text() == "a: 1\n"


@pytest.mark.parametrize("template, message", [
    ("../x/thing.yaml", "leaves the repository"), ("a/../../x/thing.yaml", "leaves the repository"),
    ("x/..", "leaves the repository"), ("%(filter)s./x/thing.yaml", "leaves the repository"),
    ("/x/thing.yaml", "should not be absolute")])
def testTemplates(tmp_path, template, message):
    requireRefused(makeRepository(tmp_path/"repo", template), tmp_path, message, filter=".")


def testKeysThatAreFilledInLate(tmp_path):
    butler = makeRepository(tmp_path/"repo", "%%(filter)/thing.yaml")
    for action in (lambda: butler.put(PropertyList(), "thing", filter="../../x"),
                   lambda: butler.get("thing", filter="../../x")):
        with pytest.raises(RuntimeError, match="leaves the repository|is not a name"):
            action()


@pytest.mark.parametrize("value", ["/../../../x", "..", "/x", "../x", "a/b"])
def testValues(tmp_path, value):
    butler = makeRepository(tmp_path/"repo", "%(filter)s/thing.yaml")
    requireRefused(butler, tmp_path, "Refused .* as the filter of thing: it is not a name", filter=value)
    with sqlite3.connect(tmp_path/"repo"/"registry.sqlite3") as connection:
        connection.execute("CREATE TABLE raw_visit (visit INT, filter TEXT)")
        connection.execute("INSERT INTO raw_visit VALUES (1, ?)", [value])
    connection.close()
    requireRefused(Butler(str(tmp_path/"repo")), tmp_path, "as the filter of thing: it is not a name", **ID)


def testLinksLeadOutForReadingOnly(tmp_path):
    """Ingested data are often links, and so are whole folders; what is written stays inside."""
    butler = makeRepository(tmp_path/"repo", "folder/thing.yaml")
    (tmp_path/"x").mkdir()
    (tmp_path/"x"/"thing.yaml").write_text("!<lsst.daf.base.PropertyList> []\n")
    (tmp_path/"repo"/"folder").symlink_to(tmp_path/"x")
    assert butler.datasetExists("thing") and butler.get("thing") is not None
    for doBackup in (False, True):
        with pytest.raises(RuntimeError, match="a link leads to .*/x'?, out of the repository"):
            butler.put(PropertyList(), "thing", doBackup=doBackup)
    assert os.listdir(tmp_path/"x") == ["thing.yaml"]
    (tmp_path/"repo"/"folder").unlink()
    (tmp_path/"repo"/"inside").mkdir()
    (tmp_path/"repo"/"folder").symlink_to("inside")
    butler.put(PropertyList(), "thing")
    assert os.listdir(tmp_path/"repo"/"inside") == ["thing.yaml"]


def testRootThatIsALink(tmp_path):
    makeRepository(tmp_path/"repo", "folder/thing.yaml")
    (tmp_path/"link").symlink_to("repo")
    butler = Butler(str(tmp_path/"link"))
    for _ in range(2):
        butler.put(PropertyList(), "thing", doBackup=True)
    assert sorted(os.listdir(tmp_path/"repo"/"folder")) == ["thing.yaml", "thing.yaml~1"]


def testBackupsOpenNoLinks(tmp_path):
    """Neither is what a link leads to overwritten, nor does it come into the repository."""
    butler = makeRepository(tmp_path/"repo", "thing.yaml")
    (tmp_path/"secret").write_text("secret")
    repo = tmp_path/"repo"
    for links in (["thing.yaml~1"], ["thing.yaml"], ["thing.yaml", "thing.yaml~1", "thing.yaml~2"]):
        butler.put(PropertyList(), "thing")
        for name in links:
            (repo/name).unlink(missing_ok=True)
            (repo/name).symlink_to("../secret")
        butler.put(PropertyList(), "thing", doBackup=True)
        assert (tmp_path/"secret").read_text() == "secret"
        assert not (repo/"thing.yaml").is_symlink()
        assert all("secret" not in path.read_text() for path in repo.glob("thing*") if not path.is_symlink())
        assert not list(repo.glob(".copy-*"))


def testBackupsHoldWhatThereWas(tmp_path):
    butler = makeRepository(tmp_path/"repo", "thing.yaml")
    for i in range(4):
        metadata = PropertyList()
        metadata.set("N", i)
        butler.put(metadata, "thing", doBackup=True)
    for suffix, expected in (("", 3), ("~1", 2), ("~2", 1), ("~3", 0)):
        os.replace(tmp_path/"repo"/f"thing.yaml{suffix}", tmp_path/"repo"/"thing.yaml")
        assert butler.get("thing").getScalar("N") == expected


def testConfigurationThatIsALink(tmp_path):
    """To look whether there is a configuration must not make one elsewhere."""
    (tmp_path/"repo").mkdir()
    (tmp_path/"repo"/"repositoryCfg.yaml").symlink_to(tmp_path/"made")
    with pytest.raises((RuntimeError, OSError), match="repositoryCfg.yaml"):
        makeRepository(tmp_path/"repo", "thing.yaml")
    assert not (tmp_path/"made").exists()


def testRootElsewhereIsNotWrittenTo(tmp_path):
    """A configuration may lie elsewhere than the data; who writes says where."""
    makeRepository(tmp_path/"repo", "thing.yaml")
    cfg = tmp_path/"repo"/"repositoryCfg.yaml"
    (tmp_path/"other").mkdir()
    cfg.write_text(cfg.read_text().replace("_root: null", f"_root: {tmp_path}/other"))
    with pytest.raises(RuntimeError, match="Refused to write to .*other, which the configuration at .*repo"):
        Butler(str(tmp_path/"repo"))
    Butler(inputs=str(tmp_path/"repo"))
    butler = Butler(outputs={"cfgRoot": str(tmp_path/"repo"), "root": str(tmp_path/"other"), "mode": "rw"})
    butler.put(PropertyList(), "thing")
    assert os.listdir(tmp_path/"other") == ["thing.yaml"]
    assert Storage().getRepositoryCfg(str(tmp_path/"repo")).root == str(tmp_path/"other")
