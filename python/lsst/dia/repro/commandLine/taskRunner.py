# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""How the tasks of this package are run and how their exit status comes about."""

from __future__ import annotations

__all__ = ["DiaTaskRunner"]

import argparse

from lsst.pipe.base import Struct

from .gen2Classes import TaskRunner


class DiaTaskRunner(TaskRunner):
    """Task runner that fails when nothing could be run.

    The exit status of a command is the number of failed targets. A data ID
    that matches nothing counts as one, and so does a run that does not start.
    """

    def run(self, parsedCmd: argparse.Namespace) -> list[Struct]:
        """Run the task on all targets; see `lsst.pipe.base.TaskRunner.run`.

        Without data nothing is written, not even the config.
        """
        if self.getTargetList(parsedCmd):
            results = super().run(parsedCmd)
        else:
            parsedCmd.log.error("There is no data to process; \"--show data\" lists what --id selects")
            results = []
        failures = max(len(parsedCmd.id.unmatched), 0 if results else 1)
        return results + [Struct(exitStatus=1) for _ in range(failures)]
