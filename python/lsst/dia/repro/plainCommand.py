# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Commands that are not tasks."""

from __future__ import annotations

__all__ = ["plainCommand"]

import functools
import logging
from collections.abc import Callable, Sequence

from lsst.pipe.base import TaskError

from .describeError import describeError
from .endings import endUponClosedOutput, endUponTermination
from .plainText import escapeOutput
from .systemErrors import endUponSystemError

#: A larger exit status would be taken modulo 256.
MAX_STATUS = 255


def plainCommand(name: str) -> Callable[[Callable[..., int]], Callable[..., int]]:
    """Make a function the main function of a command: it has a log, and ends in one line if it fails.

    Parameters
    ----------
    name : `str`
        Name of its log.

    Returns
    -------
    decorator : callable
        Of a function of command-line arguments, `None` for those of the
        process, that returns the exit status. A `~lsst.pipe.base.TaskError`
        that it raises is logged, and the status is 1 then.
    """

    def decorate(main: Callable[..., int]) -> Callable[..., int]:
        @functools.wraps(main)
        def run(args: Sequence[str] | None = None) -> int:
            escapeOutput()
            logging.basicConfig(level=logging.INFO, format="%(name)s %(levelname)s: %(message)s")
            with endUponClosedOutput(), endUponTermination(), endUponSystemError():
                try:
                    return min(main(args), MAX_STATUS)
                except TaskError as error:
                    logging.getLogger(name).error("%s", describeError(error))
                    return 1

        return run

    return decorate
