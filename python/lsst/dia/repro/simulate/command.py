# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""The command ``simulateDiaRepo.py``."""

from __future__ import annotations

__all__ = ["main"]

import argparse
import logging
import math
from collections.abc import Callable, Sequence

from ..plainCommand import plainCommand


def inRange(convert: Callable[[str], float], low: float, high: float, what: str) -> Callable[[str], float]:
    """Return a function that converts a command-line value and checks its range."""

    def check(text: str) -> float:
        try:
            value = convert(text)
        except ValueError:
            value = math.nan
        if not low <= value <= high:
            raise argparse.ArgumentTypeError(f"{text} is not {what} from {low} to {high}")
        return value

    return check


seed = inRange(int, 0, 2**63 - 1, "a seed")
positive = inRange(int, 1, 10**6, "a number")
imageSize = inRange(int, 100, 10**4, "a size")
rightAscension = inRange(float, -360, 360, "a right ascension")
declination = inRange(float, -89, 89, "a declination")


@plainCommand("simulateDiaRepo")
def main(args: Sequence[str] | None = None) -> int:
    """Simulate a survey, as the command line says.

    Parameters
    ----------
    args : `list` [`str`], optional
        Command-line arguments; those of the process if `None`.

    Returns
    -------
    status : `int`
        Exit status, 0.
    """
    parser = argparse.ArgumentParser(
        description="Write a Gen2 repository of simulated difference images and DIASource catalogs, "
                    "with the truth beside them.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    parser.add_argument("root", metavar="OUT", help="directory of the new repository")
    parser.add_argument("--seed", type=seed, default=1, help="the same seed gives the same survey")
    parser.add_argument("--visits", type=positive, default=15, help="number of visits, of two sensors each")
    parser.add_argument("--objects", type=positive, default=120, help="variables, transients and movers")
    parser.add_argument("--size", type=imageSize, default=600, help="width and height of the images, pixels")
    parser.add_argument("--ra", type=rightAscension, default=53.0, help="centre of the field, degrees")
    parser.add_argument("--dec", type=declination, default=-27.44, help="centre of the field, degrees")
    parsed = parser.parse_args(args)
    # SciPy's filters take a second to import, for which neither help nor a slip should wait.
    from .gen2Repository import simulateRepository

    try:
        simulateRepository(parsed.root, logging.getLogger("simulateDiaRepo"), seed=parsed.seed,
                           nVisits=parsed.visits, nObjects=parsed.objects, size=parsed.size, ra=parsed.ra,
                           dec=parsed.dec)
    except FileExistsError as error:
        parser.error(str(error))
    return 0
