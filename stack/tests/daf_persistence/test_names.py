# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Names that come from files reach terminals and logs with nothing that does not print."""

import json
import logging
import sqlite3

import pytest

import lsst.pex.exceptions as pexExceptions
from lsst.afw.fits import readMetadata
from lsst.daf.persistence import Butler
from lsst.pex.exceptions._printable import printable, printableLines
from lsst.pipe.cmdline import ArgumentParser
from lsst.pipe.cmdline._logging import configureLogging

HOSTILE = "x\x1b[2J\u202e\ry"


def requirePrintable(text):
    assert all(line.isprintable() for line in text.split("\n")), ascii(text)


def testTexts():
    assert printable("\x1b]0;t\x07 a\nb\u2028\u202e\udcff\u00e9") == \
        "\\x1b]0;t\\x07 a\\nb\\u2028\\u202e\\udcff\u00e9"
    assert printable("r, i") == "r, i"
    assert printableLines("a\nroot INFO: b\r") == "a\n    root INFO: b\\r"


def testMapperNames(tmp_path):
    (tmp_path/"_mapper").write_text(f"lsst.obs.{HOSTILE}")
    with pytest.raises(RuntimeError) as info:
        Butler(str(tmp_path))
    requirePrintable(str(info.value))
    (tmp_path/"_mapper").write_text(HOSTILE)
    with pytest.raises(RuntimeError) as info:
        Butler(str(tmp_path))
    requirePrintable(str(info.value))


def testNamesOfParents(tmp_path):
    text = "!RepositoryCfg_v1\n_mapper: null\n_mapperArgs: {}\n_root: null\n_policy: null\n_parents: "
    for parent in ("../other" + HOSTILE, "."):
        folder = tmp_path/HOSTILE
        folder.mkdir(exist_ok=True)
        (folder/"repositoryCfg.yaml").write_text(text + json.dumps([parent]))
        with pytest.raises(RuntimeError) as info:
            Butler(inputs=str(folder))
        requirePrintable(str(info.value))


def testNamesOfFilters(tmp_path):
    (tmp_path/"_mapper").write_text("lsst.obs.lsstSim.LsstSimMapper")
    with sqlite3.connect(tmp_path/"registry.sqlite3") as connection:
        connection.execute("CREATE TABLE raw_visit (visit INT, filter TEXT)")
        connection.execute("INSERT INTO raw_visit VALUES (1, ?)", [HOSTILE])
    connection.close()
    butler = Butler(str(tmp_path))
    for visit in (1, 2):
        with pytest.raises(RuntimeError) as info:
            butler.get("deepDiff_diaSrc", visit=visit, raft="2,2", sensor="1,1")
        requirePrintable(str(info.value))
    with pytest.raises(sqlite3.Error) as info:
        butler.queryMetadata("raw", [HOSTILE])
    requirePrintable(str(info.value))


def testNamesInFitsFiles(tmp_path):
    path = tmp_path/(HOSTILE + ".fits")
    with pytest.raises(pexExceptions.IoError) as info:
        readMetadata(str(path))
    requirePrintable(str(info.value))
    assert "x\\x1b[2J" in str(info.value) and HOSTILE in info.value.what()


def testLogsAndErrors(capsys):
    configureLogging()
    logging.getLogger("a").info("mapper %s\na INFO: nothing happened", HOSTILE)
    try:
        raise ValueError(HOSTILE)
    except ValueError:
        logging.getLogger("a").exception("failed")
    with pytest.raises(SystemExit):
        ArgumentParser("x").error(HOSTILE)
    out, err = capsys.readouterr()
    requirePrintable(out)
    requirePrintable(err)
    assert "a INFO: mapper x\\x1b[2J" in out and "\n    a INFO: nothing happened" in out
    assert "x\\x1b[2J" in err
