# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""How forcedDiaPhot.py is run."""

__all__ = ["ForcedDiaPhotRunner"]

from .diaTaskRunner import DiaTaskRunner


class ForcedDiaPhotRunner(DiaTaskRunner):
    """Task runner that tells the task of the file of positions."""

    @staticmethod
    def getTargetList(parsedCmd, **kwargs):
        """List the images, each with the file; see `lsst.pipe.base.TaskRunner`."""
        return DiaTaskRunner.getTargetList(parsedCmd, refCat=parsedCmd.refCat, **kwargs)
