# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""The command ``convertDiaRepo.py``: a Gen3 repository of a Gen2 one, whose files stay where they are."""

from __future__ import annotations

__all__ = ["main"]

import argparse
import logging
from collections.abc import Sequence

from lsst.daf.persistence import Butler, ButlerDataRef
from lsst.pipe.base import TaskError

# A stack that has these itself has no Gen3 butler of today.
from lsst.pipe.cmdline import DataIdContainer, IdValueAction
from sqlalchemy.exc import SQLAlchemyError

from ..association.diaAssociation import DiaObjectMakerConfig
from ..commandLine.gen2Butler import openGen2Butler
from ..describeError import describeError
from ..plainCommand import plainCommand
from ..units import ARCSEC
from .gen3Repository import openRepository
from .lsstSimInstrument import LsstSimInstrument
from .repositoryConversion import RepositoryConversion


@plainCommand("convertDiaRepo")
def main(args: Sequence[str] | None = None) -> int:
    """Convert a repository, as the command line says.

    Parameters
    ----------
    args : `list` [`str`], optional
        Command-line arguments; those of the process if `None`.

    Returns
    -------
    status : `int`
        Number of images and catalogs that could not be used, at most 255; 1
        if nothing could be done.
    """
    # The action wants a config, and fills the container.
    parsed = _makeParser().parse_args(args, argparse.Namespace(config={}, id=DataIdContainer("sensor")))
    # It has a line for each visit.
    logging.getLogger("lsst.daf.butler").setLevel(logging.WARNING)
    gen2 = openGen2Butler(parsed.gen2)
    dataRefs = _findExposures(gen2, parsed.coaddName + "Diff_diaSrc", parsed.id)
    try:
        conversion = _openGen3(parsed)
        conversion.run(dataRefs)
    except SQLAlchemyError as error:
        # The disk is full, or another process has the repository to itself for too long.
        raise TaskError(f"Cannot write to {parsed.gen3}: {describeError(error)}") from error
    return conversion.nFailed


def _makeParser() -> argparse.ArgumentParser:
    """Return what reads the command line."""
    parser = argparse.ArgumentParser(
        description="Make a Gen3 repository of a Gen2 repository of lsst.obs.lsstSim, or add to it what is "
                    "new. The files of difference images and DIASources stay where they are.")
    parser.add_argument("gen2", metavar="GEN2", help="directory of the Gen2 repository")
    parser.add_argument("gen3", metavar="GEN3", help="directory of the Gen3 repository, made if need be")
    parser.add_argument("--id", nargs="*", action=IdValueAction, metavar="KEY=VALUE",
                        help="data IDs, e.g. --id visit=1..5^9 raft=2,2; all data if not given")
    parser.add_argument("--coaddName", metavar="NAME", default=DiaObjectMakerConfig.coaddName.default,
                        help="datasets are NAMEDiff_differenceExp and NAMEDiff_diaSrc (default: %(default)s)")
    parser.add_argument("--collection", metavar="NAME", default=LsstSimInstrument.getName() + "/gen2",
                        help="collection that the files come into (default: %(default)s)")
    parser.add_argument("--padding", metavar="ARCSEC", type=arcsec,
                        default=DiaObjectMakerConfig.tileHalo.default,
                        help="how far around an image its region reaches; association by tiles needs its "
                             "tileHalo (default: %(default)s)")
    return parser


def arcsec(text: str) -> float:
    """Return an angle that regions can be padded with."""
    angle = float(text)
    if not 0 < angle <= 3600:
        raise argparse.ArgumentTypeError(f"{text} is not more than 0 and up to 3600 arcsec")
    return angle


def _openGen3(parsed: argparse.Namespace) -> RepositoryConversion:
    """Return what converts into a Gen3 repository, which is made if need be."""
    butler = openRepository(parsed.gen3)
    try:
        return RepositoryConversion(butler, parsed.coaddName, parsed.collection, parsed.padding*ARCSEC)
    except Exception as error:
        # It may have another instrument of this name, or other datasets, or a collection of another type.
        raise TaskError(f"{parsed.gen3} cannot take the data: {describeError(error)}") from error


def _findExposures(butler: Butler, dataset: str, container: DataIdContainer) -> list[ButlerDataRef]:
    """Return references to all exposures that a command line names, each once."""
    container.setDatasetType(dataset)
    container.idList = container.idList or [{}]
    try:
        container.castDataIds(butler)
        found = {tuple(sorted(ref.dataId.items())): ref for dataId in container.idList
                 for ref in butler.subset(dataset, level="sensor", dataId=dataId)}
    except Exception as error:
        # Of keys and values the butler has its own opinions.
        raise TaskError(f"Cannot look up the data IDs: {describeError(error)}") from error
    if not found:
        raise TaskError("The repository has no such exposures")
    return list(found.values())
