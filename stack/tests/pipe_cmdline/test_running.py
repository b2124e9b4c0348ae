# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""What running a task leaves behind, and how it fails."""

import multiprocessing
import os
import re
import signal
import subprocess
import sys

import pytest
from cmdlineTestTask import run

import lsst.daf.persistence as dafPersist
from lsst import _threads
from lsst.daf.base import PropertySet

IDS = ("--id", "visit=840..900", "raft=2,2", "sensor=1,2")


def readTree(root):
    """Contents of the files below a directory, without the metadata, which have times, by relative path."""
    return {
        str(path.relative_to(root)): path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file() and "meta" not in path.parts
    }


def test_firstRunStoresEverything(repo, output):
    result = run(repo, "--output", output, *IDS)
    assert [item.exitStatus for item in result.resultList] == [0] * len(result.parsedCmd.id.refList)
    assert len(result.resultList) > 1
    butler = dafPersist.Butler(str(output))
    assert butler.get("cmdTest_config", immediate=True).scale == 1.0
    assert len(butler.get("cmdTestOut_schema", immediate=True)) == 0
    assert "numpy" in butler.get("packages", immediate=True)
    metadata = result.parsedCmd.id.refList[0].get("cmdTest_metadata", immediate=True)
    assert isinstance(metadata, PropertySet)
    assert metadata.getScalar("cmdTest.visitSeen") == result.parsedCmd.id.refList[0].dataId["visit"]
    assert metadata.getScalar("cmdTest:sub.radius") == 0.5
    assert "cmdTest.runDataRefStartCpuTime" in metadata.names(topLevelOnly=False)


def test_threadsAreThoseOfTheRun(repo, output):
    run(repo, "--output", output, *IDS, "--threads", "3")
    assert _threads._number == 3
    run(repo, "--output", output, *IDS)
    assert _threads._number == 1


def test_secondRunComparesConfig(repo, output, capsys):
    run(repo, "--output", output, *IDS)
    before = readTree(output)
    assert run(repo, "--output", output, *IDS).resultList
    result = run(repo, "--output", output, *IDS, "-c", "scale=2")
    assert result.resultList == []
    out = capsys.readouterr().out
    assert "Config does not match existing task config 'cmdTest_config'" in out and "scale" in out
    assert readTree(output) == before


def test_clobberConfigKeepsABackup(repo, output):
    run(repo, "--output", output, *IDS)
    assert run(repo, "--output", output, *IDS, "-c", "scale=2", "--clobber-config").resultList
    assert (output / "config" / "cmdTest.py~1").exists()
    assert "config.scale=2.0" in (output / "config" / "cmdTest.py").read_text()
    run(repo, "--output", output, *IDS, "-c", "scale=3", "--clobber-config", "--no-backup-config")
    assert not (output / "config" / "cmdTest.py~2").exists()


def test_changedSchemaIsRefused(repo, output, capsys):
    run(repo, "--output", output, *IDS)
    (output / "config" / "cmdTest.py").unlink()
    assert run(repo, "--output", output, *IDS, "-c", "extraColumn=True").resultList == []
    assert "New schema does not match schema 'cmdTestOut'" in capsys.readouterr().out


def test_changedVersionIsRefused(repo, output, capsys):
    run(repo, "--output", output, *IDS)
    butler = dafPersist.Butler(outputs={"root": str(output), "mode": "rw"})
    packages = butler.get("packages", immediate=True)
    packages["numpy"] = "0.1"
    butler.put(packages, "packages")
    assert run(repo, "--output", output, *IDS).resultList == []
    assert "Version mismatch (numpy: 0.1 vs" in capsys.readouterr().out
    assert run(repo, "--output", output, *IDS, "--no-versions").resultList
    assert run(repo, "--output", output, *IDS, "--clobber-versions").resultList
    assert run(repo, "--output", output, *IDS).resultList


def test_noVersionsStoresNone(repo, output):
    run(repo, "--output", output, *IDS, "--no-versions")
    assert not dafPersist.Butler(str(output)).datasetExists("packages")


@pytest.mark.parametrize("crash", [False, True])
def test_failureLeavesTheOthersAlone(repo, output, capsys, crash):
    with pytest.raises(SystemExit) as info:
        run(repo, "--output", output, *IDS, "-c", "failOn=892", f"crash={crash}")
    assert info.value.code == 1
    captured = capsys.readouterr()
    assert "cmdTest FATAL: Failed on dataId=" in captured.out and "failed on request" in captured.out
    assert ("Traceback" in captured.err) == crash
    butler = dafPersist.Butler(str(output))
    assert butler.datasetExists("cmdTest_metadata", visit=853, raft="2,2", sensor="1,2")


