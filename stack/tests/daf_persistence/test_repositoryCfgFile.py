# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""``repositoryCfg.yaml``: the bytes of the real stack, and files that want to run code."""

import os
import pickle

import pytest
import yaml

from lsst.daf.persistence import (
    Butler,
    ButlerLocation,
    Mapper,
    ParentsMismatch,
    Policy,
    PosixStorage,
    RepositoryCfg,
    Storage,
)
from lsst.obs.lsstSim import LsstSimMapper

OVERLAY = {"datasets": {"foo": {"template": "foo-%(visit)d.fits", "storage": "FitsCatalogStorage"}}}

# As PyYAML writes the objects of the real stack.
FILE = """!RepositoryCfg_v1
_mapper: &id001 !!python/name:lsst.obs.lsstSim.lsstSimMapper.LsstSimMapper ''
_mapperArgs: {}
_parents:
- ../in
- !RepositoryCfg_v1
  _mapper: *id001
  _mapperArgs: {}
  _parents: []
  _policy: null
  _root: ../old
  dirty: true
_policy: !!python/object:lsst.daf.persistence.policy.Policy
  data:
    datasets:
      foo:
        storage: FitsCatalogStorage
        template: foo-%(visit)d.fits
_root: null
dirty: true
"""


def makeCfg(tmp_path):
    old = RepositoryCfg(str(tmp_path/"old"), LsstSimMapper, {}, [], None)
    parents = [str(tmp_path/"in"), old]
    return RepositoryCfg(str(tmp_path/"out"), LsstSimMapper, {}, parents, Policy(OVERLAY))


def writeFile(tmp_path, text):
    (tmp_path/"out").mkdir(exist_ok=True)
    (tmp_path/"out"/"repositoryCfg.yaml").write_text(text)
    return str(tmp_path/"out")


def testWritesWhatTheStackWrites(tmp_path):
    Storage.putRepositoryCfg(makeCfg(tmp_path), str(tmp_path/"out"))
    assert (tmp_path/"out"/"repositoryCfg.yaml").read_text() == FILE


def testReadsWhatTheStackWrote(tmp_path):
    cfg = Storage().getRepositoryCfg(writeFile(tmp_path, FILE))
    assert cfg == makeCfg(tmp_path)
    assert cfg.mapper is LsstSimMapper
    assert isinstance(cfg.policy, Policy) and cfg.policy == OVERLAY
    assert cfg.parents[0] == str(tmp_path/"in")
    assert cfg.parents[1].root == str(tmp_path/"old")


def testParentsWithAbsolutePaths(tmp_path):
    text = FILE.replace("_root: ../old", f"_root: {tmp_path/'old'}")
    cfg = Storage().getRepositoryCfg(writeFile(tmp_path, text))
    assert cfg == makeCfg(tmp_path)
    cfg.extendParents([*cfg.parents, str(tmp_path/"more")])
    assert len(cfg.parents) == 3


def testUnsafeYamlReadsItToo(tmp_path):
    # The real stack reads the files that the slice writes with this loader; this one the test wrote itself.
    Storage.putRepositoryCfg(makeCfg(tmp_path), str(tmp_path/"out"))
    cfg = yaml.load((tmp_path/"out"/"repositoryCfg.yaml").read_text(), Loader=yaml.UnsafeLoader)
    assert cfg.policy == OVERLAY


@pytest.mark.parametrize("tag", [
    "!!python/object/apply:os.system ['touch {marker}']",
    "!!python/object/new:os.system ['touch {marker}']",
    "!!python/object:subprocess.Popen {{args: 'touch {marker}'}}",
    "!!python/module:antigravity ''",
    "!!python/name:os.system ''",
    "!!python/name:lsst.obs.base.utils.re ''",
    "!!python/name:lsst.obs.missing.Mapper ''",
    "!!python/name:this.is.not.imported ''",
    "!unknown {{}}",
])
def testRefusesOtherObjects(tmp_path, tag):
    marker = tmp_path/"marker"
    mapper = tag.format(marker=marker)
    text = f"!RepositoryCfg_v1\n_mapper: {mapper}\n_mapperArgs: {{}}\n_parents: []\n_root: null\n"
    with pytest.raises(RuntimeError, match="repositoryCfg.yaml"):
        Storage().getRepositoryCfg(writeFile(tmp_path, text))
    assert not marker.exists()


