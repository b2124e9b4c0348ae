# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""The command line of diaLightCurves.py."""

__all__ = ["DiaLightCurvesArgumentParser", "makeArgumentParser"]

import argparse

from ..commandLine.argumentParser import DiaArgumentParser
from ..commandLine.overlay import datasetExists
from .exportFormats import FORMATS

#: Number of light curves that ``--plot`` alone draws.
DEFAULT_PLOTS = 10


class DiaLightCurvesArgumentParser(DiaArgumentParser):
    """Argument parser of `DiaLightCurvesTask`."""

    def addOutputs(self):
        """Add the arguments that say what to make of the light curves."""
        self.add_argument("--reuse", action="store_true",
                          help="take the light curves that the repository has instead of collecting them")
        self.add_argument("--objects", type=_objectIds, nargs="+", metavar="ID,ID", default=[],
                          help="ids of the DIAObjects to draw or to export; these are drawn unless there is "
                               "--format")
        self.add_argument("--plot", type=_count, nargs="?", const=DEFAULT_PLOTS, metavar="N",
                          help="draw the N (10) most significant light curves, or those of --objects")
        self.add_argument("--figureFormat", choices=("png", "pdf"), default="png", help="format of the plots")
        self.add_argument("--format", choices=sorted(FORMATS),
                          help="also write the light curves, all or those of --objects, in this format")
        self.add_argument("--directory", metavar="DIR",
                          help="where plots and exported light curves go; beside the data if not given")

    def parse_args(self, *args, **kwargs):
        """Parse the command line; see `lsst.pipe.base.ArgumentParser`."""
        namespace = super().parse_args(*args, **kwargs)
        from lsst.pipe.base import Struct

        objects = list(dict.fromkeys(objectId for ids in namespace.objects for objectId in ids))
        if namespace.format == "parquet" and not objects:
            self.error("--format parquet needs --objects: the whole table is Parquet already")
        if namespace.reuse:
            self._requireLightCurves(namespace)
        namespace.products = Struct(
            reuse=namespace.reuse, objects=objects, format=namespace.format, directory=namespace.directory,
            nPlots=namespace.plot, figureFormat=namespace.figureFormat,
            drawsObjects=bool(objects) and (namespace.plot is not None or namespace.format is None))
        return namespace

    def _needsDataIds(self, namespace):
        """Tell whether the command makes no sense without ``--id``."""
        return not namespace.reuse

    def _requireLightCurves(self, namespace):
        """Fail if there are no light curves to reuse."""
        for dataset in ("diaLightCurves", "diaLightCurveSummary"):
            if not datasetExists(namespace.butler, dataset):
                self.error(f"repository {namespace.output or namespace.input} has no {dataset}: "
                           "run without --reuse first")


def makeArgumentParser(name="diaLightCurves"):
    """Make the argument parser of the command.

    Parameters
    ----------
    name : `str`, optional
        Name of the task.
    """
    parser = DiaLightCurvesArgumentParser(name=name)
    parser.addDataIds("forcedDIASource")
    parser.addOutputs()
    return parser


def _objectIds(text):
    """Return the ids of a list separated by commas."""
    return [int(word) for word in text.split(",") if word.strip()]


def _count(text):
    """Return a number that is at least one."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is not a number from 1 up")
    return number


_objectIds.__name__ = "list of ids"
_count.__name__ = "number"
