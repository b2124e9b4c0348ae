# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Arguments of command lines that say what to make of light curves."""

from __future__ import annotations

__all__ = ["addProductArguments", "atLeastOne", "findProducts"]

import argparse

from lsst.pipe.base import Struct

from .lightCurveExport import FORMATS

#: Number of light curves that ``--plot`` alone draws.
DEFAULT_PLOTS = 10


def addProductArguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments that say what to draw and to export.

    Parameters
    ----------
    parser : `argparse.ArgumentParser`
        Where to add them.
    """
    parser.add_argument("--objects", type=_objectIds, nargs="+", metavar="ID,ID", default=[],
                        help="ids of the DIAObjects to draw or to export; these are drawn unless there is "
                             "--format")
    parser.add_argument("--plot", type=atLeastOne, nargs="?", const=DEFAULT_PLOTS, metavar="N",
                        help="draw the N (10) most significant light curves, or those of --objects")
    parser.add_argument("--figureFormat", choices=("png", "pdf"), default="png", help="format of the plots")
    parser.add_argument("--format", choices=sorted(FORMATS),
                        help="also write the light curves, all or those of --objects, in this format")
    parser.add_argument("--directory", metavar="DIR",
                        help="where plots and exported light curves go; beside the data if not given")


def findProducts(parser: argparse.ArgumentParser, namespace: argparse.Namespace) -> Struct:
    """Return what the command line asks for.

    Parameters
    ----------
    parser : `argparse.ArgumentParser`
        Ends the command if that makes no sense.
    namespace : `argparse.Namespace`
        The arguments.

    Returns
    -------
    products : `lsst.pipe.base.Struct`
        As `LightCurveProductsTask.run` wants it.
    """
    objects = list(dict.fromkeys(objectId for ids in namespace.objects for objectId in ids))
    if namespace.format == "parquet" and not objects:
        parser.error("--format parquet needs --objects: the whole table is Parquet already")
    return Struct(objects=objects, format=namespace.format, directory=namespace.directory,
                  nPlots=namespace.plot, figureFormat=namespace.figureFormat,
                  drawsObjects=bool(objects) and (namespace.plot is not None or namespace.format is None))


def atLeastOne(text: str) -> int:
    """Return a number that is at least one; a type of `argparse`.

    Parameters
    ----------
    text : `str`
        What the command line has.

    Returns
    -------
    number : `int`
        The number.

    Raises
    ------
    argparse.ArgumentTypeError
        Raised if it is less.
    """
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is not a number from 1 up")
    return number


def _objectIds(text: str) -> list[int]:
    """Return the ids of a list separated by commas."""
    try:
        return [int(word) for word in text.split(",") if word.strip()]
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text} is no list of ids, such as 12,15") from error


# What argparse calls the type in its messages.
atLeastOne.__name__ = "number"
