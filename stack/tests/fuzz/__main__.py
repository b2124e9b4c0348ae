# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Command: damage files and read them; ``python tests/fuzz --help``."""

import argparse
import pathlib
import sys

from fuzzJudge import OUTCOMES, REPOSITORIES
from fuzzReaders import READERS
from fuzzRunner import countTable, isFault, run, work

DOC = pathlib.Path(__file__).parents[2]/"doc"

HOSTILE_TEXT = """.. Written by "python tests/fuzz --hostile --rst"; do not edit.

####################
Hostile repositories
####################

``python tests/fuzz --hostile`` makes repositories as somebody would who means harm, and opens, reads and
writes them as a user would: their configurations and mappers; policies that give dataset types other
classes, storage types, templates and tables; stored configs with statements of every kind among their own;
registries whose tables are views without end or hold paths; trees of repositories that are parents of each
other; pickles of :doc:`Piff PSFs <piff>`. A file that only programs among them make tells whether one ran,
and all files that are opened for writing are noted. Cases run in processes of their own, with limits of time
and memory. A short run is one of the tests; what is promised, and what not, is the page on trust of the
tasks.

The last {number} cases (seed {seed}) ended so:

.. list-table::
   :header-rows: 1

{table}

{legend}

The last eight must not happen{verdict}.
"""

TEXT = """.. Written by "python tests/fuzz --rst"; do not edit.

#############
Damaged files
#############

``python tests/fuzz`` damages files of every kind that the slice reads, and reads them as a user would: all
columns and footprints of a catalog, the pixels and every component of an exposure, what an archive holds,
WCSs of headers, texts of AST, policies, stored configs, configurations of repositories with their policies
and parents, names of mappers, registries. It begins with what the real v23.0.2 wrote and with small files
of other kinds. Damage is by accident and by malice: truncation, holes, flipped bits, header cards with
impossible values, HDUs that are lost, repeated and exchanged, archives whose objects contain themselves,
YAML tags that name code, texts nested deeply, SQL. :doc:`hostile` has more of the malice. Cases run in
processes of their own, with limits of time and memory. Seed and number reproduce a case, ``--seconds``
bounds the time, and a short run is one of the tests. A bit flipped among pixels cannot be noticed: files of
the stack have no checksums.

The last {number} cases (seed {seed}) ended so:

.. list-table::
   :header-rows: 1

{table}

{legend}

The last eight must not happen{verdict}.
"""


def _page(text, results, seed):
    rows = countTable(results)
    lines = []
    for row in rows:
        lines += [f"   {'*' if i == 0 else ' '} - {value}" for i, value in enumerate(row)]
    legend = "\n".join(f"- {name}: {text}" for name, text in OUTCOMES.items())
    nFaults = sum(map(isFault, results))
    verdict = ", and did not" if not nFaults else f"; {nFaults} did"
    return text.format(number=f"{len(results):,}", seed=seed, table="\n".join(lines), legend=legend,
                       verdict=verdict)


def main():
    parser = argparse.ArgumentParser(prog="python tests/fuzz", description=__doc__)
    parser.add_argument("--cases", type=int, default=2000, help="number of cases (default 2000)")
    parser.add_argument("--seconds", type=float, help="stop after this time")
    parser.add_argument("--seed", type=int, default=0, help="seed of the mutations")
    parser.add_argument("--workers", type=int, default=2, help="number of processes")
    parser.add_argument("--kinds", nargs="+", choices=list(READERS), help="kinds of files (default all)")
    parser.add_argument("--hostile", action="store_true",
                        help="only repositories and pickles of PSFs that mean harm")
    parser.add_argument("--rst", action="store_true", help="write the page of the documentation")
    parser.add_argument("--work", nargs=3, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.work:
        seed, kinds, cases = args.work
        work(int(seed), range(*map(int, cases.split(":"))), kinds.split(","))
        return 0

    page, text = DOC/"fuzzing.rst", TEXT
    if args.hostile:
        args.kinds, page, text = [*REPOSITORIES, "storedConfig", "piff"], DOC/"hostile.rst", HOSTILE_TEXT

    def report(result):
        if isFault(result):
            print(f"{result.outcome}: --seed {args.seed} case {result.case}: {result.kind} {result.name} "
                  f"{' '.join(result.mutations)}: {result.detail}", flush=True)

    results = run(args.seed, args.cases, args.seconds, args.workers, args.kinds, report)
    for row in countTable(results):
        print(" ".join(f"{value!s:>9}" for value in row))
    if args.rst:
        page.write_text(_page(text, results, args.seed))
    return int(any(map(isFault, results)))


if __name__ == "__main__":
    sys.exit(main())