@pytest.mark.parametrize("text", ["!RepositoryCfg_v1 {_mapper: null}", "[1, 2", "a: b"])
def testRefusesOtherFiles(tmp_path, text):
    with pytest.raises(RuntimeError, match="repositoryCfg.yaml"):
        Storage().getRepositoryCfg(writeFile(tmp_path, text))


@pytest.mark.parametrize("name", ["os.path.join", "this.s", "pathlib.Path", "Mapper"])
def testMapperFileNamesOnlyMappers(tmp_path, name):
    (tmp_path/"_mapper").write_text(name + "\n")
    with pytest.raises(RuntimeError, match="_mapper"):
        PosixStorage.getMapperClass(str(tmp_path))


def testMapperFile(tmp_path):
    (tmp_path/"_mapper").write_text("lsst.obs.lsstSim.LsstSimMapper\n")
    (tmp_path/"child").mkdir()
    (tmp_path/"child"/"_parent").symlink_to(tmp_path)
    assert PosixStorage.getMapperClass(str(tmp_path)) is LsstSimMapper
    assert PosixStorage.getMapperClass(str(tmp_path/"child")) is LsstSimMapper
    assert PosixStorage.getMapperClass(str(tmp_path/"nowhere")) is None
    assert not (tmp_path/"nowhere").exists()


def testStoredCfgIsNotReplaced(tmp_path):
    Storage.putRepositoryCfg(makeCfg(tmp_path), str(tmp_path/"out"))
    Storage.putRepositoryCfg(makeCfg(tmp_path), str(tmp_path/"out"))
    other = makeCfg(tmp_path)
    other._policy = None
    with pytest.raises(RuntimeError, match="can not be extended"):
        Storage.putRepositoryCfg(other, other.root)
    other = makeCfg(tmp_path)
    other._parents = other._parents[1:]
    with pytest.raises(RuntimeError, match="Can not extend"):
        Storage.putRepositoryCfg(other, other.root)
    assert (tmp_path/"out"/"repositoryCfg.yaml").read_text() == FILE


def testParentsAreAppended(tmp_path):
    cfg = makeCfg(tmp_path)
    Storage.putRepositoryCfg(cfg, cfg.root)
    cfg.addParents(str(tmp_path/"more"))
    Storage.putRepositoryCfg(cfg, cfg.root)
    assert len(Storage().getRepositoryCfg(cfg.root).parents) == 3
    with pytest.raises(ParentsMismatch):
        cfg.extendParents([str(tmp_path/"more")])


class PickleMapper(Mapper):
    """A mapper for ``foo``, a pickle in a file of its own for each data ID."""

    def __init__(self, root, **kwargs):
        self.root, self.storage = root, Storage.makeFromURI(root)

    def map_foo(self, dataId, write):
        name = "filename" + "".join(f"_{key}{value}" for key, value in dataId.items()) + ".txt"
        path = os.path.join(self.root, name)
        if write or os.path.exists(path):
            return ButlerLocation("list", None, "PickleStorage", path, dataId, self, self.storage)


def testPicklesAreRefused(tmp_path):
    (tmp_path/"filename_a1.txt").write_bytes(pickle.dumps([1]))
    butler = Butler(outputs={"root": str(tmp_path), "mode": "rw", "mapper": PickleMapper})
    assert butler.datasetExists("foo", a=1)
    with pytest.raises(RuntimeError, match="PickleStorage is refused"):
        butler.get("foo", a=1)
    with pytest.raises(RuntimeError, match="PickleStorage is refused"):
        butler.put([1], "foo", a=2)
