# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Run the benchmarks named on the command line, or all."""

import importlib
import pathlib
import sys


def main(directory):
    names = sorted(path.stem for path in directory.glob("bench_*.py"))
    wanted = ["bench_" + name for name in sys.argv[1:]] or names
    unknown = set(wanted) - set(names)
    if unknown:
        sys.exit(f"no such benchmark: {', '.join(sorted(unknown))}; there are {', '.join(names)}")
    for name in wanted:
        print(f"-- {name[len('bench_'):]}", flush=True)
        for row in importlib.import_module("benchmarks." + name).run():
            print(row, flush=True)


if __name__ == "__main__":
    main(pathlib.Path(__file__).parent)
