# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Dotted names, updates and merges of policies."""

import pytest
import yaml

from lsst.daf.persistence import Policy


@pytest.fixture
def policy():
    return Policy({"a": {"b": 1, "c": {"d": [2, 3]}}, "e": "text"})


def testDottedNames(policy):
    assert policy["a.c.d"] == [2, 3]
    assert isinstance(policy["a.c"], Policy)
    assert policy["a.x.y"] is None
    assert "a.c.d" in policy and "a.c.x" not in policy
    policy["a.n.m"] = 5
    assert policy["a.n"] == {"m": 5}
    assert sorted(policy.names()) == ["a", "a.b", "a.c", "a.c.d", "a.n", "a.n.m", "e"]
    assert policy.names(topLevelOnly=True) == ["a", "e"]


def testUpdateAndMerge(policy):
    policy.update(Policy({"a": {"b": 9, "new": 1}}))
    assert policy["a"] == {"b": 9, "new": 1, "c": {"d": [2, 3]}}
    policy.merge({"a": {"b": 0, "newer": 2}, "f": 1})
    assert policy["a.b"] == 9 and policy["a.newer"] == 2 and policy["f"] == 1


def testCopiesAreIndependent(policy):
    copy = Policy(policy)
    copy["a.b"] = 7
    assert policy["a.b"] == 1


def testArrays(policy):
    assert policy.asArray("e") == ["text"]
    assert policy.asArray("a.b") == [1]
    assert policy.asArray("a.c.d") == [2, 3]


def testFiles(policy, tmp_path):
    path = str(tmp_path/"policy.yaml")
    policy.dumpToFile(path)
    first = Policy(path)
    assert first == policy
    first["a.b"] = 8
    assert Policy(path) == policy
    with pytest.raises(OSError):
        Policy(str(tmp_path/"missing.yaml"))
    with pytest.raises(RuntimeError, match="policy.txt"):
        Policy("policy.txt")


def testFilesWithCodeAreRefused(tmp_path):
    path = tmp_path/"policy.yaml"
    path.write_text("a: !!python/object/apply:os.getcwd []\n")
    with pytest.raises(yaml.YAMLError):
        Policy(str(path))


def testPolicyFilesOfPackages(monkeypatch, tmp_path):
    assert len(Policy(Policy.defaultPolicyFile("obs_base", "datasets.yaml", "policy"))) > 200
    monkeypatch.setenv("OBS_BASE_DIR", str(tmp_path))
    assert Policy.defaultPolicyFile("obs_base", "x.yaml") == str(tmp_path/"x.yaml")
    with pytest.raises(LookupError):
        Policy.defaultPolicyFile("no_product", "x.yaml")
