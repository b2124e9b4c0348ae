# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Pixels of image HDUs, uncompressed ones read directly, tile-compressed ones through fitsio."""

__all__ = ["imageShape", "imageDtype", "readImage"]

import contextlib
import functools
import tempfile

import fitsio
import numpy as np

from ._error import FitsError
from ._gzipTiles import checkGzipTiles, readGzipTiles
from ._readTable import checkDescriptors
from ._tileSubset import tileSubset

_BLOCK_PIXELS = 1 << 19
_BLOCK_BITS = 1 << 16  # pixels that fit the cache
_DTYPES = {8: "u1", 16: "i2", 32: "i4", 64: "i8", -32: "f4", -64: "f8"}
_SUBSET_FRACTION = 3  # a part of the image so many times smaller than the whole is copied first
_MAX_COMPRESSION = 4096  # pixels in a byte: more than any of the algorithms can do
_OFFSET_DTYPES = {(8, -128.0): "i1", (16, 2.0**15): "u2", (32, 2.0**31): "u4", (64, 2.0**63): "u8"}


def _prefix(hdu):
    return "Z" if hdu.isCompressedImage else ""


def _bitpix(hdu):
    return hdu.getTyped("ZBITPIX", int, 0) if hdu.isCompressedImage else hdu.bitpix


def imageShape(hdu):
    """Return (height, width) of the image in an HDU; (0, 0) of an HDU without pixels.

    Raises
    ------
    FitsError
        Raised if the HDU is not an image of at most two dimensions.
    """
    if hdu.isTable or hdu.get("XTENSION", "IMAGE") not in ("IMAGE", "BINTABLE"):
        raise FitsError(f"cfitsio error ({hdu.where}): the HDU is not an image")
    if not hdu.isCompressedImage:
        axes = hdu.naxes
    else:
        axes = [hdu.getTyped(f"ZNAXIS{i + 1}", int, 0) for i in range(hdu.getTyped("ZNAXIS", int, 0))]
    while len(axes) > 2 and axes[-1] == 1:
        axes = axes[:-1]
    if not axes:
        return (0, 0)
    if len(axes) > 2 or min(axes) < 0:
        raise FitsError(f"cfitsio error ({hdu.where}): expected an image of 2 axes, found {axes}")
    return (axes[1] if len(axes) == 2 else 1, axes[0])


def _scaling(hdu):
    return hdu.getTyped("BSCALE", float, 1.0), hdu.getTyped("BZERO", float, 0.0)


def imageDtype(hdu):
    """Return the `numpy.dtype` (native order) that represents the pixels with BSCALE and BZERO applied."""
    bitpix = _bitpix(hdu)
    if bitpix not in _DTYPES:
        raise FitsError(f"cfitsio error ({hdu.where}): illegal BITPIX = {bitpix}")
    bscale, bzero = _scaling(hdu)
    if bitpix < 0 or (bscale == 1.0 and bzero == 0.0):
        return np.dtype(_DTYPES[bitpix])
    if bscale == 1.0 and (bitpix, bzero) in _OFFSET_DTYPES:
        return np.dtype(_OFFSET_DTYPES[bitpix, bzero])
    return np.dtype("f4") if bitpix in (8, 16) else np.dtype("f8")


def _readRows(source, hdu, box):
    """Read the stored (big-endian, unscaled) pixels of a box of an uncompressed image."""
    height, width = imageShape(hdu)
    x0, y0, x1, y1 = box
    dtype = np.dtype(_DTYPES[hdu.bitpix]).newbyteorder(">")
    start = hdu.dataStart + y0 * width * dtype.itemsize
    if y1 == y0 or x1 == x0:
        return np.empty((y1 - y0, x1 - x0), dtype)
    rows = source.readArray(start, dtype, (y1 - y0) * width).reshape(y1 - y0, width)
    return rows if (x0, x1) == (0, width) else rows[:, x0:x1]


def _native(array, dtype):
    """Convert to native byte order, in place where the type stays."""
    if dtype == array.dtype.newbyteorder("=") and array.flags.c_contiguous and array.flags.writeable:
        if array.dtype.byteorder == ">":
            array = array.byteswap(inplace=True).view(dtype)
        return array
    with np.errstate(over="ignore", invalid="ignore"):
        return np.ascontiguousarray(array.astype(dtype))


