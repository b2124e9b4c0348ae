# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""The command ``simulateDiaRepo.py``."""

__all__ = ["main"]

import argparse
import logging

from ._repository import simulateRepository


def main(args=None):
    """Simulate a survey, as the command line says.

    Parameters
    ----------
    args : `list` [`str`], optional
        Command-line arguments; those of the process if `None`.
    """
    parser = argparse.ArgumentParser(
        description="Write a Gen2 repository of simulated difference images and DIASource catalogs, "
                    "with the truth beside them.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    parser.add_argument("root", metavar="OUT", help="directory of the new repository")
    parser.add_argument("--seed", type=int, default=1, help="the same seed gives the same survey")
    parser.add_argument("--visits", type=int, default=15, help="number of visits, of two sensors each")
    parser.add_argument("--objects", type=int, default=120, help="variables, transients and moving objects")
    parser.add_argument("--size", type=int, default=600, help="width and height of the images, pixels")
    parser.add_argument("--ra", type=float, default=53.0, help="centre of the field, degrees")
    parser.add_argument("--dec", type=float, default=-27.44, help="centre of the field, degrees")
    parsed = parser.parse_args(args)
    logging.basicConfig(level=logging.INFO, format="%(name)s %(levelname)s: %(message)s")
    try:
        simulateRepository(parsed.root, logging.getLogger("simulateDiaRepo"), seed=parsed.seed,
                           nVisits=parsed.visits, nObjects=parsed.objects, size=parsed.size,
                           ra=parsed.ra, dec=parsed.dec)
    except OSError as error:
        parser.error(str(error))
