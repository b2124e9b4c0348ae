# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Names of files that are not ASCII: in headers, in messages, in the files themselves."""

import io
import os
import pathlib
import subprocess
import sys

import lsst.afw.table as afwTable
import pytest
from lsst.dia.repro.plainText import escapeOutput, fromHeader, toHeader
from lsst.dia.repro.provenance import readFingerprint

BIN = pathlib.Path(__file__).parent.parent/"bin"
NAME = "étoile 星.csv"


@pytest.mark.parametrize("text, plain", [
    ("reproDIAObjects", "reproDIAObjects"), ("my file (2)'s & more_~.csv", "my file (2)'s & more_~.csv"),
    (NAME, "%C3%A9toile %E6%98%9F.csv"), ("100%.csv", "100%25.csv"), ("%C3%A9", "%25C3%25A9"),
    ("a\nb\tc", "a%0Ab%09c"), ("not utf-8 \udcff", "not utf-8 %FF"), ("", "")])
def testHeaders(text, plain):
    assert toHeader(text) == plain and fromHeader(plain) == text
    assert plain.isascii() and plain.isprintable()


@pytest.mark.parametrize("encoding, printed", [
    ("ascii", rb"\xe9toile \u661f.csv"), ("latin-1", b"\xe9toile \\u661f.csv"), ("utf-8", NAME.encode())])
def testOutput(encoding, printed, monkeypatch):
    written = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(written, encoding=encoding))
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    escapeOutput()
    print(NAME, flush=True)
    assert written.getvalue() == printed + b"\n"


def testWhatTheCallerWantsStays(monkeypatch):
    stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii", errors="surrogateescape")
    monkeypatch.setattr(sys, "stdout", stream)
    escapeOutput()
    assert stream.errors == "surrogateescape"


@pytest.mark.parametrize("encoding", ["ascii", "utf-8"])
def testCommands(encoding, stackData, tmp_path):
    """No message is lost, every file is there, and the header tells the name."""
    out, directory = tmp_path/"öut 星", tmp_path/"dír 星"
    (tmp_path/NAME).write_text("id,ra,dec\n1,53.009,-27.439\n2,53.01,-27.44\n")
    select = ["--id", "visit=853^892", "sensor=1,2"]
    environment = dict(os.environ, PYTHONIOENCODING=encoding)
    for command in (["forcedDiaPhot.py", stackData/"repo", "--output", out, *select, "--refCat",
                     tmp_path/NAME],
                    ["diaLightCurves.py", out, *select, "--plot", "2", "--format", "ecsv", "--directory",
                     directory]):
        done = subprocess.run([sys.executable, str(BIN/command[0]), *map(str, command[1:]), "--no-versions"],
                              capture_output=True, env=environment, timeout=300)
        text = (done.stdout + done.stderr).decode(encoding)
        assert done.returncode == 0, text
        assert "Traceback" not in text and "Logging error" not in text and "??" not in text
        assert ("星" if encoding == "utf-8" else r"\u661f") in text
    (path,) = (out/"deepDiff").glob("v853*/R22/forcedDIASource-*.fits")
    assert readFingerprint(afwTable.SourceCatalog.readFits(str(path))).positions.origin == NAME
    header = path.read_bytes()
    assert b"'%C3%A9toile %E6%98%9F.csv'" in header
    assert sorted(file.suffix for file in directory.iterdir())[0] == ".ecsv"