def _flushed(stored):
    """Return floating-point pixels as cfitsio reads them: infinities as NaN, denormal values as 0.

    It tests the exponents of uncompressed pixels alone, so compressed images keep both.
    """
    if stored.dtype.kind != "f":
        return stored
    pixels = _native(stored, stored.dtype.newbyteorder("="))
    bits = pixels.reshape(-1).view(f"u{pixels.itemsize}")
    exponent = np.array(np.inf, pixels.dtype).view(bits.dtype)
    nan = np.array(np.nan, pixels.dtype).view(bits.dtype)
    for start in range(0, bits.size, _BLOCK_BITS):
        block = bits[start:start + _BLOCK_BITS]
        exponents = block & exponent
        if exponents.max() == exponent:
            block[exponents == exponent] = nan
        if exponents.min() == 0:
            block[exponents == 0] = 0
    return pixels


def _applyScaling(hdu, stored, dtype):
    """Turn stored values into physical ones of a wanted type, BLANK into NaN where that can be said."""
    bscale, bzero = _scaling(hdu)
    blank = hdu.getTyped("BLANK", int, None) if _bitpix(hdu) > 0 else None
    isFloat = dtype.kind == "f"
    if bscale == 1.0 and bzero == 0.0 and (blank is None or not isFloat):
        return _native(stored, dtype)
    if not isFloat and bscale == 1.0 and bzero == int(bzero):
        return (stored.astype("i8").view("u8") + np.array(int(bzero) % 2**64, "u8")).astype(dtype)
    values = stored.astype("f8") * bscale + bzero
    if blank is not None and isFloat:
        values[stored == blank] = np.nan
    return values.astype(dtype, copy=False)


@contextlib.contextmanager
def _fitsioFile(source, end):
    """Open the same bytes with fitsio, as far as ``end`` at least.

    Bytes that have no file of their own go through a temporary one.
    """
    try:
        if source.path is not None:
            with fitsio.FITS(source.path) as file:
                yield file
            return
        with tempfile.NamedTemporaryFile(suffix=".fits") as stream:
            stream.write(source.read(0, end))
            stream.flush()
            with fitsio.FITS(stream.name) as file:
                yield file
    except fitsio.FITSFormatError as err:
        raise OSError(str(err)) from err


def _readSlice(image, box, whole):
    x0, y0, x1, y1 = box
    return image.read() if whole else image[y0:y1, x0:x1]


def _blankMask(hdu, values, readStored):
    """Find the pixels that are stored as BLANK in an integer image whose values were scaled by cfitsio.

    Quantized with dithering the value of a stored n lies in (n - 1/2, n + 1/2] quanta, so the blank pixels
    fill a band of their own; single-precision values are too coarse to tell, so the integers are read.
    """
    blank = hdu.getTyped("BLANK", int, hdu.getTyped("ZBLANK", int, None))
    if blank is None:
        return None
    if values.dtype != np.float64:
        return readStored() == blank
    bscale, bzero = _scaling(hdu)
    edges = sorted(((blank - 0.5) * bscale + bzero, (blank + 0.5) * bscale + bzero))
    return (values >= edges[0]) & (values <= edges[1])


