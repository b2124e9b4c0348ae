# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""The cards of fingerprints are what the stack's own reader finds."""

import lsst.afw.table as afwTable
import pytest
from lsst.afw.fits import readMetadata
from lsst.dia.repro.fingerprintCards import readFingerprintCards
from lsst.dia.repro.inputFiles import Inputs
from lsst.dia.repro.provenance import CARDS, Fingerprint, Positions, storeFingerprint
from lsst.dia.repro.skyPositions import SkyCircle


def writeTable(path, nColumns, **changes):
    schema = afwTable.SourceTable.makeMinimalSchema()
    for number in range(nColumns):
        schema.addField(f"column{number}", type="D", doc="MADEBY  = 'nobody'")
    catalog = afwTable.SourceCatalog(schema)
    catalog.addNew()
    positions = Positions("it's ''mine''.csv", 3, "c0ffee", SkyCircle(0.1, -0.2, 1e-3), "dead")
    fingerprint = Fingerprint("task", Inputs(2, 3*10**9, "a1", "b2"), "c3", "dia_repro 1", positions)
    fingerprint = fingerprint.replace(**changes)
    storeFingerprint(catalog, fingerprint)
    catalog.writeFits(str(path))
    return fingerprint


@pytest.mark.parametrize("nColumns", [0, 3, 300])
@pytest.mark.parametrize("changes", [
    {}, {"versions": "v"*67}, {"versions": "v"*68}, {"versions": "v"*69}, {"versions": "a & b, "*40},
    {"failed": tuple({"visit": visit, "raft": "2,2"} for visit in range(50))}, {"positions": None},
])
def testCardsAreWhatWasStored(tmp_path, nColumns, changes):
    path = tmp_path/"table.fits"
    fingerprint = writeTable(path, nColumns, **changes)
    cards = readFingerprintCards(str(path))
    expected = {key: value.rstrip() if isinstance(value, str) else value
                for key, value in fingerprint.toCards().items()}
    assert cards == expected
    header = readMetadata(str(path), hdu=1).toDict()
    # The stack leaves quotes doubled.
    assert {key: str(value).replace("'", "") for key, value in cards.items()} == {
        key: str(header[key]).replace("'", "") for key, _ in CARDS.values() if key in header}


def testOtherTables(tmp_path):
    path = str(tmp_path/"table.fits")
    afwTable.SourceCatalog(afwTable.SourceTable.makeMinimalSchema()).writeFits(path)
    assert readFingerprintCards(path) == {}


@pytest.mark.parametrize("content", [b"", b"text", None])
def testWhatIsNoWholeFile(tmp_path, content):
    path = tmp_path/"table.fits"
    writeTable(path, 3)
    path.write_bytes(path.read_bytes()[:-100] if content is None else content)
    with pytest.raises(OSError, match="no FITS file, or its end is missing"):
        readFingerprintCards(str(path))
