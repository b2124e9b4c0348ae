# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""A short run of ``python tests/fuzz``, always the same one, and that it notices what must not happen."""

import collections
import os
import pathlib
import pickle
import signal

import fuzzJudge
import fuzzReaders
import pytest
from fuzzJudge import Judge
from fuzzMutations import CANARY, findHdus
from fuzzRunner import Worker, countTable, isFault, run

N_CASES = 160


def test_shortRun():
    results = run(seed=2022, nCases=N_CASES)
    assert [result for result in results if isFault(result)] == []
    assert len(results) == N_CASES
    outcomes = collections.Counter(result.outcome for result in results)
    # Most damage is noticed, and not all of it matters.
    assert outcomes["error"] > N_CASES//4 and outcomes["read"] > N_CASES//10
    total = countTable(results)[-1]
    assert total[:2] == ["all", N_CASES] and sum(total[2:]) == N_CASES


def test_picklesOfPsfs():
    pytest.importorskip("piff", reason="piff is not installed: pip install 'gen2-slice[piff]'")
    results = run(seed=2026, nCases=N_CASES, kinds=["piff"])
    assert [result for result in results if isFault(result)] == []
    outcomes = collections.Counter(result.outcome for result in results)
    assert outcomes["error"] > N_CASES//2 and outcomes["read"] > 0


@pytest.fixture
def judged(monkeypatch, tmp_path):
    """Return a function that judges a reader."""
    def judge(reader, kind="catalog", data=b"data", original=None):
        monkeypatch.setitem(fuzzReaders.READERS, kind, reader)
        monkeypatch.setitem(fuzzJudge.READERS, kind, reader)
        return Judge(tmp_path).judge(kind, "name", data, original)[0]

    return judge


def raising(error):
    def read(path, digest):
        raise error
    return read


def addContent(path, digest):
    digest.add(pathlib.Path(path).read_bytes())


def test_outcomesAreToldApart(judged, monkeypatch, tmp_path):
    from lsst.pex.exceptions import NotFoundError

    monkeypatch.chdir(tmp_path)
    assert judged(lambda path, digest: None) == "read"
    assert judged(raising(NotFoundError("nothing in seed@name"))) == "error"
    assert judged(raising(NotFoundError("nothing"))) == "unnamed"
    assert judged(raising(KeyError("seed@name"))) == "exception"
    assert judged(raising(MemoryError())) == "memory"
    assert judged(lambda path, digest: os.system("true")) == "code"
    assert judged(addContent, data=b"dat", original=b"data") == "silent"
    assert judged(lambda path, digest: open(CANARY, "w").close()) == "code"
    assert judged(lambda path, digest: eval(f"'{CANARY}'")) == "code"
    assert judged(lambda path, digest: pickle.loads(pickle.dumps(pathlib.Path()))) == "code"
    assert judged(lambda path, digest: open("elsewhere", "w").close(), "mapper") == "outside"
    assert judged(lambda path, digest: open(path, "a").close(), "mapper") == "read"


def test_deathOfAWorker(monkeypatch):
    """A case in which the process dies is counted, and the next ones are run."""
    worker = Worker(0, range(3), ["mapper"])
    while worker.step() is None:
        pass
    while worker._last is None:
        worker.step()
    os.kill(worker._process.pid, signal.SIGSEGV)
    results = []
    while worker.cases:
        result = worker.step()
        results += [result] if result is not None else []
    worker.stop()
    assert [result.case for result in results] == [1, 2]


def test_hdusAreFound(stackData):
    from lsst.afw.fits import FitsFile

    path = stackData/"zoo"/"kernelPsf.fits"
    data = path.read_bytes()
    with FitsFile(str(path)) as file:
        assert [start for _, start, _ in findHdus(data)] == [file.hdu(i).dataStart for i in range(file.nHdus)]
    assert findHdus(data)[-1][2] == len(data)
