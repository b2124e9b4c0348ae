# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Files of difference images: which there are, and what is in them."""

from __future__ import annotations

__all__ = ["ImageFile", "findImageFiles", "readImage"]

import os
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from lsst.afw.image import ExposureF, PhotoCalib
from lsst.pipe.base import TaskError

from ..describeError import describeError
from .rubinImages import CALIBRATED, isRubinImage, readRubinImage

#: How the names of images end in directories; whatever is named itself is taken for an image.
SUFFIXES = (".fits", ".fits.gz", ".fits.fz", ".fit", ".json", ".json.gz", ".h5", ".hdf5", ".sdf")


class ImageFile(NamedTuple):
    """A file with a difference image.

    Attributes
    ----------
    path : `str`
        The file.
    name : `str`
        Its path from the directory that all images have in common, so that it
        is the same wherever the command runs.
    """

    path: str
    name: str


def findImageFiles(arguments: Iterable[str]) -> list[ImageFile]:
    """Find the images that arguments of a command line mean.

    Parameters
    ----------
    arguments : iterable [`str`]
        Files, which need not be there, and directories: of those all files,
        at any depth, that are called like images.

    Returns
    -------
    images : `list` [`ImageFile`]
        Each once, however often and by whatever links it is named, in order
        of their names.

    Raises
    ------
    LookupError
        Raised if there is none in a directory; the message names it.
    """
    paths = sorted({os.path.realpath(path) for argument in arguments for path in _expand(argument)})
    common = os.path.commonpath([os.path.dirname(path) for path in paths]) if paths else ""
    return [ImageFile(path, os.path.relpath(path, common)) for path in paths]


def _expand(argument: str) -> Iterator[str]:
    """Yield a file, or those in a directory."""
    if not os.path.isdir(argument):
        yield argument
        return
    isEmpty = True
    for directory, subdirectories, names in os.walk(argument):
        # What is hidden is not complete, or of a version control system.
        subdirectories[:] = [name for name in subdirectories if not name.startswith(".")]
        for name in names:
            if name.lower().endswith(SUFFIXES) and not name.startswith("."):
                isEmpty = False
                yield os.path.join(directory, name)
    if isEmpty:
        raise LookupError(f"{argument}: no images in it, of names that end in one of {', '.join(SUFFIXES)}")


def readImage(path: str) -> ExposureF:
    """Read an image.

    Parameters
    ----------
    path : `str`
        File in the format of `lsst.afw.image` or of ``lsst.images``.

    Returns
    -------
    exposure : `lsst.afw.image.ExposureF`
        The image. Pixels in nJy that come without a PhotoCalib have that of 1
        nJy a count.

    Raises
    ------
    lsst.pipe.base.TaskError
        Raised if it cannot be read; the message does not name the file.
    """
    if not os.path.exists(path):
        raise TaskError("there is no such file")
    if isRubinImage(path):
        return readRubinImage(path)
    try:
        exposure = ExposureF(path)
    except Exception as error:
        # What is wrong with a file comes in many kinds, and is never a reason to end the run.
        raise TaskError(f"it cannot be read: {describeError(error)}") from error
    metadata = exposure.getMetadata()
    if exposure.getPhotoCalib() is None and metadata.exists("BUNIT"):
        if str(metadata.getScalar("BUNIT")).strip() == CALIBRATED:
            exposure.setPhotoCalib(PhotoCalib(1.0))
    return exposure
