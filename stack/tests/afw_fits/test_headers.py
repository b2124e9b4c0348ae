# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Headers: what is read of cards, and what cards are written."""

import math

import fitsio
import pytest

import lsst.afw.fits
from lsst.afw.fits import FitsError, FitsFile, MemFileManager
from lsst.afw.fits._cards import formatCards
from lsst.daf.base import PropertyList


def fileOf(*cards):
    """A FITS file in memory whose primary header has these cards."""
    head = [f"SIMPLE  = {'T':>20}", f"BITPIX  = {8:20}", f"NAXIS   = {0:20}"]
    text = "".join(card.ljust(80) for card in [*head, *cards, "END"])
    data = text.ljust(-(-len(text) // 2880) * 2880).encode()
    manager = MemFileManager()
    manager.setData(data, len(data))
    return manager


def read(*cards):
    return lsst.afw.fits.readMetadata(fileOf(*cards), strip=True)


@pytest.mark.parametrize("text, value", [
    ("T", True), ("F", False), ("42", 42), ("-7", -7), ("9876543210", 9876543210), ("3.25", 3.25),
    ("-1.5E-3", -0.0015), (".5", 0.5), ("4.", 4.0), ("'a string  '", "a string"), ("''", ""),
    ("'NAN'", math.nan), ("'+INFINITY'", math.inf), ("'-INFINITY'", -math.inf),
])
def test_values(text, value):
    metadata = read(f"KEY     = {text}")
    found = metadata.getScalar("KEY")
    assert type(found) is type(value)
    assert found == value or math.isnan(value) and math.isnan(found)


def test_comments():
    metadata = read("A       = 1 / of a", "B       = 'x / y'   / of b", "C       =  / of c")
    assert [metadata.getComment(key) for key in "ABC"] == ["of a", "of b", "of c"]
    assert metadata.getScalar("B") == "x / y"
    assert metadata.getScalar("C") is None


def test_hierarch():
    metadata = read("HIERARCH lower case.key = 'v' / c", "HIERARCH EXPINFO_V =         2")
    assert metadata.getScalar("LOWER CASE.KEY") == "v"
    assert metadata.getScalar("EXPINFO_V") == 2


def test_continue():
    metadata = read("LONG    = 'first &' / one", "CONTINUE  'second &'", "CONTINUE  'third' / two")
    assert metadata.getScalar("LONG") == "first second third"
    assert metadata.getComment("LONG") == "onetwo"


def test_commentary():
    metadata = read("COMMENT one", "HISTORY h", "        blank", "COMMENT two",
                    "COMMENT   FITS (Flexible Image Transport System) format is defined in 'Astronomy")
    assert list(metadata.getArray("COMMENT")) == ["one", "blank", "two"]
    assert metadata.getScalar("HISTORY") == "h"


def test_definedWinsOverUndefined():
    metadata = read("A       =", "A       = 2", "B       = 3", "B       =")
    assert metadata.getScalar("A") == 2
    assert metadata.getScalar("B") == 3


def test_repeatedKeysBecomeArrays():
    assert list(read("A       = 1", "A       = 2").getArray("A")) == [1, 2]


def test_stripped():
    metadata = read("BSCALE  = 1.", "TZERO1  = 0", "ZNAXIS1 = 1", "FOO     = 1", "SIMPLETN= 1")
    assert list(metadata.getOrderedNames()) == ["FOO", "SIMPLETN"]


@pytest.mark.parametrize("card", ["KEY     = 'no end", "KEY     = 12x", "KEY     = (1, 2"])
def test_badValueNamesFile(card):
    with pytest.raises(FitsError, match="memory"):
        read(card)


@pytest.mark.parametrize("args, card", [
    (("A", True), "A       =                    T"),
    (("VISIT", 840), "VISIT   =                  840"),
    (("EXPTIME", 30.0), "EXPTIME =                  30."),
    (("CD1_1", -5.39765496856598e-05), "CD1_1   = -5.39765496856598E-05"),
    (("BIG", 1e20), "BIG     =              1.0E+20"),
    (("TIMESYS", "TAI"), "TIMESYS = 'TAI     '"),
    (("ROTTYPE", "SKY", "Type of rotation angle"), "ROTTYPE = 'SKY     '           / Type of rotation angle"),
    (("AR_HDU", 5, "HDU"), "AR_HDU  =                    5 / HDU"),
    (("EXPINFO_V", 2), "HIERARCH EXPINFO_V =         2"),
    (("ARCHIVE_ID_AP_CORR_MAP", 2), "HIERARCH ARCHIVE_ID_AP_CORR_MAP = 2"),
    (("BORE-ROTANG", -13.6930371878361), "HIERARCH BORE-ROTANG = -13.6930371878361"),
    (("UNDEF", None), "UNDEF   ="),
    (("A", math.nan), "A       = 'NAN     '"),
    (("Q", "it's"), "Q       = 'it''s   '"),
])
def test_formatsAsCfitsio(args, card):
    assert [c.rstrip() for c in formatCards(*args)] == [card]


def test_longStringsRoundTrip():
    text = "long words " * 30
    metadata = PropertyList()
    metadata.set("LONGSTR", text, "a comment")
    metadata.set("A LONG NAME", text)
    manager = MemFileManager()
    with FitsFile(manager, "w") as file:
        file.writeEmpty(metadata)
    back = lsst.afw.fits.readMetadata(manager)
    assert back.getScalar("LONGSTR") == text.rstrip()
    assert back.getScalar("A LONG NAME") == text.rstrip()


def test_cfitsioReadsWhatIsWritten(tmp_path):
    metadata = PropertyList()
    for key, value in {"I": 3, "X": 0.1, "S": "it's", "B": False, "EXPINFO_V": 2, "L": "word " * 40}.items():
        metadata.set(key, value, "comment of " + key)
    path = tmp_path / "h.fits"
    with FitsFile(path, "w") as file:
        file.writeEmpty(metadata)
    header = fitsio.read_header(str(path))
    assert (header["I"], header["X"], header["S"], header["B"]) == (3, 0.1, "it's", False)
    assert header["EXPINFO_V"] == 2
    assert header["L"].strip() == ("word " * 40).strip()


def test_inherit():
    manager = MemFileManager()
    primary, extension = PropertyList(), PropertyList()
    primary.set("A", 1)
    primary.set("B", 1)
    extension.set("INHERIT", True)
    extension.set("B", 2)
    with FitsFile(manager, "w") as file:
        file.writeEmpty(primary)
        file.writeEmpty(extension)
    metadata = lsst.afw.fits.readMetadata(manager, hdu=1, strip=True)
    assert metadata.getScalar("A") == 1
    assert metadata.getScalar("B") == 2
    assert not metadata.exists("INHERIT")
