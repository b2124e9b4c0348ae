# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""With which status and words commands end that do not come to work."""

import os
import pathlib
import runpy
import subprocess
import sys

import lsst.dia.repro
import pytest

BIN = pathlib.Path(__file__).parents[1]/"bin"
TASKS = {"diaLightCurves.py": "DiaLightCurvesTask", "diaObjectMaker.py": "DiaObjectMakerTask",
         "forcedDiaPhot.py": "ForcedDiaPhotTask"}
COMMANDS = sorted([*TASKS, "convertDiaRepo.py", "forcedLightCurves.py", "simulateDiaRepo.py"])

#: What the package is replaced with: Ctrl-C while it is imported.
INTERRUPTED = """
import os, signal
signal.signal(signal.SIGINT, signal.default_int_handler)
os.kill(os.getpid(), signal.SIGINT)
signal.pause()
"""


@pytest.fixture
def endWith(monkeypatch):
    """A function that runs a command in this process and returns its exit status."""

    def end(command, *args):
        monkeypatch.setattr(sys, "argv", [command, *map(str, args)])
        with pytest.raises(SystemExit) as ending:
            runpy.run_path(str(BIN/command), run_name="__main__")
        # A text as status is printed by the interpreter, which then ends with 1.
        return 1 if isinstance(ending.value.code, str) else ending.value.code

    return end


@pytest.mark.parametrize("command", sorted(TASKS))
@pytest.mark.parametrize("args, status", [
    ([], 1), (["--id"], 1), (["@file"], 1), (["-h"], 0), (["nowhere", "--help"], 0),
])
def testUsage(args, status, command, endWith, capsys):
    assert endWith(command, *args) == status
    text = capsys.readouterr().out
    assert f"usage: {command} input [options]" in text
    if status == 0:
        assert "--id [KEY=VALUE1" in text and "--output RAWOUTPUT" in text


@pytest.mark.parametrize("command, option", [("simulateDiaRepo.py", "--visits"),
                                             ("convertDiaRepo.py", "--padding"),
                                             ("forcedLightCurves.py", "--refCat")])
def testHelp(command, option, endWith, capsys):
    assert endWith(command, "--help") == 0
    assert option in capsys.readouterr().out


@pytest.mark.parametrize("command", sorted(TASKS))
def testRepositoryThatIsNotThere(command, endWith, capsys, tmp_path):
    assert endWith(command, tmp_path/"none", "--id") == 2
    assert "not found" in capsys.readouterr().err


@pytest.mark.parametrize("command", sorted(TASKS))
def testInterruptedAtWork(command, endWith, monkeypatch, capsys):
    def interrupt(*args, **kwargs):
        raise KeyboardInterrupt

    monkeypatch.setattr(getattr(lsst.dia.repro, TASKS[command]), "parseAndRun", interrupt)
    assert endWith(command) == 130
    assert capsys.readouterr().err == "Interrupted\n"


@pytest.mark.parametrize("command", COMMANDS)
def testInterruptedWhileModulesAreImported(command, tmp_path):
    package = tmp_path/"lsst"/"dia"/"repro"
    package.mkdir(parents=True)
    (package/"__init__.py").write_text(INTERRUPTED)
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    done = subprocess.run([sys.executable, str(BIN/command), "--help"], capture_output=True, text=True,
                          timeout=60, env=environment)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "Interrupted\n")