def _checkTiles(source, hdu):
    """Return (height, width) of tiles; refuse a compressed image that cannot be in the bytes that are there.

    The size that a header claims would be allocated before cfitsio finds out.
    """
    if not source.reaches(hdu.dataStart + hdu.dataSize):
        raise FitsError(f"cfitsio error ({hdu.where}): the file ends inside the data")
    height, width = imageShape(hdu)
    tileWidth = hdu.getTyped("ZTILE1", int, width)
    tileHeight = hdu.getTyped("ZTILE2", int, 1)
    if tileWidth < 1 or tileHeight < 1 or len(hdu.naxes) != 2:
        raise FitsError(f"cfitsio error ({hdu.where}): illegal tile size {tileWidth} x {tileHeight}")
    nTiles = -(-width // tileWidth) * -(-height // tileHeight)
    if nTiles != hdu.naxes[1] or width * height > _MAX_COMPRESSION * hdu.dataSize:
        raise FitsError(f"cfitsio error ({hdu.where}): an image of {width} x {height} pixels does not fit "
                        f"{hdu.naxes[1]} tiles of {tileWidth} x {tileHeight} in {hdu.dataSize} bytes")
    return tileHeight, tileWidth


def _readCompressed(source, hdu, box, whole, dtype):
    """Read a box of a tile-compressed image; BLANK becomes NaN in floating-point results."""
    tileShape = _checkTiles(source, hdu)
    stored = readGzipTiles(source, hdu, imageShape(hdu), tileShape, box)
    if stored is not None:
        return _applyScaling(hdu, stored, dtype)
    if _SUBSET_FRACTION * (box[3] - box[1] + 2 * tileShape[0]) < imageShape(hdu)[0]:
        source, hdu, box = tileSubset(source, hdu, imageShape(hdu), tileShape, box)
    checkDescriptors(source, hdu)
    checkGzipTiles(source, hdu)
    with _fitsioFile(source, hdu.nextStart) as file:
        if _bitpix(hdu) < 0 or imageDtype(hdu).kind != "f":
            return _native(_readSlice(file[hdu.index], box, whole), dtype)
        return _readQuantized(file, hdu, box, dtype)


def _readQuantized(file, hdu, box, dtype):
    """Read scaled integers, which cfitsio turns into float64, in blocks of rows.

    Images that are made whole spend much of the time in allocating memory.
    """
    x0, y0, x1, y1 = box
    result = np.empty((y1 - y0, x1 - x0), dtype)
    step = max(1, _BLOCK_PIXELS // (x1 - x0))
    for start in range(y0, y1, step):
        block = (x0, start, x1, min(start + step, y1))
        values = _readSlice(file[hdu.index], block, False)
        mask = _blankMask(hdu, values, functools.partial(_readStored, file, hdu, block))
        if mask is not None and values.dtype.kind == "f":
            values[mask] = np.nan
        with np.errstate(over="ignore", invalid="ignore"):
            result[start - y0:start - y0 + len(values)] = values
    return result


def _readStored(file, hdu, box):
    """Read the integers as they are stored."""
    with fitsio.FITS(file._filename) as raw:
        stored = raw[hdu.index]
        stored.ignore_scaling = True
        return _readSlice(stored, box, False)


def readImage(source, hdu, box=None, dtype=None):
    """Read the pixels of an image HDU.

    Parameters
    ----------
    source : `Source`
        The open file.
    hdu : `Hdu`
        The HDU.
    box : `tuple` [`int`], optional
        (x0, y0, x1, y1), 0-based with exclusive end, to read only a part.
    dtype : `numpy.dtype`, optional
        Type to convert to; by default the one that represents the values.

    Returns
    -------
    array : `numpy.ndarray`
        Writable C-contiguous pixels of shape (height, width) in native byte order.

    Raises
    ------
    FitsError
        Raised if the box is not inside the image, or the data cannot be read.
    """
    height, width = imageShape(hdu)
    dtype = imageDtype(hdu) if dtype is None else np.dtype(dtype)
    whole = box is None or tuple(box) == (0, 0, width, height)
    box = (0, 0, width, height) if box is None else tuple(int(v) for v in box)
    if not (0 <= box[0] <= box[2] <= width and 0 <= box[1] <= box[3] <= height):
        raise FitsError(f"cfitsio error ({hdu.where}): box {box} is outside the {width} x {height} image")
    try:
        if not hdu.isCompressedImage:
            return _applyScaling(hdu, _flushed(_readRows(source, hdu, box)), dtype)
        if box[0] == box[2] or box[1] == box[3]:
            return np.empty((box[3] - box[1], box[2] - box[0]), dtype)
        return _readCompressed(source, hdu, box, whole, dtype)
    except FitsError:
        raise
    except (OSError, ValueError, MemoryError, RuntimeError) as err:
        raise FitsError(f"cfitsio error ({hdu.where}): reading image: {err}") from err
