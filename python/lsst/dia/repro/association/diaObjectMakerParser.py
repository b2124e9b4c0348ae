# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""The command line of diaObjectMaker.py."""

__all__ = ["DiaObjectMakerArgumentParser", "makeArgumentParser"]

import argparse
import os

from ..commandLine.argumentParser import DiaArgumentParser
from ..commandLine.gen2Classes import ConfigDatasetType

FIGURE_FORMATS = (".eps", ".jpeg", ".jpg", ".pdf", ".png", ".ps", ".svg")


class DiaObjectMakerArgumentParser(DiaArgumentParser):
    """Argument parser of `DiaObjectMakerTask`."""

    def addOutputs(self):
        """Add the arguments that choose tiles, and the figure."""
        self.add_argument("--figure", metavar="FILE", type=_figurePath,
                          help="draw a map of the DIAObjects, their members and separations")
        self.add_argument("--tile", type=int, nargs="+", metavar="INDEX",
                          help="associate only these tiles of config.tileLevel, each into a file of its own")
        self.add_argument("--mergeTiles", action="store_true", help="put the files of all tiles together")
        self.add_argument("--listTiles", action="store_true", help="print the indices of the tiles and exit")

    def parse_args(self, *args, **kwargs):
        """Parse the command line; see `lsst.pipe.base.ArgumentParser`."""
        namespace = super().parse_args(*args, **kwargs)
        wantsTiles = namespace.tile or namespace.mergeTiles or namespace.listTiles
        level = namespace.config.tileLevel
        if wantsTiles and level is None:
            self.error("--tile, --mergeTiles and --listTiles need --config tileLevel=...")
        self._checkTiles(level, namespace.tile or [])
        if namespace.listTiles:
            print(*self._listTiles(namespace), sep="\n")
            self.exit()
        return namespace

    def _checkTiles(self, level, tiles):
        """End the command if there are no such tiles."""
        from .skyTile import SkyTile

        try:
            for tile in tiles:
                SkyTile(level, tile)
        except ValueError as error:
            self.error(error)

    @staticmethod
    def _listTiles(namespace):
        """Return the indices of the tiles with sources."""
        from .diaSourceLoader import DiaSourceLoaderTask

        config = namespace.config
        loader = DiaSourceLoaderTask(config=config.loader)
        exposures = loader.lookUp(namespace.id.refList, config.imageDataset)
        return loader.findTiles(exposures, config.sourceDataset, config.tileLevel)


def makeArgumentParser(name="diaObjectMaker"):
    """Make the argument parser of the command.

    Parameters
    ----------
    name : `str`, optional
        Name of the task.
    """
    parser = DiaObjectMakerArgumentParser(name=name)
    parser.addDataIds(ConfigDatasetType(name="sourceDataset"))
    parser.addOutputs()
    return parser


def _figurePath(text):
    """Return the path of a figure that can be drawn."""
    if os.path.splitext(text)[1].lower() not in FIGURE_FORMATS:
        raise argparse.ArgumentTypeError(f"{text} does not end with one of {', '.join(FIGURE_FORMATS)}")
    if not os.path.isdir(os.path.dirname(text) or os.curdir):
        raise argparse.ArgumentTypeError(f"there is no directory for {text}")
    return text
