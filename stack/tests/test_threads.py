# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Threads of compiled loops."""

import threading

import pytest

from lsst._threads import runInThreads, setThreads


@pytest.fixture(autouse=True)
def oneThread():
    """Leave it at one thread."""
    yield
    setThreads(1)


def run(number, n):
    """Run a loop over n items; return its ranges, and the threads that they ran in."""
    ranges, threads = [], set()
    barrier = threading.Barrier(max(1, min(number, n//64)), timeout=20)

    def loop(name, first, last):
        assert name == "argument"
        ranges.append((first, last))
        threads.add(threading.get_ident())
        barrier.wait()  # All run at the same time, or it fails.

    setThreads(number)
    runInThreads(loop, n, "argument")
    return sorted(ranges), threads


@pytest.mark.parametrize("number, n, expected", [
    (1, 1000, [(0, 1000)]),
    (3, 1000, [(0, 333), (333, 666), (666, 1000)]),
    (8, 130, [(0, 65), (65, 130)]),
    (2, 0, [(0, 0)]),
])
def test_rangesMakeUpTheWhole(number, n, expected):
    ranges, threads = run(number, n)
    assert ranges == expected
    assert len(threads) == len(expected)
    assert threading.active_count() == 1
    assert (threading.get_ident() in threads) == (len(expected) == 1)


def test_errorsAreRaised():
    def fail(first, last):
        if first > 0:
            raise ValueError("odd")

    setThreads(2)
    with pytest.raises(ValueError, match="odd"):
        runInThreads(fail, 1000)
