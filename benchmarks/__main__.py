# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Run the benchmarks named on the command line, or all."""

import pathlib

from stack.benchmarks.__main__ import main

if __name__ == "__main__":
    main(pathlib.Path(__file__).parent)
