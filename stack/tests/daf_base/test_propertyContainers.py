# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Property containers and their YAML."""

import copy
import pickle

import pytest
import yaml

import lsst.pex.exceptions as pexExceptions
from lsst.daf.base import DateTime, PropertyList, PropertySet


@pytest.fixture
def header():
    header = PropertyList()
    header.set("NAXIS", 2, "number of axes")
    header.set("BIG", 2**40)
    header.setDouble("EXPTIME", 30)
    header.setString("COMMENT", ["first", "second"], "told twice")
    header.setBool("OK", True)
    header.setUndef("NOTHING", None)
    header.set("DATE", DateTime(55000.0))
    return header


def test_listKeepsOrderAndComments(header):
    header.set("NAXIS", 3)
    header.add("COMMENT", "third")
    assert header.names()[:2] == ["NAXIS", "BIG"]
    assert header.getComment("NAXIS") == "number of axes"
    assert header.getArray("COMMENT") == ["first", "second", "third"]
    assert header["COMMENT"] == "third"
    assert header.toDict()["COMMENT"] == ["first", "second", "third"]
    assert header.toList()[0] == ("NAXIS", 3, "number of axes")
    header["NAXIS#COMMENT"] = "other"
    assert header.getComment("NAXIS") == "other"


def test_types(header):
    assert header.typeOf("NAXIS") == PropertyList.TYPE_Int
    assert header.typeOf("BIG") == PropertyList.TYPE_LongLong
    assert header.typeOf("EXPTIME") == PropertyList.TYPE_Double
    with pytest.raises(pexExceptions.TypeError):
        header.add("NAXIS", "text")
    with pytest.raises(TypeError):
        header.setInt("NAXIS", 1.5)
    with pytest.raises(TypeError):
        header.setInt("NAXIS", 2**31)
    with pytest.raises(TypeError, match="NEW"):
        header.set("NEW", object())
    with pytest.raises(KeyError):
        header.getScalar("MISSING")
    assert header.get("MISSING", 7) == 7


@pytest.mark.parametrize("loader", [yaml.SafeLoader, yaml.CSafeLoader, yaml.FullLoader])
def test_yamlRoundTrip(header, loader):
    nested = PropertySet()
    nested.set("a.b", [1, 2])
    nested.set("header", header)
    text = yaml.dump(nested)
    assert "!<lsst.daf.base.PropertySet>" in text and "!<lsst.daf.base.DateTime>" in text
    again = yaml.load(text, Loader=loader)
    assert again == nested
    assert again.getScalar("header").getComment("NAXIS") == "number of axes"


def test_yamlOfTheStackIsRead():
    text = (
        "!<lsst.daf.base.PropertySet>\n- - diaPhot\n  - PropertySet\n"
        "  - !<lsst.daf.base.PropertySet>\n    - [runStartUtc, String, '2022-01-01']\n"
        "    - - cpu\n      - Double\n      - [1.5, 2.5]\n")
    metadata = yaml.load(text, Loader=yaml.SafeLoader)
    assert metadata.getArray("diaPhot.cpu") == [1.5, 2.5]
    with pytest.raises(ValueError, match="__class__"):
        yaml.load("!<lsst.daf.base.PropertySet>\n- [a, __class__, 1]\n", Loader=yaml.SafeLoader)


def test_copies(header):
    for duplicate in (copy.copy(header), copy.deepcopy(header), pickle.loads(pickle.dumps(header)),
                      header.deepCopy()):
        assert duplicate == header
        duplicate.add("COMMENT", "more")
        assert len(header.getArray("COMMENT")) == 2


def test_hierarchy():
    properties = PropertySet()
    properties.set("a.b.c", 1)
    properties.set("a.d", "x")
    assert properties.names(topLevelOnly=False) == ["a", "a.b", "a.b.c", "a.d"]
    assert properties.paramNames(topLevelOnly=False) == ["a.b.c", "a.d"]
    assert properties.toDict() == {"a": {"b": {"c": 1}, "d": "x"}}
    with pytest.raises(pexExceptions.InvalidParameterError):
        properties.set("a.d.e", 1)
    with pytest.raises(pexExceptions.InvalidParameterError, match="cycle"):
        properties.set("a.self", properties.getScalar("a"))


def test_combineAppendsAndUpdateReplaces():
    one, other = PropertySet(), PropertySet()
    one.set("a", 1)
    other.set("a", 2)
    both = one.deepCopy()
    both.combine(other)
    assert both.getArray("a") == [1, 2]
    one.update(other)
    assert one.getArray("a") == [2]
