# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Processes that the system kills, as where memory is short, take no more with them than one item."""

import multiprocessing
import os
import signal
import subprocess
import sys
import time

import pytest
from lsst.dia.repro.workerPool import mapInWorkers


def square(number):
    if number == 5:
        os.kill(os.getpid(), signal.SIGKILL)
    if number == 11:
        raise ValueError("eleven")
    return number*number


def lose(item, exitCode):
    return "lost", item, exitCode


def mapAll(function, items, numWorkers=2, timeout=60.0):
    """Return the results in the order of the items."""
    results = list(mapInWorkers(function, items, numWorkers, timeout, lose))
    assert sorted(index for index, _ in results) == list(range(len(items)))
    assert not multiprocessing.active_children()
    return [result for _, result in sorted(results, key=lambda pair: pair[0])]


@pytest.mark.parametrize("numWorkers", [1, 2, 7])
def testOnlyWhatWasInHandIsLost(numWorkers):
    numbers = [*range(10)]*2
    expected = [lose(5, -signal.SIGKILL) if number == 5 else number*number for number in numbers]
    assert mapAll(square, numbers, numWorkers) == expected


def testAllAreLost():
    assert mapAll(square, [5, 5, 5]) == [lose(5, -signal.SIGKILL)]*3


def testWorkersKeepTheirState():
    calls = []

    def count(item):
        calls.append(item)
        return os.getpid(), len(calls)

    done = mapAll(count, list(range(40)))
    mostByProcess = {}
    for process, number in done:
        mostByProcess[process] = max(number, mostByProcess.get(process, 0))
    assert len(mostByProcess) <= 2 and sum(mostByProcess.values()) == 40
    assert calls == []


def testResultsComeAsTheyAreReady():
    results = mapInWorkers(time.sleep, [1.0, 0.0, 0.0], 2, 60.0, lose)
    assert [index for index, _ in results] == [1, 2, 0]


def testFirstErrorIsRaised(capfd):
    with pytest.raises(ValueError, match="eleven"):
        mapAll(square, [1, 2, 11, 3])
    assert "in square" in capfd.readouterr().err
    assert not multiprocessing.active_children()


class OddError(Exception):
    """One that cannot be built from its message."""

    def __init__(self, first, second):
        super().__init__(f"{first} and {second}")


def raiseOddly(item):
    raise OddError(item, 2)


def testErrorThatCannotBeCopied():
    with pytest.raises(RuntimeError, match="OddError: 1 and 2"):
        mapAll(raiseOddly, [1])


def testResultThatCannotBeReturned():
    with pytest.raises(RuntimeError, match="Cannot return a result"):
        mapAll(lambda item: lambda: item, [1])


def testTimeout():
    assert mapAll(time.sleep, [0.0, 60.0, 0.0, 60.0, 60.0, 0.0], timeout=0.5) == [
        None, lose(60.0, None), None, lose(60.0, None), lose(60.0, None), lose(0.0, None)]


def testWorkersCleanUpWhenTheyAreEnded(tmp_path):
    def writeSlowly(item):
        path = tmp_path/"new"
        path.touch()
        try:
            time.sleep(60.0)
        finally:
            path.unlink()

    assert mapAll(writeSlowly, [1], timeout=0.5) == [lose(1, None)]
    assert list(tmp_path.iterdir()) == []


ORPHANS = """
import time
from lsst.dia.repro.workerPool import mapInWorkers
for _ in mapInWorkers(time.sleep, [0, 0] + 1000*[0.5], 2, 600, None):
    print("done", flush=True)
"""


def testWorkersEndWhenTheirParentIsKilled():
    parent = subprocess.Popen([sys.executable, "-c", ORPHANS], stdout=subprocess.PIPE, text=True)
    for _ in range(3):
        assert parent.stdout.readline() == "done\n"
    parent.kill()
    # Workers hold the other end of the pipe, which has no end before theirs.
    parent.communicate(timeout=30.0)
