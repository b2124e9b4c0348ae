# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""The command line of forcedDiaPhot.py, and what it hands to the task."""

__all__ = ["ForcedDiaPhotArgumentParser", "ForcedDiaPhotRunner", "readRefCatOf"]

from .diaArgumentParser import DiaArgumentParser
from .diaTaskRunner import DiaTaskRunner
from .overlay import datasetExists
from .refCatFile import RefCatError, readRefCat


def readRefCatOf(path, config):
    """Read the file of ``--refCat`` with the columns of a config.

    Parameters
    ----------
    path : `str`
        The file.
    config : `RefCatConfig`
        Names of its columns.

    Returns
    -------
    refCat : `lsst.afw.table.SourceCatalog`
        Positions.
    nDropped : `int`
        Number of rows without a position.
    """
    return readRefCat(path, config.idColumn, config.raColumn, config.decColumn)


class ForcedDiaPhotArgumentParser(DiaArgumentParser):
    """Argument parser that wants positions: DIAObjects or a file."""

    def addRefCat(self):
        """Add the argument ``--refCat``."""
        self.add_argument(
            "--refCat", metavar="FILE",
            help="measure at the positions of this FITS, Parquet, CSV or ECSV file (columns id, ra, dec; "
                 "degrees) instead of the DIAObjects")

    def parse_args(self, *args, **kwargs):
        """Parse the command line; see `lsst.pipe.base.ArgumentParser`."""
        namespace = super().parse_args(*args, **kwargs)
        if namespace.refCat:
            try:
                refCat, nDropped = readRefCatOf(namespace.refCat, namespace.config.refCat)
            except RefCatError as error:
                self.error(f"--refCat: {error}")
            if nDropped:
                namespace.log.warning("%s: %d rows have no finite position and are left out",
                                      namespace.refCat, nDropped)
            namespace.log.info("Measuring at %d positions of %s", len(refCat), namespace.refCat)
        return namespace

    def _processDataIds(self, namespace):
        """Look up the data, after a look for the DIAObjects."""
        onlyShows = namespace.show and "run" not in namespace.show
        needed = not onlyShows and not namespace.refCat
        if needed and not datasetExists(namespace.butler, "reproDIAObjects"):
            self.error(f"repository {namespace.output or namespace.input} has no reproDIAObjects: "
                       "run diaObjectMaker.py first, or give positions with --refCat")
        super()._processDataIds(namespace)


class ForcedDiaPhotRunner(DiaTaskRunner):
    """Task runner that tells the task of the file of positions."""

    @staticmethod
    def getTargetList(parsedCmd, **kwargs):
        """List the images, each with the file; see `lsst.pipe.base.TaskRunner`."""
        return DiaTaskRunner.getTargetList(parsedCmd, refCat=parsedCmd.refCat, **kwargs)
