# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""How forcedDiaPhot.py is run."""

__all__ = ["ForcedDiaPhotRunner"]

from ..commandLine.taskRunner import DiaTaskRunner


class ForcedDiaPhotRunner(DiaTaskRunner):
    """Task runner that tells the task of the file of positions, and warns if none of them is on any image."""

    nSources = 0

    def run(self, parsedCmd):
        """Run the task on all images; see `lsst.pipe.base.TaskRunner.run`."""
        results = super().run(parsedCmd)
        done = [result for result in results if not result.exitStatus]
        if done and not any(result.nSources for result in done):
            hint = "; they have to be in degrees, or have their unit" if parsedCmd.refCat else ""
            parsedCmd.log.warning("None of the positions of %s is on any of the %d images%s",
                                  parsedCmd.refCat or "reproDIAObjects", len(done), hint)
        return results

    def __call__(self, args):
        """Run the task on an image; see `lsst.pipe.base.TaskRunner`.

        The result has ``nSources``, the number of positions on the image.
        """
        self.nSources = 0
        result = super().__call__(args)
        result.nSources = self.nSources
        return result

    def runTask(self, task, dataRef, kwargs):
        """Call the task; see `lsst.pipe.base.TaskRunner.runTask`."""
        result = super().runTask(task, dataRef, kwargs)
        self.nSources = len(result.forcedSources)
        return result

    @staticmethod
    def getTargetList(parsedCmd, **kwargs):
        """List the images, each with the file; see `lsst.pipe.base.TaskRunner`."""
        return DiaTaskRunner.getTargetList(parsedCmd, refCat=parsedCmd.refCat, **kwargs)
