# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Files: pixels and tables in, pixels and tables out, and what is wrong with a file."""

import errno
import gzip

import fitsio
import numpy as np
import pytest

from lsst.afw.fits import FitsError, FitsFile, MemFileManager, readMetadata
from lsst.afw.fits._imageScale import ImageScale
from lsst.afw.fits._sink import openSink


@pytest.fixture
def image():
    return np.random.default_rng(1).normal(size=(23, 31)).astype("f4")


@pytest.mark.parametrize("dtype", ["u1", "i2", "u2", "i4", "u4", "i8", "f4", "f8"])
def test_writtenPixelsAreReadByCfitsio(tmp_path, dtype):
    pixels = np.random.default_rng(2).integers(0, 200, size=(7, 9)).astype(dtype)
    path = str(tmp_path / "i.fits")
    with FitsFile(path, "w") as file:
        file.writeImage(pixels)
    assert np.array_equal(fitsio.read(path), pixels)
    with FitsFile(path) as file:
        assert file.imageShape(0) == (7, 9)
        assert file.imageDtype(0) == np.dtype(dtype)
        back = file.readImage(0)
        assert back.dtype == np.dtype(dtype) and back.flags.writeable
        assert np.array_equal(back, pixels)
        assert np.array_equal(file.readImage(0, (2, 3, 5, 6)), pixels[3:6, 2:5])
        assert file.readImage(0, dtype="f8").dtype == np.float64


@pytest.mark.parametrize("compress", [None, "GZIP_1", "GZIP_2", "RICE"])
def test_cfitsioPixelsAreRead(tmp_path, image, compress):
    path = str(tmp_path / "c.fits")
    pixels = image if compress != "RICE" else (image * 100).astype("i4")
    fitsio.write(path, pixels, compress=compress, qlevel=0)
    with FitsFile(path) as file:
        hdu = file.defaultHdu()
        assert np.array_equal(file.readImage(hdu), pixels)
        assert np.array_equal(file.readImage(hdu, (4, 5, 20, 11)), pixels[5:11, 4:20])


DITHER_1, DITHER_2 = "SUBTRACTIVE_DITHER_1", "SUBTRACTIVE_DITHER_2"
COMPRESSIONS = [
    {"compress": "RICE", "tile_dims": (1, 31)},
    {"compress": "RICE", "tile_dims": (4, 31)},
    {"compress": "RICE", "tile_dims": (3, 10)},
    {"compress": "RICE", "tile_dims": (1, 31), "qlevel": 8, "qmethod": DITHER_1, "dither_seed": 9990},
    {"compress": "RICE", "tile_dims": (2, 7), "qlevel": 8, "qmethod": DITHER_2, "dither_seed": 3},
    {"compress": "GZIP", "tile_dims": (1, 31)},
    {"compress": "GZIP_2", "tile_dims": (3, 10)},
    {"compress": "GZIP_2", "tile_dims": (1, 31), "qlevel": 8, "qmethod": DITHER_1, "dither_seed": 5},
    {"compress": "PLIO", "tile_dims": (2, 31)},
    {"compress": "HCOMPRESS", "tile_dims": (8, 31)},
]


@pytest.mark.parametrize("options", COMPRESSIONS, ids=lambda options: "-".join(map(str, options.values())))
def test_boxesOfCompressedImages(tmp_path, options):
    rng = np.random.default_rng(8)
    pixels = rng.normal(100, 20, size=(101, 31)).astype("f4")
    if "qlevel" not in options:
        pixels = pixels.astype("i4")
    path = str(tmp_path / "c.fits")
    fitsio.write(path, pixels, **options)
    expected = fitsio.read(path, ext=1)
    boxes = [(0, 0, 31, 101), (0, 0, 1, 1), (30, 100, 31, 101), (0, 40, 31, 41), (7, 11, 20, 33)]
    boxes += [(x, y, x + w, y + h) for x, y, w, h in rng.integers(1, (16, 50, 15, 25), (20, 4))]
    with FitsFile(path) as file:
        for x0, y0, x1, y1 in boxes:
            assert np.array_equal(file.readImage(1, (x0, y0, x1, y1)), expected[y0:y1, x0:x1])


