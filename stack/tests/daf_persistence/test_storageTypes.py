# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Objects of each storage type go through the butler unchanged."""

import os

import lsst.pex.config as pexConfig
import pytest

from lsst.daf.base import PropertyList
from lsst.daf.persistence import Butler, ButlerLocation, Mapper, Storage


class ThingConfig(pexConfig.Config):
    number = pexConfig.Field(dtype=int, default=1, doc="a number")


class Table:
    """Stands for a ParquetTable: a file name to read, a method to write."""

    def __init__(self, text=None, filename=None):
        self.text = open(filename).read() if filename else text

    def write(self, filename):
        with open(filename, "w") as stream:
            stream.write(self.text)


class ThingMapper(Mapper):
    """Maps ``thing``, whose data ID says what it is."""

    def __init__(self, root, **kwargs):
        self.root = root
        self.storage = Storage.makeFromURI(root)

    def map_thing(self, dataId, write):
        return ButlerLocation(dataId["python"], None, dataId["storage"], ["thing" + dataId.get("ext", "")],
                              {}, self, self.storage)


@pytest.fixture
def butler(tmp_path):
    return Butler(outputs={"root": str(tmp_path/"repo"), "mode": "rw", "mapper": ThingMapper})


def roundTrip(butler, obj, python, storage, **rest):
    dataId = dict(python=python, storage=storage, **rest)
    assert not butler.datasetExists("thing", dataId)
    butler.put(obj, "thing", dataId)
    assert butler.datasetExists("thing", dataId)
    return butler.get("thing", dataId)


def testConfig(butler):
    config = roundTrip(butler, ThingConfig(number=7), ThingConfig, "ConfigStorage")
    assert config == ThingConfig(number=7)


def testYaml(butler):
    metadata = PropertyList()
    metadata.set("A", 1, "a comment")
    metadata.set("B", [1.5, 2.5])
    again = roundTrip(butler, metadata, "lsst.daf.base.PropertyList", "YamlStorage")
    assert again == metadata and again.getComment("A") == "a comment"


def testPackages(butler):
    from lsst.utils.packages import Packages

    packages = Packages({"python": "3.11", "numpy": "1.0"})
    assert roundTrip(butler, packages, "lsst.utils.packages.Packages", "YamlStorage") == packages


def testYamlWithCodeIsRefused(butler, tmp_path):
    marker = tmp_path/"marker"
    (tmp_path/"repo"/"thing").write_text(f"!!python/object/apply:os.mkdir ['{marker}']\n")
    with pytest.raises(RuntimeError, match="Cannot read YAML file .*thing"):
        butler.get("thing", python="lsst.daf.base.PropertyList", storage="YamlStorage")
    assert not marker.exists()


def testParquet(butler):
    assert roundTrip(butler, Table("rows"), Table, "ParquetStorage").text == "rows"


def testFigures(butler, tmp_path):
    figure = pytest.importorskip("matplotlib.figure").Figure()
    with pytest.raises(NotImplementedError, match="MatplotlibStorage"):
        roundTrip(butler, figure, "builtins.object", "MatplotlibStorage", ext=".png")
    assert (tmp_path/"repo"/"thing.png").read_bytes()[:4] == b"\x89PNG"


@pytest.mark.parametrize("name", ["BoostStorage", "TextStorage", "PickleStorage"])
def testOtherStorageTypes(butler, name):
    dataId = dict(python="builtins.str", storage=name)
    with pytest.raises(RuntimeError, match=f"No formatter.*{name}"):
        butler.put("text", "thing", dataId)
    assert not butler.datasetExists("thing", dataId)


def testMissingClass(butler, tmp_path):
    (tmp_path/"repo"/"thing").touch()
    with pytest.raises(ImportError, match="lsst.no.such.Class"):
        butler.get("thing", python="lsst.no.such.Class", storage="FitsStorage")


def testNothingHalfWritten(butler, tmp_path):
    class Unwritable:
        def write(self, filename):
            with open(filename, "w") as stream:
                stream.write("half")
            raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        butler.put(Unwritable(), "thing", python=Table, storage="ParquetStorage")
    assert os.listdir(tmp_path/"repo") == ["repositoryCfg.yaml"]
