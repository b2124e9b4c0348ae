# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Runs cases in processes of their own, which may crash or hang, and counts what came of them."""

import collections
import dataclasses
import json
import logging
import os
import pathlib
import random
import resource
import select
import signal
import subprocess
import sys
import tempfile
import time

import fuzzPiff
from fuzzCorpus import makeCorpus
from fuzzJudge import FAULTS, OUTCOMES, Judge
from fuzzMutations import mutate
from fuzzReaders import READERS

MAX_SECONDS = 20
"""Processor time that a case may take."""

MAX_ADDRESS_SPACE = 6 << 30
"""What a process may map; the libraries take 2 GiB of it."""


@dataclasses.dataclass
class Result:
    """What came of one case."""

    case: int
    """Number of the case; with the seed it says everything."""

    kind: str
    """Kind of file."""

    name: str
    """Name of the undamaged file."""

    mutations: list
    """What was done to it."""

    outcome: str
    """A key of `fuzzJudge.OUTCOMES`."""

    detail: str = ""
    """The exception, or the warning."""


def makeCase(corpus, seed, case, kinds):
    """Return kind, name, original, damaged data, mutations and whether it is a loss, of a case."""
    rng = random.Random(f"{seed}:{case}")
    kind = kinds[case % len(kinds)]
    name, original = rng.choice(corpus[kind])
    return (kind, name, original, *mutate(rng, kind, original))


def work(seed, cases, kinds):
    """Run cases in this process; print one line of JSON before and one after each."""
    logging.disable(logging.NOTSET)
    corpus = makeCorpus(kinds)
    resource.setrlimit(resource.RLIMIT_AS, (MAX_ADDRESS_SPACE, MAX_ADDRESS_SPACE))
    with tempfile.TemporaryDirectory() as folder:
        # A butler makes the root of a repository, and files name some that are relative.
        os.chdir(folder)
        judge = Judge(folder)
        for case in cases:
            kind, name, original, data, mutations, isLoss = makeCase(corpus, seed, case, kinds)
            result = Result(case, kind, name, mutations, "crash")
            _say(result)
            # An interval of processor time: other processes do not count.
            signal.setitimer(signal.ITIMER_PROF, MAX_SECONDS)
            result.outcome, result.detail = judge.judge(kind, name, data, original if isLoss else None)
            signal.setitimer(signal.ITIMER_PROF, 0)
            _say(result)


def _say(result):
    sys.stdout.write(json.dumps(dataclasses.asdict(result)) + "\n")
    sys.stdout.flush()


class Worker:
    """A process that runs cases, and is started again where it died."""

    def __init__(self, seed, cases, kinds):
        self.cases = collections.deque(cases)
        self._arguments = [str(seed), ",".join(kinds)]
        self._process = self._last = None
        self._hasBegun = False

    def _start(self):
        first, step = self.cases[0], (self.cases[1] - self.cases[0] if len(self.cases) > 1 else 1)
        cases = f"{first}:{self.cases[-1] + 1}:{step}"
        self._process = subprocess.Popen(
            [sys.executable, str(pathlib.Path(__file__).parent), "--work", *self._arguments, cases],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, bufsize=1,
            env={**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"})
        self._last, self._hasBegun = None, False

    def step(self, timeout=0.2):
        """Wait for a line; return the finished result, if it brought one."""
        if self._process is None:
            self._start()
        if not select.select([self._process.stdout], [], [], timeout)[0]:
            return None
        line = self._process.stdout.readline()
        if not line:
            return self._died()
        result = Result(**json.loads(line))
        self._hasBegun = True
        if self._last is not None and self._last.case == result.case:
            self._last = None
            self.cases.popleft()
            return result
        self._last = result
        return None

    def _died(self):
        status = self._process.wait()
        self._process.stdout.close()
        self._process = None
        result, self._last = self._last, None
        if not self._hasBegun:
            raise RuntimeError(f"A worker ended with status {status} before it began")
        if result is None:
            # Between two cases: the next one is run by a new process.
            return None
        self.cases.popleft()
        result.outcome = "hang" if status == -signal.SIGPROF else "crash"
        result.detail = f"status {status}"
        return result

    def stop(self):
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process.stdout.close()


def run(seed=0, nCases=1000, seconds=None, nWorkers=1, kinds=None, report=None):
    """Run cases.

    Parameters
    ----------
    seed : `int`
        Seed of the mutations.
    nCases : `int`
        Number of cases.
    seconds : `float`, optional
        Stop after this time, whatever is left.
    nWorkers : `int`
        Number of processes.
    kinds : `list` [`str`], optional
        Kinds of files; all by default. Pickles of Piff are left out where it is not installed.
    report : callable, optional
        Called with every `Result`.

    Returns
    -------
    results : `list` [`Result`]
        What came of the cases.
    """
    kinds = list(kinds or READERS)
    if not fuzzPiff.IS_THERE:
        kinds = [kind for kind in kinds if kind != "piff"]
    workers = [Worker(seed, range(i, nCases, nWorkers), kinds) for i in range(min(nWorkers, nCases))]
    end = time.monotonic() + seconds if seconds else float("inf")
    results = []
    try:
        while any(worker.cases for worker in workers) and time.monotonic() < end:
            for worker in workers:
                result = worker.step(0.2/len(workers)) if worker.cases else None
                if result is not None:
                    results.append(result)
                    if report is not None:
                        report(result)
    finally:
        for worker in workers:
            worker.stop()
    return results


def countTable(results):
    """Return the rows of a table: kinds of file, and how many of them had which outcome."""
    counts = collections.Counter((result.kind, result.outcome) for result in results)
    kinds = [kind for kind in READERS if any(result.kind == kind for result in results)]
    rows = [["kind", "tried", *OUTCOMES]]
    for kind in kinds:
        numbers = [counts[kind, outcome] for outcome in OUTCOMES]
        rows.append([kind, sum(numbers), *numbers])
    rows.append(["all", *(sum(row[i] for row in rows[1:]) for i in range(1, len(rows[0])))])
    return rows


def isFault(result):
    """Is this what must not happen?"""
    return result.outcome in FAULTS
