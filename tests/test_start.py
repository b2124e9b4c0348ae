# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""How commands start: what they show before the slow imports, and with which status they end."""

import importlib
import importlib.util
import subprocess
import sys

import lsst.dia.repro
import pytest
from lsst.dia.repro.start import PARSERS, start

SLOW = ("lsst.pipe.base", "astropy.units", "scipy", "pyarrow", "matplotlib")
REPORT = f"print('SLOW', [name for name in {SLOW!r} if name in sys.modules])"

quickly = pytest.mark.skipif(importlib.util.find_spec("lsst.pipe.cmdline") is None,
                             reason="here lsst.pipe.base has the command line; it takes long to import")


def runHelp(code):
    """Run code that shows help in a new process; return the help and the slow modules it imported."""
    script = f"import sys, atexit; atexit.register(lambda: {REPORT}); sys.argv[1:] = ['--help']; {code}"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    text, _, slow = done.stdout.rpartition("SLOW ")
    return text, slow.strip()


@quickly
@pytest.mark.parametrize("task", sorted(PARSERS))
def testHelpImportsNoTask(task):
    text, slow = runHelp(f"from lsst.dia.repro.start import start; start({task!r})")
    assert "--id [KEY=VALUE1" in text and "--output RAWOUTPUT" in text
    assert slow == "[]"


def testSimulateHelpImportsNothingSlow():
    text, slow = runHelp("from lsst.dia.repro.simulate import main; main()")
    assert "--visits" in text
    assert slow == "[]"


@pytest.mark.parametrize("task", sorted(PARSERS))
def testParserIsTheTasks(task):
    module = importlib.import_module("lsst.dia.repro." + PARSERS[task])
    TaskClass = getattr(lsst.dia.repro, task)
    assert module.makeArgumentParser().format_help() == TaskClass._makeArgumentParser().format_help()


@pytest.mark.parametrize("args, status", [
    ([], 1), (["--id"], 1), (["@file"], 1), (["-h"], 0), (["nowhere", "--help"], 0),
])
def testEndsEarly(args, status, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["diaObjectMaker.py", *args])
    with pytest.raises(SystemExit) as ending:
        start("DiaObjectMakerTask")
    code = ending.value.code
    assert (1 if isinstance(code, str) else code) == status
    assert "usage: diaObjectMaker.py input [options]" in capsys.readouterr().out


def testTaskIsImportedAndRun(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(sys, "argv", ["diaObjectMaker.py", str(tmp_path/"none"), "--id"])
    with pytest.raises(SystemExit) as ending:
        start("DiaObjectMakerTask")
    assert ending.value.code == 2
    assert "not found" in capsys.readouterr().err


def testInterrupted(monkeypatch, capsys):
    """Ctrl-C while modules are imported is no error."""
    def interrupt(*args):
        raise KeyboardInterrupt

    monkeypatch.setattr(importlib, "import_module", interrupt)
    with pytest.raises(SystemExit) as ending:
        start("DiaObjectMakerTask")
    assert ending.value.code == 130 and capsys.readouterr().err == "Interrupted\n"


def testUnknownName():
    with pytest.raises(AttributeError, match="no attribute 'Nothing'"):
        lsst.dia.repro.Nothing  # noqa: B018
    assert "DiaObjectMakerTask" in dir(lsst.dia.repro)


@quickly
def testMissingRepositoryNeedsNoTask(tmp_path):
    script = ("import sys, atexit; from lsst.dia.repro.start import start; "
              f"atexit.register(lambda: {REPORT}); sys.argv[1:] = [{str(tmp_path/'none')!r}, '--id']; "
              "start('ForcedDiaPhotTask')")
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)
    assert done.returncode == 2 and "not found" in done.stderr
    assert done.stdout.rpartition("SLOW ")[2].strip() == "[]"
