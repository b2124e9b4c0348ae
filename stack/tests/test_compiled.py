# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""When and where loops are compiled."""

import errno
import importlib.util
import os
import shutil
import subprocess
import sys

import numba
import pytest

from lsst._compiled import _CheckedFiles

DIVISION = """
from lsst._compiled import compiled

@compiled
def divide(a, b):
    return a/b
"""

LOOP = DIVISION + """
assert divide(1.0, 0.0) == float("inf")
print(sum(divide.stats.cache_hits.values()), sum(divide.stats.cache_misses.values()))
"""


def run(code, folder, **environment):
    """Run code as a module of a folder, and return what it prints."""
    if not (folder / "loop.py").exists():
        # Once: old versions of Numba go by the date of a file.
        (folder / "loop.py").write_text(code)
    path = os.pathsep.join(filter(None, sys.path))
    places = {name: str(value) for name, value in environment.items()}
    environment = {**os.environ, "PYTHONPATH": path, **places}
    done = subprocess.run([sys.executable, "-c", "import loop"], env=environment, cwd=folder, check=True,
                          capture_output=True, text=True)
    return done.stdout.split()


def test_codeIsKeptOnDisk(tmp_path):
    cache = tmp_path / "cache"
    assert run(LOOP, tmp_path, NUMBA_CACHE_DIR=cache) == ["0", "1"]
    assert run(LOOP, tmp_path, NUMBA_CACHE_DIR=cache) == ["1", "0"]


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """Return the folder of the compiled code."""
    monkeypatch.setattr(numba.config, "CACHE_DIR", str(tmp_path / "cache"))
    return tmp_path / "cache"


def importLoop(folder, code=DIVISION):
    """Return the function of a module of a folder, as a process that begins has it."""
    path = folder / "loop.py"
    if not path.exists():
        path.write_text(code)
    spec = importlib.util.spec_from_file_location("loop", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.divide


def isFound(divide, *arguments):
    """Call the function, and tell whether its code was on the disk."""
    assert divide(*arguments) == arguments[0] / arguments[1]
    return divide.stats.cache_hits.total() == 1 and not divide.stats.cache_misses


def findKept(cache):
    """Return what was kept (`list` [`pathlib.Path`])."""
    return [path for path in cache.rglob("*") if path.is_file()]


DAMAGES = {
    "empty": lambda content: b"",
    "begun": lambda content: content[:20],
    "cut": lambda content: content[:-1],
    "garbage": lambda content: b"nothing that Python or a processor understands",
    "holed": lambda content: content[:len(content)//2] + bytes(100) + content[len(content)//2 + 100:],
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_damagedCodeIsCompiledAgain(damage, cache, tmp_path):
    assert not isFound(importLoop(tmp_path), 3.0, 2.0)
    for path in findKept(cache):
        path.write_bytes(DAMAGES[damage](path.read_bytes()))
    assert not isFound(importLoop(tmp_path), 3.0, 2.0)
    assert isFound(importLoop(tmp_path), 3.0, 2.0)


@pytest.mark.parametrize("code, arguments", [
    (DIVISION, (3, 2)), (DIVISION + "# More of it.", (3.0, 2.0))], ids=["signature", "source"])
def test_codeOfSomethingElseIsNotUsed(code, arguments, cache, tmp_path):
    """As where the disk was full when the code was replaced, but not yet when its index was."""
    (tmp_path / "other").mkdir()
    assert not isFound(importLoop(tmp_path), 3.0, 2.0)
    (old,) = cache.rglob("*.nbc")
    assert not isFound(importLoop(tmp_path / "other", code), *arguments)
    (new,) = set(cache.rglob("*.nbc")) - {old}
    new.write_bytes(old.read_bytes())
    assert not isFound(importLoop(tmp_path / "other"), *arguments)


def fillDisk(cache, monkeypatch):
    """Let no file get to the disk."""
    def flush(handle):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", flush)


def removeFolder(cache, monkeypatch):
    """Leave nowhere to write to, whoever runs this."""
    shutil.rmtree(cache)


@pytest.mark.parametrize("trouble, reason", [
    (fillDisk, "No space left on device"), (removeFolder, "No such file or directory")])
def test_codeThatCannotBeKeptIsDoneWithout(trouble, reason, cache, tmp_path, monkeypatch, caplog):
    monkeypatch.setattr(_CheckedFiles, "_hasWarned", False)
    (tmp_path / "other").mkdir()
    divide, another = importLoop(tmp_path), importLoop(tmp_path / "other")
    trouble(cache, monkeypatch)
    assert not isFound(divide, 3.0, 2.0) and not isFound(divide, 3, 2) and not isFound(another, 3, 2)
    (message,) = caplog.messages
    assert message.startswith(f"Compiled code cannot be kept in {cache}") and message.endswith(reason)
    assert findKept(cache) == []


@pytest.fixture
def sealed(tmp_path):
    """Return a folder with no place for compiled code, whoever runs it."""
    (tmp_path / "__pycache__").write_text("not a folder")
    return tmp_path


def test_codeIsKeptInTheHomeOfTheUser(sealed):
    (sealed / "home").mkdir()
    places = dict(NUMBA_CACHE_DIR="", XDG_CACHE_HOME=sealed / "home")
    assert run(LOOP, sealed, **places) == ["0", "1"]
    assert run(LOOP, sealed, **places) == ["1", "0"]


def test_loopsRunWhereNothingCanBeKept(sealed):
    nowhere = sealed / "__pycache__" / "home"
    places = dict(NUMBA_CACHE_DIR=nowhere, XDG_CACHE_HOME=nowhere, HOME=nowhere)
    for _ in range(2):
        assert run(LOOP, sealed, **places) == ["0", "1"]


def test_importsDoNotWaitForNumba(tmp_path):
    imports = "import sys, lsst.meas.base, lsst.meas.algorithms, lsst.pipe.cmdline"
    assert run(f"{imports}\nprint('numba' in sys.modules)", tmp_path) == ["False"]