@pytest.mark.parametrize("compress", ["RICE", "GZIP_2"])
def test_boxDoesNotNeedTilesElsewhere(tmp_path, compress):
    """A tile that points nowhere is an error only of boxes that it holds."""
    path = str(tmp_path / "c.fits")
    pixels = np.arange(60 * 50, dtype="i4").reshape(60, 50)
    fitsio.write(path, pixels, compress=compress, tile_dims=(1, 50))
    with FitsFile(path) as file:
        start = file.hdu(1).dataStart
    with open(path, "r+b") as stream:
        stream.seek(start + 8 * 30)
        stream.write(b"\x7f\xff\xff\xff")
    with FitsFile(path) as file:
        assert np.array_equal(file.readImage(1, (10, 20, 30, 30)), pixels[20:30, 10:30])
        for box in [(10, 20, 30, 31), None]:
            with pytest.raises(FitsError, match=r"c\.fits, HDU 1.*outside the heap"):
                file.readImage(1, box)


def test_scaledPixels(tmp_path):
    raw = np.array([[0, 10, -20, -32768]], "i2")
    path = str(tmp_path / "s.fits")
    with FitsFile(path, "w") as file:
        file.writeImage(raw, [card.ljust(80) for card in
                              ("BSCALE  = 0.5", "BZERO   = 100", "BLANK   = -32768")], trailer=[])
    with FitsFile(path) as file:
        assert file.imageDtype(0) == np.float32
        assert np.array_equal(file.readImage(0), np.array([[100, 105, 90, np.nan]], "f4"), equal_nan=True)


def test_stackImagesAgreeWithCfitsio(stackData):
    """RICE of v23 stores dithered integers; blank pixels become NaN, which cfitsio does not do by itself."""
    nCompressed = 0
    for path in sorted((stackData / "repo").glob("deepDiff/*/R22/diffexp-*.fits")):
        with FitsFile(path) as file, fitsio.FITS(str(path)) as reference:
            for hdu in (1, 2, 3):
                pixels, expected = file.readImage(hdu), reference[hdu].read()
                finite = np.isfinite(pixels)
                assert np.array_equal(pixels[finite], expected[finite].astype(pixels.dtype))
                nCompressed += file.isCompressedImage(hdu)
    assert nCompressed


def test_stackTablesAgreeWithCfitsio(stackData):
    path = next((stackData / "repo").glob("deepDiff/*/R22/diaSrc-*.fits"))
    expected = fitsio.read(str(path), ext=1)
    with FitsFile(path) as file:
        layout, rows = file.tableLayout(1), file.readRows(1)
    table = rows.view(layout.dtype()).ravel()
    for column in layout.columns:
        if column.name in ("id", "coord_ra"):
            assert np.array_equal(table[f"c{column.index}"], expected[column.name])


def test_gzippedFile(tmp_path, image):
    path = tmp_path / "z.fits.gz"
    with FitsFile(path, "w") as file:
        file.writeImage(image)
    assert path.read_bytes()[:2] == b"\x1f\x8b"
    with FitsFile(path) as file:
        assert np.array_equal(file.readImage(0), image)
    path.write_bytes(gzip.compress(b"x" * 1000)[:30])
    with pytest.raises(FitsError, match="z.fits.gz"):
        FitsFile(path)


def test_nothingIsLeftOfAFailedWrite(tmp_path, image):
    path = tmp_path / "w.fits"
    path.write_bytes(b"old")
    with pytest.raises(ZeroDivisionError), FitsFile(path, "w") as file:
        file.writeImage(image)
        raise ZeroDivisionError
    assert path.read_bytes() == b"old"
    assert [p.name for p in tmp_path.iterdir()] == ["w.fits"]


def test_append(tmp_path, image):
    path = tmp_path / "a.fits"
    for mode in "wa":
        with FitsFile(path, mode) as file:
            file.writeImage(image)
    with FitsFile(path) as file:
        assert file.nHdus == 2
        assert np.array_equal(file.readImage(1), image)


