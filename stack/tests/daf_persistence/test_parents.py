# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Each parent of a repository is visited once, and circles of parents are named."""

import pytest

from lsst.daf.persistence import Butler, Storage

CFG = """!RepositoryCfg_v1
_mapper: lsst.obs.lsstSim.lsstSimMapper.LsstSimMapper
_mapperArgs: {{}}
_parents: {parents}
_policy: null
_root: null
"""


def store(root, *parents):
    root.mkdir(exist_ok=True)
    (root/"repositoryCfg.yaml").write_text(CFG.format(parents=list(parents)))
    return str(root)


@pytest.mark.parametrize("parents, circle", [
    ({"a": ["."]}, "a -> .*a$"), ({"a": ["../b"], "b": ["../a"]}, "a -> .*b -> .*a$"),
    ({"a": ["../b"], "b": ["../c"], "c": ["../b"]}, "other: [^ ]*b -> [^ ]*c -> [^ ]*b$")])
def testCirclesAreNamed(tmp_path, parents, circle):
    for name, others in parents.items():
        store(tmp_path/name, *others)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*.yaml")}
    for kwargs in ({"root": str(tmp_path/"a")}, {"inputs": str(tmp_path/"a")},
                   {"inputs": str(tmp_path/"a"), "outputs": str(tmp_path/"out")}):
        with pytest.raises(RuntimeError, match="parents of each .*" + circle):
            Butler(**kwargs)
    assert {path: path.read_bytes() for path in tmp_path.rglob("*.yaml")} == before


@pytest.mark.parametrize("target", [".", "../b"])
def testCirclesOfLinksAreNamed(tmp_path, target):
    for name, other in (("a", target), ("b", "../a")):
        (tmp_path/name).mkdir()
        (tmp_path/name/"_parent").symlink_to(other)
    with pytest.raises(RuntimeError, match="parents of each other: .*a -> "):
        Butler(inputs=str(tmp_path/"a"))
    assert Butler.getMapperClass(str(tmp_path/"a")) is None


def testPairsAreVisitedOnce(tmp_path, monkeypatch):
    """24 levels of two repositories, each with both of the next as parents: 16 million ways."""
    nLevels = 24
    for level in range(nLevels):
        parents = [f"../{level + 1}a", f"../{level + 1}b"] if level < nLevels - 1 else []
        for side in "ab":
            store(tmp_path/f"{level}{side}", *parents)
    reads = []
    original = Storage.getRepositoryCfg
    monkeypatch.setattr(Storage, "getRepositoryCfg",
                        lambda self, uri: reads.append(uri) or original(self, uri))
    butler = Butler(inputs=str(tmp_path/"0a"))
    assert len(butler._repos.inputs()) == len(butler._repos.all()) == 2*nLevels - 1
    assert len(reads) < 200


def testSharedParents(tmp_path):
    """Each repository is searched in the order of the first way to it."""
    for name, parents in {"a": "bc", "b": "d", "c": "de", "d": "", "e": ""}.items():
        store(tmp_path/name, *[f"../{parent}" for parent in parents])
    butler = Butler(inputs=[str(tmp_path/"a"), str(tmp_path/"c")])
    assert [data.cfg.root[-1] for data in butler._repos.inputs()] == list("abdce")


def testChainsHaveAnEnd(tmp_path):
    for i in range(400):
        store(tmp_path/str(i), f"../{i + 1}")
    with pytest.raises(RuntimeError, match="More than 300 repositories, as far as .*/300"):
        Butler(inputs=str(tmp_path/"0"))


def testChainOfAUsualLength(tmp_path):
    for i in range(40):
        store(tmp_path/str(i), *[f"../{i + 1}"] if i < 39 else [])
    assert len(Butler(inputs=str(tmp_path/"0"))._repos.inputs()) == 40
