# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""The policy of a repository adds dataset types, and has nothing executed or read as something else."""

import sys

import pytest

from lsst.daf.persistence import Butler, Policy

EVIL = "open(__file__ + '.ran', 'w').close()\n"
ID = dict(visit=853, raft="2,2", sensor="1,2", filter="r")


def store(repository, types, section="datasets"):
    """Store a policy as somebody would who edits the file."""
    policy = Policy({section: types})
    text = "!RepositoryCfg_v1\n_mapper: lsst.obs.lsstSim.lsstSimMapper.LsstSimMapper\n_mapperArgs: {}\n" \
           "_parents: []\n_root: null\n_policy: !!python/object:lsst.daf.persistence.policy.Policy\n"
    (repository/"repositoryCfg.yaml").write_text(text + f"  data: {policy.data!r}\n".replace("None", "null"))
    return str(repository)


def thing(**changes):
    return {"thing": {"template": "thing.yaml", "python": "lsst.daf.base.PropertyList",
                      "persistable": "PropertyList", "storage": "YamlStorage", **changes}}


def testKnownTypesStayWhatTheyAre(repository):
    """An input's policy had its catalogs run as a config."""
    (repository/"evil.py").write_text(EVIL)
    evil = {"storage": "ConfigStorage", "template": "evil.py", "python": "lsst.pex.config.Config"}
    for changes in (evil, {"storage": "YamlStorage"}, {"python": "lsst.afw.table.BaseCatalog"}):
        with pytest.raises(RuntimeError, match="deepDiff_diaSrc.*the mapper knows it, with another"):
            Butler(store(repository, {"deepDiff_diaSrc": changes})).get("deepDiff_diaSrc", ID)
    with pytest.raises(RuntimeError, match="calexp.*another storage than 'YamlStorage'"):
        Butler(store(repository, {"calexp": {"storage": "YamlStorage"}}, "exposures"))
    with pytest.raises(RuntimeError, match="Duplicate mapping policy for dataset type deepDiff_diaSrc"):
        Butler(store(repository, {"deepDiff_diaSrc": {"template": "x"}}, "images"))
    assert not (repository/"evil.py.ran").exists()


def testFilesOfKnownTypesMayBeElsewhere(repository):
    (repository/"deepDiff").rename(repository/"other")
    template = "other/v%(visit)d-f%(filter)s/R%(raft)s/diaSrc-S%(sensor)s.fits"
    butler = Butler(store(repository, {"deepDiff_diaSrc": {"template": template}}))
    assert len(butler.get("deepDiff_diaSrc", ID)) > 0


def testConfigStorageIsForConfigs(repository):
    (repository/"thing.yaml").write_text(EVIL)
    for name in ("lsst.pex.config.Config", "lsst.daf.base.PropertyList"):
        with pytest.raises(RuntimeError, match="'thing'.*ConfigStorage is for types that end with _config"):
            Butler(store(repository, thing(storage="ConfigStorage", python=name))).get("thing")
    types = {"my_config": thing(storage="ConfigStorage")["thing"]}
    with pytest.raises(RuntimeError, match="thing.yaml: PropertyList is no config"):
        Butler(store(repository, types)).get("my_config")
    assert not (repository/"thing.yaml.ran").exists()


@pytest.mark.parametrize("name", [
    "fuzzCanary.run", "this.x", "unittest.__main__.x", "lsst.daf.persistence.butler.logging.FileHandler",
    "lsst.__main__.x", "os.system", "lsst.daf.persistence.doImport", "name"])
def testClassesAreOfTheStack(repository, tmp_path, monkeypatch, name):
    (tmp_path/"fuzzCanary.py").write_text(EVIL)
    monkeypatch.syspath_prepend(tmp_path)
    (repository/"thing.yaml").write_text("a: 1\n")
    before = set(sys.modules)
    for storage in ("YamlStorage", "FitsStorage", "FitsCatalogStorage"):
        butler = Butler(store(repository, thing(python=name, storage=storage)))
        for datasetType in ("thing", "thing_filename"):
            with pytest.raises(RuntimeError, match=f"Refused '{name}' as the class"):
                butler.get(datasetType)
    assert not {"this", "fuzzCanary", "unittest.__main__"} & (set(sys.modules) - before)
    assert not (tmp_path/"fuzzCanary.py.ran").exists()


def testParquetIsOfTheClassesForIt(repository):
    """They are called with the path: a handler of logs would be opened for writing there."""
    (repository/"thing.yaml").touch()
    for name in ("logging.FileHandler", "lsst.daf.persistence.safeFileIo.SafeLockedFileForWrite"):
        with pytest.raises(RuntimeError, match=f"{name}' is no table in Parquet"):
            Butler(store(repository, thing(python=name, storage="ParquetStorage"))).get("thing")


def testTypesThatOthersReadDoNoHarm(repository):
    """A repository where somebody's own task has stored its config can still be read."""
    types = {"her_config": thing(python="herTask.HerConfig", storage="ConfigStorage")["thing"]}
    butler = Butler(store(repository, types))
    assert len(butler.get("deepDiff_diaSrc", ID)) > 0
    (repository/"thing.yaml").touch()
    with pytest.raises(RuntimeError, match="Refused 'herTask.HerConfig'"):
        butler.get("her_config")


@pytest.mark.parametrize("changes, message", [
    ({"template": "%(visit)02000000000d"}, "is not a template"),
    ({"template": "%(visit)d%n"}, "is not a template"),
    ({"tables": ["raw, (SELECT 1)"]}, "not the name of a table or column"),
    ({"tables": "raw", "columns": "visit FROM raw; --"}, "not the name of a table or column")])
def testTemplatesAndTablesAreNames(repository, changes, message):
    with pytest.raises(RuntimeError, match=f"'thing' .*{message}"):
        Butler(store(repository, thing(**changes)))


def testPolicyNamesNoOtherPlace(repository, tmp_path):
    store(repository, {})
    cfg = repository/"repositoryCfg.yaml"
    text = cfg.read_text()
    cfg.write_text(text.replace("{'datasets': {}}", f"{{'calibRoot': '{tmp_path}'}}"))
    with pytest.raises(RuntimeError, match="only mapperArgs can name a calibRoot"):
        Butler(str(repository))
    cfg.write_text(text.replace("{'datasets': {}}", "{'registryPath': '../../registry.sqlite3'}"))
    with pytest.raises(RuntimeError, match="leaves the repository"):
        Butler(str(repository))
    cfg.write_text(text.replace("_mapperArgs: {}", f"_mapperArgs: {{root: '{tmp_path}/made'}}"))
    with pytest.raises(RuntimeError, match="mapperArgs"):
        Butler(str(repository))
    assert not (tmp_path/"made").exists()