def test_hduInFileName(tmp_path, image):
    path = tmp_path / "e.fits"
    with FitsFile(path, "w") as file:
        file.writeEmpty()
        for name in ("ONE", "TWO"):
            file.writeImage(image, [f"EXTNAME = '{name:<8}'".ljust(80)])
    assert readMetadata(f"{path}[TWO]").getScalar("EXTNAME") == "TWO"
    assert readMetadata(f"{path}[1]").getScalar("EXTNAME") == "ONE"
    assert readMetadata(str(path)).getScalar("EXTNAME") == "ONE"
    with pytest.raises(FitsError, match="THREE"):
        readMetadata(f"{path}[THREE]")


def test_badFilesAreNamed(tmp_path, image):
    path = tmp_path / "bad.fits"
    with pytest.raises(FitsError, match="nowhere.fits"):
        FitsFile(tmp_path / "nowhere.fits")
    for content in (b"", b"not a FITS file" * 500, b"SIMPLE  =                    T".ljust(4000)):
        path.write_bytes(content)
        with pytest.raises(FitsError, match="bad.fits"):
            FitsFile(path)
    with FitsFile(path, "w") as file:
        file.writeImage(image)
    path.write_bytes(path.read_bytes()[:3000])
    with FitsFile(path) as file, pytest.raises(FitsError, match="bad.fits"):
        file.readImage(0)
    with FitsFile(path) as file, pytest.raises(FitsError, match="no HDU 3"):
        file.readHeader(3)


def test_endlessRowsAreRefused():
    """There are none of them, but not even no row of that length can be had."""
    manager = MemFileManager()
    with FitsFile(manager, "w") as file:
        file.writeImage(np.zeros((0, 31), np.int32))
    data = manager.getData().replace(b"NAXIS1  =                   31", b"NAXIS1  =  4611686018427387904")
    manager.setData(data, len(data))
    with pytest.raises(FitsError, match="memory.*reading image"), FitsFile(manager) as file:
        file.readImage(0)


def test_dataBeyondAnyOffset(image):
    """There is nothing behind data that reach further than files can."""
    manager = MemFileManager()
    with FitsFile(manager, "w") as file:
        file.writeImage(image)
    data = manager.getData().replace(b"NAXIS1  =                   31", b"NAXIS1  =  4611686018427387904")
    manager.setData(data, len(data))
    with FitsFile(manager) as file, pytest.raises(FitsError, match="memory"):
        file.hdu(1)


@pytest.mark.parametrize("old, new", [
    (b"NAXIS1  =                   31", b"NAXIS1  =         999999999999"),
    (b"NAXIS1  =                   31", b"NAXIS1  =                  -31"),
    (b"BITPIX  =                  -32", b"BITPIX  =                   33"),
    (b"NAXIS   =                    2", b"NAXIS   =           'two'     "),
])
def test_absurdHeadersAreRefused(image, old, new):
    manager = MemFileManager()
    with FitsFile(manager, "w") as file:
        file.writeImage(image)
    data = manager.getData().replace(old, new)
    manager.setData(data, len(data))
    with pytest.raises(FitsError, match="memory"), FitsFile(manager) as file:
        file.readImage(0)


def testFullDiskLeavesNothing(tmp_path, monkeypatch):
    sink = openSink(str(tmp_path/"image.fits"))
    sink.write(b"data")

    def fail():
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(sink, "_publish", fail)
    with pytest.raises(FitsError, match="image.fits.*No space left"):
        sink.close(True)
    assert not list(tmp_path.iterdir())


def test_pixelsThatAreNotFiniteAreBlank():
    """Also in single precision, which cannot hold the number that stands for them; the zero point is 10.5."""
    image = np.array([[1.0, np.nan], [np.inf, -2.0]], dtype=np.float32)
    stored = ImageScale(32, 1.5, 10.0).toFits(image, fuzz=False)
    np.testing.assert_array_equal(stored, [[-7, 2**31 - 1], [2**31 - 1, -9]])
