# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""One FITS file, opened for reading, writing or appending."""

__all__ = ["FitsFile"]

import numpy as np

from . import _readImage, _readTable, _writeImage
from ._cards import BLOCK, CARD, formatCards
from ._error import FitsError, namingErrors
from ._hdu import scanHdus
from ._metadata import cardsToMetadata, combineMetadata, entriesToMetadata, metadataToCards
from ._sink import openSink
from ._source import TailSource, openSource, sourceName, splitExtension

_CHUNK_BYTES = 1 << 24


class FitsFile:
    """A FITS file; use it as a context manager.

    A file that is written gets its name when it is closed without an exception, so that readers never see
    half of it.

    Parameters
    ----------
    fileName : path-like or `MemFileManager`
        The file.
    mode : `str`
        ``r``, ``w`` or ``a``.

    Raises
    ------
    FitsError
        Raised, by every method, for whatever is wrong with the file; the message names file and HDU.
    """

    def __init__(self, fileName, mode="r"):
        self.name = sourceName(fileName)
        self._file = fileName
        self._source = self._sink = self._scan = None
        self._hdus = []
        self._nWritten = 0
        self._extension = None
        if mode == "r":
            fileName, self._extension = splitExtension(fileName)
        if mode not in ("r", "w", "a"):
            raise FitsError(f"Invalid mode '{mode}' given when opening file '{self.name}'")
        if mode in ("r", "a"):
            self._source = openSource(fileName)
            self._scan = scanHdus(self._source)
            if self._hduAt(0) is None:
                raise FitsError(f"cfitsio error ({self.name}): the file is empty")
        if mode == "a":
            self._nWritten = self.nHdus
            self._source.close()
            self._source = None
        if mode in ("w", "a"):
            self._sink = openSink(fileName, append=mode == "a")

    def __enter__(self):
        return self

    def __exit__(self, kind, error, traceback):
        self.close(keep=kind is None)

    def close(self, keep=True):
        """Close the file; with ``keep`` false a file being written is dropped."""
        if self._source is not None:
            self._source.close()
            self._source = None
        if self._sink is not None:
            sink, self._sink = self._sink, None
            sink.close(keep)

    # Reading

    def keepTail(self, first, maxBytes=1 << 24):
        """Keep the HDUs from number ``first`` on in memory and close the file.

        Parameters
        ----------
        first : `int`
            The first HDU to keep; the headers of those before stay known, but not their data.
        maxBytes : `int`, optional
            Do nothing if there is more to keep.

        Returns
        -------
        kept : `bool`
            Was it done?
        """
        offset = self.hdu(first - 1).nextStart
        if self._source.reaches(offset + maxBytes + 1):
            return False
        tail = TailSource(self._source, min(offset, self._source.size))
        self._source.close()
        self._source = tail
        if self._scan is not None:
            self._scan = scanHdus(tail, self._hdus[-1].nextStart, len(self._hdus))
        return True

    def _hduAt(self, index):
        while len(self._hdus) <= index and self._scan is not None:
            hdu = next(self._scan, None)
            if hdu is None:
                self._scan = None
            else:
                self._hdus.append(hdu)
        return self._hdus[index] if 0 <= index < len(self._hdus) else None

    def hdu(self, index):
        """Return the `Hdu` of a number (0 is the primary).

        Raises
        ------
        FitsError
            Raised if the file has no such HDU.
        """
        hdu = self._hduAt(index)
        if hdu is None:
            raise FitsError(f"cfitsio error ({self.name}): no HDU {index}; the file has {self.nHdus}")
        return hdu

    @property
    def nHdus(self):
        """Number of HDUs (for a file being written: written so far)."""
        if self._source is None:
            return max(self._nWritten, len(self._hdus))
        self._hduAt(1 << 30)
        return len(self._hdus)

    def hduName(self, index):
        """Return the EXTNAME of an HDU, or an empty string."""
        return self.hdu(index).name

    def findHdu(self, name):
        """Return the number of the first HDU with this EXTNAME, or None."""
        index = 0
        while (hdu := self._hduAt(index)) is not None:
            if hdu.name == name:
                return index
            index += 1
        return None

    def defaultHdu(self):
        """Return the HDU that DEFAULT_HDU means.

        It is the one that the file name says in brackets, or the first extension if the primary has no
        pixels, or the primary.
        """
        return self.namedHdu() or self._firstWithData()

    def namedHdu(self):
        """Return the HDU that the file name says in brackets, 0 if it says none.

        Raises
        ------
        FitsError
            Raised if there is no HDU of that name.
        """
        if self._extension is None or self._extension.isdigit():
            return int(self._extension or 0)
        index = self.findHdu(self._extension)
        if index is None:
            raise FitsError(f"cfitsio error ({self.name}): there is no HDU named {self._extension}")
        return index

    def _firstWithData(self):
        return 1 if not self.hdu(0).naxes and self._hduAt(1) is not None else 0

    def readHeader(self, hdu, strip=False, inherit=True):
        """Read the header of an HDU as v23's ``readMetadata`` does.

        Parameters
        ----------
        hdu : `int`
            Number of the HDU.
        strip : `bool`, optional
            Leave out keys that belong to the file format.
        inherit : `bool`, optional
            Add the primary header where the HDU says INHERIT = T.

        Returns
        -------
        metadata : `lsst.daf.base.PropertyList`
            The header.
        """
        unit = self.hdu(hdu)
        with namingErrors(unit.where):
            metadata = entriesToMetadata(unit.entries, strip)
            if hdu == 0 or not inherit or not metadata.exists("INHERIT"):
                return metadata
            value = metadata.getScalar("INHERIT")
            if strip:
                metadata.remove("INHERIT")
            other = cardsToMetadata(self.hdu(0).cards if value in (True, "T") else [], strip)
            first, second = (other, metadata) if value in (True, "T") else (metadata, other)
            return combineMetadata(first, second)

    def isCompressedImage(self, hdu):
        """Is this HDU a tile-compressed image?"""
        return self.hdu(hdu).isCompressedImage

    def imageShape(self, hdu):
        """Return (height, width) of an image HDU; (0, 0) if it has no pixels."""
        return _readImage.imageShape(self.hdu(hdu))

    def imageDtype(self, hdu):
        """Return the native `numpy.dtype` that represents the pixels, BSCALE and BZERO applied."""
        return _readImage.imageDtype(self.hdu(hdu))

    def readImage(self, hdu, box=None, dtype=None):
        """Read pixels; see `lsst.afw.fits._readImage.readImage`.

        ``box`` is (x0, y0, x1, y1), 0-based with exclusive end; only the rows or tiles needed are read.
        """
        return _readImage.readImage(self._source, self.hdu(hdu), box, dtype)

    def tableLayout(self, hdu):
        """Return the `TableLayout` of a binary table HDU (columns, row size, heap)."""
        return _readTable.tableLayout(self.hdu(hdu))

    def readRows(self, hdu):
        """Return the rows of a binary table as stored: `uint8` of shape (nRows, rowBytes)."""
        return _readTable.readRows(self._source, self.hdu(hdu))

    def readHeap(self, hdu):
        """Return the heap of a binary table as `uint8`."""
        return _readTable.readHeap(self._source, self.hdu(hdu))

    # Writing

    def _writeHdu(self, cards, chunks):
        text = "".join(cards) + "END".ljust(CARD)
        text += " " * (-len(text) % BLOCK)
        self._sink.write(text.encode("latin-1", errors="replace"))
        size = 0
        for chunk in chunks:
            view = memoryview(chunk).cast("B") if len(chunk) else b""
            self._sink.write(view)
            size += len(view)
        self._sink.write(bytes(-size % BLOCK))
        self._nWritten += 1

    def _cards(self, header):
        if header is None:
            return []
        return header if isinstance(header, list) else metadataToCards(header)

    def writeEmpty(self, header=None, bitpix=8):
        """Append an image HDU without pixels.

        Parameters
        ----------
        header : `lsst.daf.base.PropertySet` or `list` [`str`], optional
            Metadata, or finished cards.
        bitpix : `int`, optional
            BITPIX to state.
        """
        head = _writeImage.mandatoryCards(bitpix, (), self._nWritten == 0)
        self._writeHdu(head + self._cards(header), ())

    def writeImage(self, array, header=None, compression=None, trailer=None):
        """Append an image HDU (the first one of a file becomes the primary unless it is compressed).

        Parameters
        ----------
        array : `numpy.ndarray`
            Pixels of shape (height, width).
        header : `lsst.daf.base.PropertySet` or `list` [`str`], optional
            Metadata, or finished cards.
        compression : `ImageCompressionOptions`, optional
            Anything with ``algorithm``, ``tiles`` (columns, rows) and ``quantizeLevel``; NONE means none.
        trailer : `list` [`str`], optional
            Cards that follow the metadata; by default BZERO and BSCALE as v23 writes for unscaled pixels.
        """
        array = np.asarray(array)
        cards = self._cards(header)
        if compression is None or compression.algorithm.name == "NONE" or array.size == 0:
            head, data = _writeImage.imageHdu(array, cards, self._nWritten == 0, trailer)
            self._writeHdu(head, [data.ravel()])
            return
        if self._nWritten == 0:
            self.writeEmpty(bitpix=16)
        head, data = _writeImage.compressedHdu(array, cards, compression, trailer)
        self._writeHdu(head, [data])

    def writeTable(self, rows, header=(), nFields=None, heap=b"", nRows=None, rowBytes=None):
        """Append a binary table with full control of its column keywords.

        Parameters
        ----------
        rows : `numpy.ndarray` or iterable of `numpy.ndarray`
            The rows as stored (big-endian, packed): a structured or ``uint8`` 2-d array, or chunks of it, in
            which case ``nRows`` and ``rowBytes`` are needed.
        header : `list` [`str`] or `lsst.daf.base.PropertySet`
            Every card after TFIELDS, the TTYPEn and TFORMn cards included.
        nFields : `int`, optional
            Number of columns; by default counted from the TTYPEn cards.
        heap : bytes-like, optional
            Variable-length data.
        nRows, rowBytes : `int`, optional
            Shape of the table if ``rows`` is an iterable.
        """
        if self._nWritten == 0:
            self.writeEmpty(bitpix=16)
        if isinstance(rows, np.ndarray):
            nRows = len(rows)
            rowBytes = rows.dtype.itemsize if rows.dtype.names else rows.shape[1]
            rows = [np.ascontiguousarray(rows).view("u1").ravel()] if rows.size and rowBytes else []
        cards = self._cards(header) if not isinstance(header, tuple) else list(header)
        if nFields is None:
            nFields = sum(card.startswith("TTYPE") for card in cards)
        head = formatCards("XTENSION", "BINTABLE", "binary table extension")
        head += formatCards("BITPIX", 8, "8-bit bytes")
        head += formatCards("NAXIS", 2, "2-dimensional binary table")
        head += formatCards("NAXIS1", int(rowBytes), "width of table in bytes")
        head += formatCards("NAXIS2", int(nRows), "number of rows in table")
        head += formatCards("PCOUNT", len(heap), "size of special data area")
        head += formatCards("GCOUNT", 1, "one data group (required keyword)")
        head += formatCards("TFIELDS", nFields, "number of fields in each row")

        def chunks():
            yield from rows
            if len(heap):
                yield heap

        self._writeHdu(head + cards, chunks())
