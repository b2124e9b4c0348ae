# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""The command line of forcedDiaPhot.py."""

__all__ = ["ForcedDiaPhotArgumentParser", "makeArgumentParser"]

from ..commandLine.argumentParser import DiaArgumentParser
from ..commandLine.gen2Classes import ConfigDatasetType
from ..commandLine.overlay import datasetExists


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
            from .refCatFile import RefCatError, readRefCatOf

            try:
                refCat, nDropped = readRefCatOf(namespace.refCat, namespace.config.refCat)
            except RefCatError as error:
                self.error(f"--refCat: {error}")
            if nDropped:
                namespace.log.warning("%s: rows without a finite position are left out: %d",
                                      namespace.refCat, nDropped)
            if not len(refCat):
                self.error(f"--refCat: {namespace.refCat} has no positions")
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


def makeArgumentParser(name="forcedDiaPhot"):
    """Make the argument parser of the command.

    Parameters
    ----------
    name : `str`, optional
        Name of the task.
    """
    parser = ForcedDiaPhotArgumentParser(name=name)
    parser.addDataIds(ConfigDatasetType(name="imageDataset"))
    parser.addRefCat()
    return parser