def test_noExitReturns(repo, output):
    result = run(repo, "--output", output, *IDS, "-c", "failOn=892", "--noExit", doReturnResults=True)
    failed = [item for item in result.resultList if item.exitStatus]
    assert len(failed) == 1 and failed[0].result is None
    assert all(item.result.visit > 0 for item in result.resultList if not item.exitStatus)


def test_doRaiseRaises(repo, output):
    with pytest.raises(RuntimeError, match="failed on request"):
        run(repo, "--output", output, *IDS, "-c", "failOn=892", "crash=True", "--doraise")


def test_processesGiveTheSameFiles(repo, output, tmp_path):
    from cmdlineTestTask import makeOutput

    makeOutput(repo, tmp_path / "out2")
    one = run(repo, "--output", output, *IDS)
    two = run(repo, "--output", tmp_path / "out2", *IDS, "-j", "2")
    assert two.taskRunner.numProcesses == 2
    assert [item.exitStatus for item in two.resultList] == [item.exitStatus for item in one.resultList]
    first, second = readTree(output), readTree(tmp_path / "out2")
    assert first.keys() == second.keys()
    assert first["config/cmdTest.py"] == second["config/cmdTest.py"]


def test_failuresInProcessesCount(repo, output):
    with pytest.raises(SystemExit) as info:
        run(repo, "--output", output, *IDS, "-j", "2", "-c", "failOn=892")
    assert info.value.code == 1


def test_profileIsWritten(repo, output, tmp_path):
    run(repo, "--output", output, *IDS, "--profile", tmp_path / "prof")
    assert os.path.getsize(tmp_path / "prof") > 0


def test_longLogTellsTheDataId(repo, output, capsys):
    run(repo, "--output", output, "--id", "visit=892", "sensor=1,2", "--longlog")
    lines = [line for line in capsys.readouterr().out.splitlines() if "Running on visit" in line]
    assert len(lines) == 1
    pattern = r"INFO  \d{4}-\d\d-\d\dT[\d:.+-]+ cmdTest \(\{.*'visit': 892.*\}\)\(\w+\.py:\d+\)- "
    assert re.match(pattern, lines[0])


def test_nothingToDoIsSaid(repo, output, capsys):
    assert run(repo, "--output", output, "--id", "visit=1").resultList == []
    assert "no data to process" in capsys.readouterr().out


def test_timeoutEndsTheCommand(repo, output):
    with pytest.raises(multiprocessing.TimeoutError):
        run(repo, "--output", output, *IDS, "-j", "2", "-t", "1", "-c", "sleepOn=892")
    assert multiprocessing.active_children() == []


SCRIPT = "from cmdlineTestTask import CmdTestTask; CmdTestTask.parseAndRun()"


def start(*args):
    """Start the task as a command of its own, which Ctrl-C reaches even in the background."""
    return subprocess.Popen(
        [sys.executable, "-c", SCRIPT, *map(str, args)], cwd=os.path.dirname(__file__), text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )


def test_closedOutputEndsShowing(repo, output):
    process = start(repo, "--output", output, "--show", "config")
    process.stdout.close()
    assert process.stderr.read() == ""
    assert process.wait() == 141


def test_closedOutputLeavesTheWorkAlone(repo, output):
    process = start(repo, "--output", output, *IDS, "-L", "debug")
    process.stdout.close()
    errors = process.stderr.read()
    assert process.wait() == 0, errors
    assert "rror" not in errors
    butler = dafPersist.Butler(str(output))
    assert butler.datasetExists("cmdTest_metadata", visit=892, raft="2,2", sensor="1,2")


@pytest.mark.parametrize("processes", ["1", "2"])
def test_interruptEndsAllProcesses(repo, output, processes):
    process = start(repo, "--output", output, *IDS, "-j", processes, "-c", "sleepOn=892")
    for line in process.stdout:
        if "Running on visit 892" in line:
            break
    os.killpg(process.pid, signal.SIGINT)
    _, errors = process.communicate(timeout=20)
    assert process.returncode == 130
    assert errors == "Interrupted\n"
    with pytest.raises(ProcessLookupError):
        os.killpg(process.pid, 0)
