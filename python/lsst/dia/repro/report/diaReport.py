# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""The command ``diaReport.py``: pages on the light curves of a repository."""

from __future__ import annotations

__all__ = ["main"]

import argparse
import logging
import os
from collections.abc import Sequence

from lsst.pipe.base import TaskError

from ..describeError import describeError
from ..plainCommand import plainCommand
from .reportFolder import replaceReport
from .reportSource import ReportSource


@plainCommand("diaReport")
def main(args: Sequence[str] | None = None) -> int:
    """Make the pages that the command line asks for.

    Parameters
    ----------
    args : `list` [`str`], optional
        Command-line arguments; those of the process if `None`.

    Returns
    -------
    status : `int`
        Exit status: 1 if there can be no pages.
    """
    parser = argparse.ArgumentParser(
        description="Make a folder of pages on the run and its light curves, for any browser, without a "
                    "network.", formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    parser.add_argument("root", metavar="OUT", help="repository with the light curves")
    parser.add_argument("--collections", nargs="+", metavar="NAME",
                        help="where the light curves are in OUT, which is a Gen3 repository then")
    parser.add_argument("--output", metavar="DIR", required=True,
                        help="folder to write; a report that is there is replaced")
    parser.add_argument("--stamps", type=int, default=100, metavar="N",
                        help="show the N most significant objects on their difference images")
    parser.add_argument("--title", help="what to call the survey; the name of the repository if not given")
    parsed = parser.parse_args(args)
    if parsed.stamps < 0:
        parser.error(f"--stamps {parsed.stamps} is not a number from 0 up")
    log = logging.getLogger("diaReport")
    # Bokeh and matplotlib take as long to import as all else, for which neither help nor a slip should wait.
    from .surveyReport import writeSurveyReport

    try:
        inputs = _openSource(parsed, log).gather(parsed.title)
        with replaceReport(parsed.output) as directory:
            nObjects = writeSurveyReport(inputs, directory, log, parsed.stamps)
    except (ValueError, LookupError) as error:
        raise TaskError(describeError(error)) from error
    log.info("Wrote pages on %d DIAObjects: open %s", nObjects, os.path.join(parsed.output, "index.html"))
    return 0


def _openSource(parsed: argparse.Namespace, log: logging.Logger) -> ReportSource:
    """Return what reads the repository."""
    # A machine need not have both kinds of butler.
    if parsed.collections:
        from ..gen3.gen3Source import Gen3Source
        return Gen3Source(parsed.root, parsed.collections, log)
    # First, since it says what to do where there is no Gen2.
    from ..commandLine import gen2Classes  # noqa: F401
    from .gen2Source import Gen2Source
    return Gen2Source(parsed.root, log)
