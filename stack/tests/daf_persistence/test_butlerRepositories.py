# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Inputs, outputs, parents and what the butler does with them."""

import os
import pickle

import pytest

from lsst.daf.base import PropertySet
from lsst.daf.persistence import Butler, DataId, NoResults, Policy, ReadProxy

OVERLAY = Policy({"datasets": {"notes": {
    "template": "notes/%(name)s.yaml", "python": "lsst.daf.base.PropertySet", "storage": "YamlStorage"}}})
ID = {"visit": 840, "raft": "2,2", "sensor": "1,1"}


@pytest.fixture
def output(repository, tmp_path):
    """An output repository that knows a dataset type of its own."""
    root = str(tmp_path/"out")
    Butler(inputs={"root": str(repository)}, outputs={"root": root, "mode": "rw", "policy": OVERLAY})
    return root


def makeNotes(text):
    notes = PropertySet()
    notes.set("text", text)
    return notes


def testOverlayIsStored(output):
    butler = Butler(output)
    butler.put(makeNotes("hello"), "notes", name="a")
    assert Butler(output).get("notes", name="a").getScalar("text") == "hello"
    assert os.listdir(os.path.join(output, "notes")) == ["a.yaml"]


def testOverlayThroughALaterOutput(output, tmp_path):
    Butler(output).put(makeNotes("first"), "notes", name="a")
    root = str(tmp_path/"second")
    butler = Butler(inputs={"root": output}, outputs={"root": root, "mode": "rw", "policy": OVERLAY})
    butler.put(makeNotes("second"), "notes", name="b")
    butler = Butler(root)
    assert butler.get("notes", name="a").getScalar("text") == "first"
    assert butler.get("notes", name="b").getScalar("text") == "second"


def testParentsStayIgnorant(output):
    butler = Butler(output)
    for function in (butler.datasetExists, butler.get):
        with pytest.raises(AttributeError, match="map_notes"):
            function("notes", name="missing")
    assert not butler.datasetExists("notes", name="missing", write=True)


def testStoredOverlayCannotBeChanged(output, repository):
    other = {"root": output, "mode": "rw", "policy": Policy({"datasets": {}})}
    with pytest.raises(RuntimeError, match="must match for writable"):
        Butler(inputs={"root": str(repository)}, outputs=other)
    butler = Butler(inputs={"root": str(repository)}, outputs={"root": output, "mode": "rw"})
    assert not butler.datasetExists("notes", name="a", write=True)


def testOtherInputsAreRefused(output, tmp_path, repository):
    os.rename(repository, tmp_path/"moved")
    with pytest.raises(RuntimeError, match="do not match parents"):
        Butler(inputs=str(tmp_path/"moved"), outputs={"root": output, "mode": "w"})


def testMovedParent(output, tmp_path, repository):
    os.rename(repository, tmp_path/"moved")
    with pytest.raises(RuntimeError, match=f"No repository at {repository}"):
        Butler(output)
    assert not repository.exists()


def testOutputsHideInputs(output):
    butler = Butler(output)
    catalog = butler.get("deepDiff_diaSrc", ID)
    assert butler.getUri("deepDiff_diaSrc", ID).startswith(os.path.dirname(output) + "/repo")
    assert not butler.datasetExists("deepDiff_diaSrc", ID, write=True)
    butler.put(catalog[:3], "deepDiff_diaSrc", ID)
    assert butler.getUri("deepDiff_diaSrc", ID).startswith(output)
    assert len(butler.get("deepDiff_diaSrc", ID)) == 3


def testBackups(output):
    butler = Butler(output)
    for text in "abc":
        butler.put(makeNotes(text), "notes", name="n", doBackup=True)
    directory = os.path.join(output, "notes")
    assert sorted(os.listdir(directory)) == ["n.yaml", "n.yaml~1", "n.yaml~2"]
    assert "a" in open(os.path.join(directory, "n.yaml~2")).read()


def testFailedWriteKeepsTheOldFile(output):
    butler = Butler(output)
    butler.put(makeNotes("old"), "notes", name="n")
    with pytest.raises(TypeError):
        butler.put((thing for thing in "unwritable"), "notes", name="n")
    assert butler.get("notes", name="n").getScalar("text") == "old"
    assert os.listdir(os.path.join(output, "notes")) == ["n.yaml"]


def testMissingRepositories(tmp_path):
    missing = str(tmp_path/"missing")
    with pytest.raises(RuntimeError, match=missing):
        Butler(missing)
    with pytest.raises(RuntimeError, match=missing):
        Butler(inputs=missing)
    assert not os.path.exists(missing)


