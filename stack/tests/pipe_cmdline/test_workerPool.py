# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Processes that the system kills, as where memory is short, take nothing else with them."""

import os
import signal
import time

import pytest

from lsst.daf.persistence.safeFileIo import SafeFilename
from lsst.pipe.cmdline._workerPool import mapInProcesses


def square(number):
    if number == 5:
        os.kill(os.getpid(), signal.SIGKILL)
    if number == 11:
        raise ValueError("eleven")
    return number * number


def lose(item, exitCode):
    return "lost", item, exitCode


def test_killedProcess():
    results = mapInProcesses(square, [0, 1, 5, 7, 3], 2, 60.0, lose)
    assert results == [0, 1, ("lost", 5, -signal.SIGKILL), 49, 9]


def test_onlyWhatWasLeftIsLost():
    numbers = [*range(10)] * 2  # Each process serves three.
    results = mapInProcesses(square, numbers, 2, 60.0, lose)
    lost = [i for i, result in enumerate(results) if result == ("lost", numbers[i], -signal.SIGKILL)]
    assert lost == [5, 15, 16, 17]
    assert all(results[i] == numbers[i] ** 2 for i in range(20) if i not in lost)


def test_firstErrorIsRaised():
    with pytest.raises(ValueError, match="eleven"):
        mapInProcesses(square, [1, 2, 11, 3], 2, 60.0, lose)


def test_timeout():
    results = mapInProcesses(time.sleep, [0.0, 60.0], 2, 0.5, lose)
    assert results == [None, ("lost", 60.0, None)]


def writeSlowly(name):
    with SafeFilename(name):
        time.sleep(60.0)


def test_noTemporaryFilesStay(tmp_path):
    name = str(tmp_path / "new")
    assert mapInProcesses(writeSlowly, [name], 1, 0.5, lose) == [("lost", name, None)]
    assert list(tmp_path.iterdir()) == []
