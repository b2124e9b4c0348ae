# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Damaged files: the error is the stack's own and names the file, nothing hangs, nothing else is raised."""

import logging
import random

import pytest

import lsst.afw.table as afwTable
import lsst.pex.exceptions as pexExceptions
from lsst.afw.fits import FitsError, FitsFile, MemFileManager

N_MUTATIONS = 150
HEADER_BYTES = b"0123456789 '=TFX-ABCDEFJKPQ()&/.\x00\xff"


def mutated(rng, data):
    """Change bytes of headers or data, cut pieces out, or end early."""
    data = bytearray(data)
    for _ in range(rng.randint(1, 4)):
        kind = rng.random()
        position = rng.randrange(2880, len(data)) if len(data) > 2880 else 0
        if kind < 0.1:
            del data[position:]
        elif kind < 0.2:
            del data[position:position + rng.randint(1, 200)]
        elif kind < 0.6:
            position = min(position, rng.randrange(2880, 40000))
            data[position:position + 1] = bytes([rng.choice(HEADER_BYTES)])
        else:
            data[position:position + 4] = rng.choice([b"\x7f\xff\xff\xff", bytes([rng.randrange(256)])])
    manager = MemFileManager()
    manager.setData(data, len(data))
    return manager


@pytest.fixture(autouse=True)
def quiet(caplog):
    caplog.set_level(logging.CRITICAL)


def useCatalog(manager):
    catalog = afwTable.SourceCatalog.readFits(manager)
    for item in catalog.schema:
        catalog[item.key]
    for record in catalog:
        record.getFootprint()


def useImages(manager):
    with FitsFile(manager) as file:
        for hdu in range(1, 4):
            file.readImage(hdu)


@pytest.mark.parametrize("pattern, use", [("diaSrc-*.fits", useCatalog), ("diffexp-*.fits", useImages)])
def test_mutatedFiles(stackData, pattern, use):
    rng = random.Random(20)
    originals = [p.read_bytes() for p in sorted((stackData / "repo").glob(f"deepDiff/*/R22/{pattern}"))[:6]]
    outcomes = {True: 0, False: 0}
    for _ in range(N_MUTATIONS):
        manager = mutated(rng, rng.choice(originals))
        try:
            use(manager)
            outcomes[True] += 1
        except pexExceptions.Exception as err:
            assert "memory" in str(err) or isinstance(err, pexExceptions.NotFoundError), err
            outcomes[False] += 1
    assert min(outcomes.values()) > N_MUTATIONS // 10


def test_damagedGzipTile(stackData):
    """cfitsio would never return from this one."""
    for path in sorted((stackData / "repo").glob("deepDiff/*/R22/diffexp-*.fits")):
        with FitsFile(path) as file:
            hdu = file.hdu(1)
            if hdu.get("ZCMPTYPE") == "GZIP_2":
                break
    else:
        pytest.fail("no gzipped image")
    data = bytearray(path.read_bytes())
    heap = hdu.dataStart + hdu.naxes[0] * hdu.naxes[1]
    data[heap + 500] ^= 0x5A
    manager = MemFileManager()
    manager.setData(data, len(data))
    with FitsFile(manager) as file:
        with pytest.raises(FitsError, match="tile 0"):
            file.readImage(1)
        assert file.readImage(1, (0, 5, 10, 9)).shape == (4, 10)
