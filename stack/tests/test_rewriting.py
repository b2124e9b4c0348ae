# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Files of the real stack, read and written again: the same HDUs, cards and bytes, or a reason why not."""

import collections
import pathlib
import re

import numpy as np
import pytest

from lsst.afw.fits import FitsFile, ImageWriteOptions
from lsst.afw.image import ExposureF, MaskX
from lsst.afw.table import SourceCatalog
from lsst.daf.base import PropertySet

COPY = pathlib.Path(__file__).parents[0]/"data"/"stack-v23"
WHOLE = pathlib.Path(__file__).parents[3]/"shared"/"stack-v23"
PATTERNS = ("zoo/*.fits", "repo/deepDiff/*/R22/*.fits", "repo/schema/*.fits", "expected/*.fits",
            "expected/forced/*.fits")

NEW_CARDS = {
    "v23 keeps cards of the image plane as free metadata, which it writes into the primary header":
        re.compile("(EXTNAME|A_ORDER|B_ORDER|BLANK|ZDITHER0)"),
    "a VisitInfo without content was written without it, and is read with a default": re.compile("ROTTYPE"),
}
"""Reasons for cards that are in the primary header only of what is written here."""

CHANGED_CARDS = {
    "v23 doubles apostrophes whenever it reads and writes a text": (
        re.compile("(TFDOC|TDOC|TTYPE)"), lambda card: card.replace("'", "").rstrip()),
    "digits beyond what the card held": (
        re.compile("(BZERO|CD[12]_[12])"), lambda card: f"{float(card[10:30]):.10e}"),
}
"""Reasons for cards that differ: which, and what of them has to be the same."""


@pytest.fixture(autouse=True)
def stackPlanes():
    """Forget the mask planes that other tests added: all masks of a process share theirs."""
    standard = {"BAD", "SAT", "INTRP", "CR", "EDGE", "DETECTED", "DETECTED_NEGATIVE", "SUSPECT", "NO_DATA"}
    for name in set(MaskX(1, 1).getMaskPlaneDict()) - standard:
        MaskX.removeMaskPlane(name)


def findFiles():
    """Return the files of the copy in the tests and, where it is there, of the whole data set."""
    files = {}
    for root in (COPY, WHOLE):
        for pattern in PATTERNS:
            for path in sorted(root.glob(pattern)):
                files.setdefault(str(path.relative_to(root)), path)
    return files


FILES = findFiles()


def sameOptions(hdu):
    """Return what makes the writer compress and scale as an HDU is."""
    options = PropertySet()
    names = {"GZIP_1": "GZIP", "GZIP_2": "GZIP_SHUFFLE", "RICE_1": "RICE"}
    name = names[hdu.get("ZCMPTYPE")] if hdu.isCompressedImage else "NONE"
    options.set("compression.algorithm", name)
    if hdu.get("ZDITHER0") is not None:
        options.set("scaling.algorithm", "MANUAL")
        cards = {"bitpix": "ZBITPIX", "seed": "ZDITHER0", "bscale": "BSCALE", "bzero": "BZERO"}
        for key, card in cards.items():
            options.set("scaling." + key, hdu.get(card))
    return ImageWriteOptions(ImageWriteOptions.validate(options))


def rewrite(path, target):
    with FitsFile(str(path)) as file:
        isExposure = file.nHdus > 1 and file.hdu(1).get("EXTTYPE") == "IMAGE"
        options = [sameOptions(file.hdu(i)) for i in (1, 2, 3)] if isExposure else []
    if isExposure:
        ExposureF(str(path)).writeFits(str(target), *options)
    else:
        SourceCatalog.readFits(str(path)).writeFits(str(target))


def unexplained(old, new, isPrimary):
    """Return the cards of which only one header has some, and for which there is no reason."""
    lost = collections.Counter(old) - collections.Counter(new)
    added = collections.Counter(new) - collections.Counter(old)
    if isPrimary:
        added = [card for card in added if not any(key.match(card) for key in NEW_CARDS.values())]
    for key, essence in CHANGED_CARDS.values():
        before = sorted(card[:8] + essence(card) for card in lost if key.match(card))
        after = sorted(card[:8] + essence(card) for card in added if key.match(card))
        if before == after:
            lost = [card for card in lost if not key.match(card)]
            added = [card for card in added if not key.match(card)]
    return sorted(lost), sorted(added)


def rowsOf(file, i):
    """Return the rows of a table as stored; those of an index sorted.

    v23 enters a kernel that varies in the index before its components, here it comes after them.
    """
    rows = file.readRows(i)
    if file.hdu(i).get("EXTTYPE") == "ARCHIVE_INDEX":
        return np.array(sorted(rows.tolist()))
    return rows


@pytest.mark.parametrize("name", FILES)
def test_sameStructure(name, tmp_path):
    target = tmp_path/"new.fits"
    rewrite(FILES[name], target)
    with FitsFile(str(FILES[name])) as old, FitsFile(str(target)) as new:
        assert new.nHdus == old.nHdus
        for i in range(old.nHdus):
            before, after = old.hdu(i), new.hdu(i)
            assert unexplained(before.cards, after.cards, i == 0) == ([], [])
            if i > 0:
                # The order matters to those who read headers by eye.
                assert [card[:8] for card in before.cards] == [card[:8] for card in after.cards]
            if before.isTable:
                np.testing.assert_array_equal(rowsOf(new, i), rowsOf(old, i))
                np.testing.assert_array_equal(new.readHeap(i), old.readHeap(i))
            elif before.naxes:
                comparePixels(old, new, i)


def comparePixels(old, new, i):
    before, after = old.readImage(i), new.readImage(i)
    if old.hdu(i).get("ZDITHER0") is None:
        np.testing.assert_array_equal(after, before)
        return
    # Quantized twice, with a BZERO of 13 digits.
    np.testing.assert_array_equal(np.isnan(after), np.isnan(before))
    quantum = old.hdu(i).get("BSCALE")
    np.testing.assert_allclose(after, before, rtol=0, atol=1e-6*max(quantum, np.nanmax(np.abs(before))))


def test_allFilesAreThere():
    """The tests' own copy has every kind of file."""
    names = {str(path.relative_to(COPY)) for pattern in PATTERNS for path in COPY.glob(pattern)}
    assert len(names) > 30
    for start in ("zoo/", "repo/deepDiff/v853-fr/R22/diffexp", "repo/deepDiff/v853-fr/R22/diaSrc",
                  "repo/schema", "expected/forced/"):
        assert any(name.startswith(start) for name in names)
