# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Run LSST's own unit tests of v23 against the slice; ``python tests/lsstUnitTests.py --help``.

The tests are not part of this project. They come from a folder that has a
checkout of each of LSST's packages, at 23.0.2 or near it, under its own name.
"""

from __future__ import annotations

import argparse
import os
import pathlib
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

HERE = pathlib.Path(__file__).parent
LIST = HERE/"lsstUnitTests.txt"

TIMEOUT = 300
"""Seconds after which a file of tests is ended."""


class UnitTest(NamedTuple):
    """A file of LSST's tests."""

    package: str
    name: str
    nExpected: int
    """How many of its tests the real stack passes."""


class Outcome(NamedTuple):
    """What came of a file of tests."""

    test: UnitTest
    nPassed: int
    failures: list[str]
    """Names of the tests that failed, each with the first line of why."""


def readList(packages: list[str] | None = None) -> list[UnitTest]:
    """Return the files of tests of some packages, or of all."""
    rows = [line.split() for line in LIST.read_text().splitlines() if not line.startswith("#")]
    return [UnitTest(package, name, int(count)) for package, name, count in rows
            if not packages or package in packages]


def runTest(folder: pathlib.Path, test: UnitTest) -> Outcome:
    """Run a file of tests in a process of its own."""
    root = folder/test.package
    path = root/"tests"/(test.name + ".py")
    if not path.is_file():
        return Outcome(test, 0, ["there is no such file"])
    with tempfile.TemporaryDirectory() as scratch:
        report = pathlib.Path(scratch)/"report.xml"
        command = [sys.executable, "-m", "pytest", "-q", "-p", "lsstTestHelpers", "-p", "no:cacheprovider",
                   "-p", "no:xdist", f"--junitxml={report}", f"--rootdir={root}", "-c", os.devnull, path]
        try:
            subprocess.run(command, cwd=root, env=makeEnvironment(folder), timeout=TIMEOUT,
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            return Outcome(test, *readReport(report))
        except subprocess.TimeoutExpired:
            return Outcome(test, 0, [f"not done in {TIMEOUT} s"])
        except (OSError, ElementTree.ParseError) as error:
            return Outcome(test, 0, [f"no report: {error}"])


def makeEnvironment(folder: pathlib.Path) -> dict[str, str]:
    """Return the environment that LSST's tests expect, with the variables of EUPS."""
    variables = {path.name.upper() + "_DIR": str(path) for path in folder.iterdir() if path.is_dir()}
    paths = [str(HERE/"lsstTestHelpers"), os.environ.get("PYTHONPATH")]
    return {**os.environ, **variables, "LSST_TEST_FOLDER": str(folder), "MPLBACKEND": "Agg",
            "PYTHONPATH": os.pathsep.join(filter(None, paths))}


def readReport(path: pathlib.Path) -> tuple[int, list[str]]:
    """Return how many tests passed, and which did not."""
    nPassed, failures = 0, []
    for case in ElementTree.parse(path).iter("testcase"):
        problem = next((child for child in case if child.tag in ("failure", "error")), None)
        if problem is not None:
            reason = (problem.get("message") or "").strip().splitlines() or [problem.tag]
            failures.append(f"{case.get('name')}: {reason[0]}")
        elif case.find("skipped") is None:
            nPassed += 1
    return nPassed, failures


def tabulate(outcomes: list[Outcome]) -> Iterator[str]:
    """Yield the rows of the table: passed of expected, a package a row."""
    width = max(len(outcome.test.package) for outcome in outcomes)
    for package in dict.fromkeys(outcome.test.package for outcome in outcomes):
        yield f"{package:{width}s} {countOf([o for o in outcomes if o.test.package == package])}"
    yield f"{'all':{width}s} {countOf(outcomes)}"


def countOf(outcomes: list[Outcome]) -> str:
    """Return "passed/expected"; a test that the real stack did not pass does not count."""
    passed = sum(min(outcome.nPassed, outcome.test.nExpected) for outcome in outcomes)
    return f"{passed}/{sum(outcome.test.nExpected for outcome in outcomes)}"


def main() -> None:
    """Run the tests, as the command line says."""
    parser = argparse.ArgumentParser(description="Run LSST's own unit tests of v23 against the slice.")
    parser.add_argument("folder", type=pathlib.Path,
                        help="has a checkout of each package: daf_base, geom, afw, ...")
    parser.add_argument("packages", nargs="*", metavar="PACKAGE", help="only these packages")
    parser.add_argument("-j", dest="nProcesses", type=int, default=2, help="how many to run at a time")
    args = parser.parse_args()
    tests = readList(args.packages)
    if not args.folder.is_dir() or not tests:
        parser.error(f"there is no folder {args.folder}" if tests else f"no tests of {args.packages}")
    folder = args.folder.resolve()
    with ThreadPoolExecutor(args.nProcesses) as pool:
        outcomes = []
        for outcome in pool.map(lambda test: runTest(folder, test), tests):
            outcomes.append(outcome)
            if outcome.nPassed < outcome.test.nExpected:
                print(f"{outcome.test.package} {outcome.test.name}: {countOf([outcome])}",
                      *outcome.failures, sep="\n    ", flush=True)
    print(*tabulate(outcomes), sep="\n")


if __name__ == "__main__":
    main()