def testMissingMapperFile(repository, tmp_path):
    (repository/"_mapper").unlink()
    with pytest.raises(RuntimeError, match="no mapper specified"):
        Butler(str(repository))
    butler = Butler(inputs=str(repository))
    with pytest.raises(RuntimeError, match="neither a repositoryCfg.yaml nor a _mapper"):
        butler.get("deepDiff_diaSrc", ID)


def testMissingParent(output, repository, tmp_path):
    root = str(tmp_path/"second")
    Butler(inputs=output, outputs={"root": root, "mode": "rw"})
    os.rename(output, tmp_path/"moved")
    with pytest.raises(RuntimeError, match=f"No repository at {output}, which is a parent of {root}"):
        Butler(root)


def testWrongArguments(repository):
    root = str(repository)
    with pytest.raises(RuntimeError, match="version 1 API"):
        Butler(root, inputs=root)
    with pytest.raises(RuntimeError, match="input should be readable"):
        Butler(inputs={"root": root, "mode": "w"})
    with pytest.raises(RuntimeError, match="output should be writable"):
        Butler(outputs={"root": root, "mode": "r"})


def testErrorsNameTheData(repository):
    butler = Butler(str(repository))
    with pytest.raises(AttributeError, match="'foo' is not known"):
        butler.get("foo", ID)
    with pytest.raises(KeyError, match="foo"):
        butler.subset("foo")
    with pytest.raises(NoResults, match=r"2 matches.*'visit': 840"):
        butler.get("deepDiff_diaSrc", visit=840)
    with pytest.raises(NoResults, match="nothing at .*v1-fg/R22/diaSrc-S11.fits"):
        butler.get("deepDiff_diaSrc", {**ID, "visit": 1, "filter": "g"})
    with pytest.raises(RuntimeError, match="a real number is required"):
        butler.get("deepDiff_diaSrc", {**ID, "visit": "840", "filter": "g"})
    with pytest.raises(RuntimeError, match="No unique dataset.*2 matches"):
        butler.dataRef("deepDiff_diaSrc", visit=840)


def testTags(repository):
    butler = Butler(inputs={"root": str(repository), "tags": "mine"})
    assert butler.datasetExists("deepDiff_diaSrc", DataId(ID, tag="mine"))
    assert not butler.datasetExists("deepDiff_diaSrc", DataId(ID, tag="other"))
    assert len(butler.subset("deepDiff_diaSrc", dataId=DataId(visit=840, tag="mine"))) == 2
    assert butler.getKeys("deepDiff_diaSrc", tag="other") is None


def testAliases(repository):
    butler = Butler(str(repository))
    butler.defineAlias("coadd", "deep")
    assert butler.datasetExists("@coaddDiff_diaSrc", ID)
    with pytest.raises(RuntimeError, match="overlaps"):
        butler.defineAlias("coaddName", "x")
    with pytest.raises(RuntimeError, match="@other"):
        butler.get("@other", ID)


def testReferences(repository):
    butler = Butler(str(repository))
    subset = butler.subset("deepDiff_diaSrc", filter="g")
    assert len(subset) == 6
    ref = next(iter(subset))
    assert ref.dataId == {**ID, "filter": "g"}
    assert ref.datasetExists() and len(ref.get()) == len(butler.get("deepDiff_diaSrc", ID))
    assert ref.subItems() == () and ref.subLevels() == set()
    visits = butler.subset("deepDiff_diaSrc", level="visit", filter="g")
    assert [ref.dataId["visit"] for ref in visits] == [840, 879, 918]
    visit = next(iter(visits))
    assert visit.subLevels() == {"raft", "sensor"}
    assert [item.dataId["sensor"] for item in visit.subItems()] == ["1,1", "1,2"]


def testPickledReferences(repository):
    butler = Butler(str(repository))
    butler.defineAlias("coadd", "deep")
    refs = list(butler.subset("deepDiff_diaSrc"))
    text = pickle.dumps(refs[0])
    assert len(text) < 2000
    ref = pickle.loads(text)
    assert ref.dataId == refs[0].dataId and ref.datasetExists("@coaddDiff_diaSrc")


def testLazyReading(repository):
    proxy = Butler(str(repository)).get("deepDiff_diaSrc", ID, immediate=False)
    assert isinstance(proxy, ReadProxy)
    assert len(proxy) == 20 and proxy.schema.find("id").key is not None
    assert proxy[0].getId() == next(iter(proxy)).getId()
