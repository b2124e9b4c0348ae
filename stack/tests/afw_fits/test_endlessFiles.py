# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Files that go on for long cost no more than what is read of them."""

import gzip
import os
import time
import zlib

import numpy as np
import pytest

import lsst.afw.fits._gzipSource as gzipSource
from lsst.afw.fits import FitsError, readMetadata
from lsst.afw.fits._cards import iterCards
from lsst.afw.fits._file import FitsFile
from lsst.afw.fits._source import openSource
from lsst.afw.image import ExposureF, ExposureFitsReader


def appendZeros(path, nMebibytes):
    """Gzip a file, and as many zeros: a thousandth of their size."""
    compressor = zlib.compressobj(9, wbits=31)
    data = path.read_bytes()
    with open(f"{path}.gz", "wb") as stream:
        stream.write(compressor.compress(data))
        for _ in range(nMebibytes):
            stream.write(compressor.compress(bytes(1 << 20)))
        stream.write(compressor.flush())
    return f"{path}.gz"


def testOnlyWhatIsNeededIsUncompressed(stackData, tmp_path):
    exposure = ExposureF(str(stackData/"zoo"/"kernelPsf.fits"))
    path = tmp_path/"e.fits"
    exposure.writeFits(str(path))
    zipped = appendZeros(path, 100)
    source = openSource(zipped)
    assert source.reaches(1 << 20) and len(source._data) < 20 << 20
    with FitsFile(zipped) as file, FitsFile(path) as expected:
        assert file.nHdus == expected.nHdus
        assert len(file._source._data) < path.stat().st_size + (80 << 20)
    again = ExposureF(zipped)
    np.testing.assert_array_equal(again.image.array, exposure.image.array)
    assert ExposureFitsReader(zipped).readWcs() == exposure.getWcs()
    assert source.size == path.stat().st_size + (100 << 20)


def testTooMuchIsAnError(tmp_path, monkeypatch):
    monkeypatch.setattr(gzipSource, "_MAX_BYTES", 30 << 20)
    with FitsFile(tmp_path/"big.fits", "w") as file:
        file.writeImage(np.zeros((4000, 3000), np.float32))
    zipped = appendZeros(tmp_path/"big.fits", 1)
    with pytest.raises(FitsError, match="big.fits.gz.*more than 31,457,280 uncompressed bytes"):
        FitsFile(zipped).readImage(0)


def testDamageIsFoundWhereItIs(tmp_path):
    image = np.random.default_rng(1).random((500, 500))
    with FitsFile(tmp_path/"d.fits", "w") as file:
        file.writeImage(image)
    data = gzip.compress((tmp_path/"d.fits").read_bytes())
    (tmp_path/"d.fits.gz").write_bytes(data[:-1000])
    with pytest.raises(FitsError, match="d.fits.gz.*could not uncompress"):
        FitsFile(tmp_path/"d.fits.gz").readImage(0)


def testOnlyRegularFilesAreRead(tmp_path):
    os.mkfifo(tmp_path/"pipe.fits")
    (tmp_path/"zero.fits").symlink_to("/dev/zero")
    for name in ("pipe.fits", "zero.fits", "."):
        with pytest.raises(FitsError, match="Not a regular file"):
            readMetadata(str(tmp_path/name))


def makeContinued(n, piece="y"*60 + "&"):
    cards = [f"LONG    = '{'x'*60}&'", *[f"CONTINUE  '{piece}'"]*n, "CONTINUE  'end' / done"]
    return [card.ljust(80) for card in cards]


def testContinueCardsTakeLinearTime():
    """Half a million of them took over a minute."""
    times = []
    for n in (2000, 200_000):
        start = time.process_time()
        (key, value, comment), = iterCards(makeContinued(n))
        times.append(time.process_time() - start)
        assert (key, value, comment) == ("LONG", "'" + "x"*60 + "y"*60*n + "end'", "done")
    assert times[1] < 5


def testContinuedValuesAreJoinedOneByOne():
    """The same as taking off the ampersand and adding what follows, card for card."""
    rng = np.random.default_rng(3)
    for _ in range(300):
        texts = ["".join(rng.choice(list("a&&& "), rng.integers(0, 5))) for _ in range(6)]
        cards = [f"KEY     = '{texts[0]}'", *[f"CONTINUE  '{text}'" for text in texts[1:]]]
        cards = [card.ljust(80) for card in cards]
        expected = f"'{texts[0]}'"
        for text in texts[1:]:
            if len(expected) <= 2 or expected[-2] != "&":
                break
            expected = expected[:-2] + text + "'"
        assert next(iterCards(cards))[1] == expected
