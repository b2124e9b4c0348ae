# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Files of small difference images, with the headers that Rubin's have, and positions on them."""

import pathlib

import lsst.afw.image as afwImage
import numpy as np
import pyarrow.parquet as pq
from lsst.dia.repro.movedNames import setFilterLabel
from lsst.dia.repro.simulate.simulatedSurvey import SENSORS
from smallSurvey import FIRST_DAY, makeImage, makeWcs

SIZE = 100

#: A visit as LSSTCam numbers them.
VISIT = 2025123100001

DETECTOR = 94


def makeRubinImage(path, visit=VISIT, detector=DETECTOR, seed=1, band="r", changeIt=None, **cards):
    """Write an image, in nJy, with the cards of Rubin's butler.

    Parameters
    ----------
    path : `pathlib.Path`
        The file.
    visit, detector : `int` or `None`
        What the cards have; no card if `None`.
    seed : `int`
        Seed of the noise.
    band : `str`
        The band.
    changeIt : callable, optional
        Changes the exposure before it is written.
    **cards
        More cards.
    """
    exposure = makeImage(np.random.default_rng(seed), SIZE, SENSORS[0], band, FIRST_DAY + seed, 0)
    exposure.setPhotoCalib(afwImage.PhotoCalib(1.0))
    info = exposure.getInfo().getVisitInfo()
    exposure.getInfo().setVisitInfo(afwImage.VisitInfo(
        exposureTime=30.0, date=info.getDate(), instrumentLabel="LSSTCam", id=visit or 0))
    if visit is not None and detector is not None:
        exposure.getInfo().setId((visit % 10**8 << 9) + detector)
    setFilterLabel(exposure, afwImage.FilterLabel(band=band, physical=f"{band}_57"))
    values = {"INSTRUMENT": "LSSTCam", "VISIT": visit, "DETECTOR": detector, "BAND": band}
    metadata = exposure.getMetadata()
    for name, value in values.items():
        if value is not None:
            metadata.set(f"LSST BUTLER DATAID {name}", value)
    for name, value in cards.items():
        metadata.set(name, value)
    if changeIt:
        changeIt(exposure)
    path.parent.mkdir(parents=True, exist_ok=True)
    exposure.writeFits(str(path))
    return path


def makeImages(directory, number=4, **kwargs):
    """Write images of visits that follow each other, and return their paths (`list` [`pathlib.Path`])."""
    return [makeRubinImage(pathlib.Path(directory)/f"image{index}.fits", VISIT + index, seed=index + 1,
                           **kwargs)
            for index in range(number)]


def writePositions(path, number=20):
    """Write positions on the images, and one elsewhere; return the path."""
    x, y = np.random.default_rng(9).uniform(5, SIZE - 5, (2, number))
    ra, dec = np.degrees(makeWcs(SIZE, SENSORS[0]).pixelToSkyArray(x, y, degrees=False))
    rows = [(index + 1, *place) for index, place in enumerate(zip(ra.tolist(), dec.tolist()))]
    rows.append((number + 1, 200.0, 10.0))
    path.write_text("id,ra,dec\n" + "".join(f"{i},{r!r},{d!r}\n" for i, r, d in rows))
    return path


def readCurves(path):
    """Return a Parquet table as arrays by name, with NaN for null."""
    table = pq.read_table(path)
    return {name: table[name].to_numpy() for name in table.schema.names}


def assertSame(found, expected, names=None):
    """Check that columns are the same in every bit, NaN for NaN."""
    for name in names or expected:
        np.testing.assert_array_equal(found[name], expected[name], err_msg=name)
