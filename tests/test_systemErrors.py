# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""What the system refuses is one line that names the file, and leaves no half-written file."""

import os
import resource
import signal
import subprocess
import sys

import pytest

POSITIONS = "id,ra,dec\n1,53.0,-27.5\n"


def runWith(prepare, command, *args):
    """Run a command of bin/ in a process that is prepared first."""
    path = os.path.join(os.path.dirname(__file__), os.pardir, "bin", command)
    return subprocess.run([sys.executable, path, *map(str, args)], capture_output=True, text=True,
                          timeout=300, preexec_fn=prepare)


def limitFiles(size):
    """Return a function that lets a process write no file of more than some bytes: a full disk."""

    def limit():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

    return limit


def findLeftovers(root):
    """Return what is there that is neither of a repository nor a whole FITS file."""
    left = [path for path in root.rglob("*") if path.name.startswith(".") or "partial" in path.name]
    left += [path for path in root.rglob("*.fits") if path.stat().st_size % 2880]
    return left


@pytest.mark.parametrize("size", [100, 14000])
def testFullDisk(size, repository, tmp_path):
    output = tmp_path/"out"
    result = runWith(limitFiles(size), "diaObjectMaker.py", repository, "--id", "--output", output)
    assert result.returncode in (1, 2), result.stderr
    assert "Traceback" not in result.stderr
    lines = [line for line in result.stderr.splitlines()
             if "File too large" in line and ("FATAL" in line or "error:" in line)]
    assert len(lines) == 1 and str(output) in lines[0], result.stderr
    assert findLeftovers(tmp_path) == []


def testFullDiskAmongImages(repository, tmp_path):
    (tmp_path/"positions.csv").write_text(POSITIONS)
    arguments = [repository, "--id", "--refCat", tmp_path/"positions.csv", "--no-versions", "-j", "2"]
    assert runWith(None, "forcedDiaPhot.py", *arguments, "--output", tmp_path/"out").returncode == 0
    for path in (tmp_path/"out").rglob("forcedDIASource-*"):
        path.unlink()
    result = runWith(limitFiles(9000), "forcedDiaPhot.py", *arguments, "--output", tmp_path/"out")
    assert result.returncode == 6, result.stderr
    assert "Traceback" not in result.stderr
    assert sum("FATAL" in line and "File too large" in line and ".fits" in line
               for line in result.stderr.splitlines()) == 6
    assert findLeftovers(tmp_path/"out") == []


def testReportOnAFullDisk(repository, tmp_path):
    (tmp_path/"positions.csv").write_text(POSITIONS)
    report = "/dev/full/report.json"
    result = runWith(None, "forcedDiaPhot.py", repository, "--id", "--refCat", tmp_path/"positions.csv",
                     "--report", report)
    assert result.returncode == 2 and report in result.stderr and "Traceback" not in result.stderr


@pytest.mark.parametrize("command", ["diaObjectMaker.py", "forcedDiaPhot.py"])
def testOutputWhereNothingCanBeMade(command, repository, tmp_path):
    (tmp_path/"positions.csv").write_text(POSITIONS)
    (tmp_path/"file").write_text("")
    more = ["--refCat", tmp_path/"positions.csv"] if command == "forcedDiaPhot.py" else []
    for output in (tmp_path/"file"/"out", "/proc/out"):
        result = runWith(None, command, repository, "--id", "--output", output, *more)
        assert result.returncode == 2 and "Traceback" not in result.stderr
        assert f"cannot write to {output}" in result.stderr.splitlines()[-1]


def testFileInTheWay(repository, tmp_path):
    """Where the results of a visit go; its images fail, each with a line, and the others do not."""
    (tmp_path/"positions.csv").write_text(POSITIONS)
    output = tmp_path/"out"
    (output/"deepDiff").mkdir(parents=True)
    (output/"deepDiff"/"v866-fi").write_text("")
    result = runWith(None, "forcedDiaPhot.py", repository, "--id", "--refCat", tmp_path/"positions.csv",
                     "--output", output)
    assert result.returncode == 2 and "Traceback" not in result.stderr
    lines = [line for line in result.stderr.splitlines() if "FATAL" in line]
    assert len(lines) == 2 and all(str(output/"deepDiff"/"v866-fi") in line for line in lines)


@pytest.mark.parametrize("size, name", [(5000, "registry.sqlite3"), (30000, ".fits")])
def testSimulatorOnAFullDisk(size, name, tmp_path):
    result = runWith(limitFiles(size), "simulateDiaRepo.py", tmp_path/"sim", "--visits", 1, "--size", 200)
    assert result.returncode == 1 and "Traceback" not in result.stderr
    (line,) = [line for line in result.stderr.splitlines() if line.startswith("simulateDiaRepo.py: ")]
    assert name in line
