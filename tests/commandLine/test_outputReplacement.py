# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""``--clobber-output`` removes the repository that it replaces, when it is replaced, and nothing else."""

import os
import shutil

import pytest
from lsst.daf.persistence import Butler
from lsst.dia.repro.commandLine.outputReplacement import OutputReplacement


def contents(root):
    return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def requireKept(run, root, message, *args):
    before = contents(root)
    result = run("diaObjectMaker.py", *args, "--id", "--clobber-output")
    assert result.returncode == 2 and message in result.stderr, result.stderr
    assert "Traceback" not in result.stderr
    assert contents(root) == before


def testInputInTheOutput(repository, run, tmp_path):
    """It removed the input."""
    shutil.copy(repository/"_mapper", tmp_path)
    requireKept(run, tmp_path, "from which data are read", repository, "--output", tmp_path)


def testParentOfTheInput(repository, run, tmp_path):
    Butler(inputs=str(repository), outputs={"root": str(tmp_path/"child"), "mode": "rw"})
    Butler(inputs=str(tmp_path/"child"), outputs={"root": str(tmp_path/"grandchild"), "mode": "rw"})
    for child in ("child", "grandchild"):
        requireKept(run, tmp_path, "from which data are read", tmp_path/child, "--output", repository)
    (tmp_path/"old").mkdir()
    (tmp_path/"old"/"_parent").symlink_to(repository)
    requireKept(run, tmp_path, "from which data are read", tmp_path/"old", "--output", repository)


def testWhatIsNoRepository(repository, run, tmp_path):
    (tmp_path/"documents").mkdir()
    (tmp_path/"documents"/"thesis.tex").write_text("all of it")
    requireKept(run, tmp_path, "is not a repository", repository, "--output", tmp_path/"documents")
    thesis = tmp_path/"documents"/"thesis.tex"
    requireKept(run, tmp_path, "is not a directory", repository, "--output", thesis)


def testLinks(repository, run, tmp_path):
    Butler(inputs=str(repository), outputs={"root": str(tmp_path/"out"), "mode": "rw"})
    for target in ("out", "nowhere"):
        (tmp_path/"link").symlink_to(target)
        requireKept(run, tmp_path, "is a link to", repository, "--output", tmp_path/"link")
        assert os.readlink(tmp_path/"link") == target
        (tmp_path/"link").unlink()


@pytest.mark.parametrize("args", [["visit=7"], ["nosuchkey=7"], ["--show", "config"],
                                  ["--config", "nosuch=1"]])
def testRunsThatDoNotCome(repository, run, tmp_path, args):
    """The old repository goes when there will be a new one, not before."""
    command = ["diaObjectMaker.py", repository, "--output", tmp_path/"out", "--id"]
    assert run(*command, "visit=866").returncode == 0
    before = contents(tmp_path/"out")
    run(*command, *args, "--clobber-output")
    assert contents(tmp_path/"out") == before
    assert sorted(os.listdir(tmp_path)) == ["out", "repo"]


def testReplacement(tmp_path):
    out = tmp_path/"out"
    out.mkdir()
    for isMade in (False, True):
        (out/"_mapper").write_text("old")
        with pytest.raises(ZeroDivisionError), OutputReplacement() as replacement:
            replacement.setAside(str(out), [str(tmp_path)])
            assert not out.exists()
            if isMade:
                out.mkdir()
                (out/"new").write_text("new")
            raise ZeroDivisionError
        assert os.listdir(out) == ["_mapper"] and os.listdir(tmp_path) == ["out"]
    with OutputReplacement() as replacement:
        replacement.setAside(str(out), [])
        out.mkdir()
    assert os.listdir(out) == [] and os.listdir(tmp_path) == ["out"]
