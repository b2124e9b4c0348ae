# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Data IDs: how they are written, and what they find."""

import re

import pytest
from cmdlineTestTask import CmdTestConfig, CmdTestTask


@pytest.fixture
def parse(repo, output):
    def parseArgs(*args):
        parser = CmdTestTask._makeArgumentParser()
        return parser.parse_args(CmdTestConfig(), [str(repo), "--output", str(output), *args])

    return parseArgs


@pytest.mark.parametrize("args", [["visit=1..99999999999"], ["visit=1..999999999999999999"],
                                  ["visit=1..1001", "raft=1..1000"], ["visit=" + "1..500000^"*3 + "1"]])
def test_longRangesAreErrors(parse, capsys, args):
    with pytest.raises(SystemExit):
        parse("--id", *args)
    assert re.search("--id means [0-9,]+ data IDs; 1,000,000 can be given", capsys.readouterr().err)


def test_rangesAndStrides(parse):
    visits = [dataId["visit"] for dataId in parse("--id", "visit=840..844:2^900^5..5").id.idList]
    assert visits == [840, 842, 844, 900, 5]


def test_crossProductVariesLastKeyFastest(parse):
    idList = parse("--id", "visit=840^853", "sensor=1,1^1,2").id.idList
    assert idList == [
        {"visit": 840, "sensor": "1,1"},
        {"visit": 840, "sensor": "1,2"},
        {"visit": 853, "sensor": "1,1"},
        {"visit": 853, "sensor": "1,2"},
    ]


def test_stringKeysFindData(parse):
    refList = parse("--id", "visit=892", "raft=2,2", "sensor=1,2").id.refList
    assert [ref.dataId["visit"] for ref in refList] == [892]
    assert refList[0].dataId["raft"] == "2,2"


def test_emptyIdFindsEverything(parse, repo):
    nFiles = len(list(repo.glob("deepDiff/*/*/diaSrc-*.fits")))
    assert len(parse("--id").id.refList) == nFiles > 0


def test_noIdFindsNothing(parse):
    namespace = parse()
    assert namespace.id.idList == [] and namespace.id.refList == []


def test_severalIdsAddUp(parse):
    idList = parse("--id", "visit=1", "--id", "visit=2", "raft=2,2").id.idList
    assert idList == [{"visit": 1}, {"visit": 2, "raft": "2,2"}]


def test_unmatchedIdIsWarnedAbout(parse, capsys):
    assert parse("--id", "visit=12").id.refList == []
    assert "WARN: No data found for dataId={'visit': 12}" in capsys.readouterr().out


@pytest.mark.parametrize(
    "args, message",
    [
        (("visit=x",), "Cannot cast value 'x'"),
        (("visit=1", "visit=2"), "visit appears multiple times"),
        (("visit",), "must be in form key=value"),
        (("visit=5..1",), "'visit=5..1' has no values"),
    ],
)
def test_mistakesAreNamed(parse, capsys, args, message):
    with pytest.raises(SystemExit) as info:
        parse("--id", *args)
    assert info.value.code == 2
    assert message in capsys.readouterr().err


def test_unknownKeyEndsWithAMessage(parse, capsys):
    with pytest.raises(SystemExit) as info:
        parse("--id", "vsit=840")
    assert info.value.code == 2
    captured = capsys.readouterr()
    assert "Unexpected ID vsit" in captured.out
    assert "unknown vsit; deepDiff_diaSrc has filter, raft, sensor, visit" in captured.err
