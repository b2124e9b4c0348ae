# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Thousands of images, some of them broken: is each accounted for, and do time and memory stay what they are?

``python -m benchmarks.soak [N]`` in the root of a checkout; 2,000 images take about five minutes.
"""

import json
import pathlib
import subprocess
import sys
import tempfile
import threading
import time

import numpy as np

from tests.smallSurvey import makeSmallSurvey

BIN = pathlib.Path(__file__).parents[1]/"bin"

N_IMAGES = 2000

#: One image in so many is broken.
RARITY = 100

PROCESSES = 2

#: How much more than in the middle of the run an image may take in the end, and memory may be.
TIME_GROWTH, MEMORY_GROWTH = 1.3, 1.1


def breakImages(paths):
    """Break an image in so many: cut it, empty it, or flip one of its bits; return the kind of each.

    A flipped bit may be one of a pixel, and then nobody can tell.
    """
    rng = np.random.default_rng(3)
    kinds = {}
    for number, path in enumerate(rng.choice(paths, len(paths)//RARITY, replace=False)):
        content = bytearray(path.read_bytes())
        kinds[path] = ("truncated", "empty", "flipped")[number % 3]
        if kinds[path] == "flipped":
            place = int(rng.integers(8*len(content)))
            content[place//8] ^= 1 << place % 8
        else:
            del content[len(content)//2 if kinds[path] == "truncated" else 0:]
        path.write_bytes(content)
    return kinds


class MemoryWatch(threading.Thread):
    """Notes the resident memory of a process and its children, bytes, twice a second."""

    def __init__(self, pid):
        super().__init__(daemon=True)
        self._pid = pid
        self.sizes = []

    def run(self):
        while (size := self._measure()) is not None:
            self.sizes.append(size)
            time.sleep(0.5)

    def _measure(self):
        total = 0
        try:
            children = pathlib.Path(f"/proc/{self._pid}/task/{self._pid}/children").read_text().split()
            for pid in (self._pid, *children):
                # Proportional: what forked processes share counts once.
                text = pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text()
                total += 1024*int(text.split("Pss:")[1].split()[0])
        except (OSError, IndexError, ValueError):
            return None if not pathlib.Path(f"/proc/{self._pid}").exists() else total
        return total


def runForced(root, report):
    """Run the command; return its exit status, and the memory that it took in the course of time."""
    process = subprocess.Popen(
        [sys.executable, str(BIN/"forcedDiaPhot.py"), str(root), "--id", "-j", str(PROCESSES),
         "--skip-existing", "--no-versions", "-L", "warn", "--report", str(report)],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    watch = MemoryWatch(process.pid)
    watch.start()
    return process.wait(), watch.sizes


def growth(values):
    """Return how much more the last fifth of a series is than the middle one: medians of both."""
    fifths = np.array_split(np.asarray(values, dtype=float), 5)
    # Not the first: there the images are looked up, and the workers begin.
    return float(np.median(fifths[-1])/np.median(fifths[2]))


def check(isRight, text):
    print(("ok    " if isRight else "WRONG ") + text)
    return isRight


def main(nImages):
    """Run the soak and return whether all was right."""
    with tempfile.TemporaryDirectory() as directory:
        root, report = pathlib.Path(directory)/"repo", pathlib.Path(directory)/"report.json"
        paths = makeSmallSurvey(root, nImages)
        kinds = breakImages(paths)
        status, sizes = runForced(root, report)
        told = json.loads(report.read_text())
        failed = [target for target in told["targets"] if target["status"] == "failed"]
        outputs = len(list(root.rglob("forcedDIASource-*.fits")))
        surely = sum(kind != "flipped" for kind in kinds.values())
        seconds = [target["seconds"] for target in told["targets"] if target["status"] == "done"]
        results = [
            check(surely <= len(failed) <= len(kinds),
                  f"{len(failed)} images failed; {len(kinds)} are broken, of {surely} everyone can tell"),
            check(status == min(len(failed), 255), f"exit status {status}"),
            check(outputs == nImages - len(failed), f"{outputs} results of {nImages} images"),
            check(all(target["reason"] for target in failed), "each failure has a reason in the report"),
            check(growth(seconds) <= TIME_GROWTH, f"time per image grew to {growth(seconds):.2f} times"),
            check(growth(sizes) <= MEMORY_GROWTH, f"memory grew to {growth(sizes):.2f} times, "
                  f"{max(sizes)/1e6:.0f} MB at most"),
        ]
        again, _ = runForced(root, report)
        counts = json.loads(report.read_text())["counts"]
        results.append(check(again == status and counts["skipped"] == outputs,
                             f"a second run tries {nImages - counts['skipped']} images again"))
        return all(results)


if __name__ == "__main__":
    sys.exit(not main(int(sys.argv[1]) if len(sys.argv) > 1 else N_IMAGES))
