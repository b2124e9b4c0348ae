# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""What fingerprints tell apart, and what they do not."""

import ast
import io
import os

import lsst.afw.table as afwTable
import numpy as np
import pytest
from lsst.dia.repro import DiaObjectMakerConfig, ForcedDiaPhotConfig
from lsst.dia.repro.digests import ENDS, digestConfig
from lsst.dia.repro.inputFiles import InputFile, Inputs
from lsst.dia.repro.provenance import (
    Fingerprint,
    Maker,
    Positions,
    findVersions,
    readFingerprint,
    storeFingerprint,
)
from lsst.dia.repro.skyPositions import SkyCircle, SkyPositions

ARCMIN = np.radians(1/60)


def makeSky(ra=(0.1, 0.2, 0.3), dec=(0.0, 0.0, 0.0), ids=(5, 2, 9)):
    return SkyPositions(ids, ra, dec)


def makeFingerprint(path, **changes):
    inputs = Inputs.fromFiles([InputFile({"visit": 1}, str(path))], trustDates=True)
    return Fingerprint("task", inputs, "c0ffee", findVersions(),
                       Positions.of("reproDIAObjects", makeSky())).replace(**changes)


@pytest.fixture
def path(tmp_path):
    path = tmp_path/"input.fits"
    path.write_bytes(b"x"*1000)
    return path


def change(path, content, date=None):
    """Write a file again, at a given time or at another one than before."""
    before = path.stat().st_mtime_ns
    path.write_bytes(content)
    date = before + 10**9 if date is None else date
    os.utime(path, ns=(date, date))


class TestPositions:
    def testOrderDoesNotMatter(self):
        turned = makeSky((0.3, 0.1, 0.2), ids=(9, 5, 2))
        assert turned.digest == makeSky().digest

    @pytest.mark.parametrize("other", [
        makeSky(ra=(0.1, 0.2, np.nextafter(0.3, 1))), makeSky(dec=(0.0, 0.0, 1e-300)), makeSky(ids=(5, 2, 8)),
        makeSky((0.2, 0.1, 0.3)), makeSky((0.1, 0.2), (0.0, 0.0), (5, 2)),
    ])
    def testAnyChangeMatters(self, other):
        assert other.digest != makeSky().digest
        assert not Positions.of("a", makeSky()).isSame(Positions.of("a", other))

    def testChangesElsewhereDoNotMatter(self):
        measured = Positions.of("reproDIAObjects", makeSky()).within(SkyCircle(0.1, 0.0, ARCMIN))
        elsewhere = Positions.of("reproDIAObjects", makeSky(ra=(0.1, 0.2, 0.4)))
        here = Positions.of("reproDIAObjects", makeSky(ra=(0.1 + 1e-9, 0.2, 0.3)))
        assert measured.isSame(elsewhere) and not measured.isSame(here)
        assert not measured.isSame(Positions.of("b", elsewhere.sky))
        # Of a file of the user's the light curves could not tell.
        ofFile = Positions.of("b", makeSky()).within(measured.circle)
        assert not ofFile.isSame(Positions.of("b", elsewhere.sky))
        # One that has come into the circle, and one that has gone.
        assert not measured.isSame(Positions.of("reproDIAObjects", makeSky(ra=(0.1, 0.1, 0.3))))
        assert not measured.isSame(Positions.of("reproDIAObjects", makeSky(ra=(0.5, 0.2, 0.3))))

    def testCircleIsStoredExactly(self):
        circle = SkyCircle(0.1 + 1e-17, -1/3, np.float64(2e-3)/7)
        assert SkyCircle.fromText(str(circle)) == circle


class TestInputs:
    def testOnlyContentsMatter(self, path):
        before = Inputs.fromFiles([InputFile({"visit": 1}, str(path))], trustDates=True)
        digest = before.digest
        change(path, b"x"*1000)
        touched = Inputs.fromFiles([InputFile({"visit": 1}, str(path))], trustDates=True)
        assert touched.dates != before.dates and touched.digest == digest and before.isSame(touched)
        change(path, b"x"*999 + b"y")
        assert not before.isSame(Inputs.fromFiles([InputFile({"visit": 1}, str(path))]))

    def testContentsAreNotReadForNothing(self, path):
        before = Inputs.fromFiles([InputFile({"visit": 1}, str(path))], trustDates=True)
        stored = Inputs(before.count, before.nBytes, before.dates, before.digest)
        now = Inputs.fromFiles([InputFile({"visit": 1}, str(path))], trustDates=True)
        path.write_bytes(b"y"*1000)
        assert stored.isSame(now)
        with pytest.raises(OSError, match="input.fits was changed"):
            assert now.digest

    @pytest.mark.parametrize("kind", ["none", "folder", "link"])
    def testWhatCannotBeReadStopsNothing(self, path, kind, tmp_path):
        before = Inputs.fromFiles([InputFile({"visit": 1}, str(path))]).digest
        path.unlink()
        if kind == "folder":
            path.mkdir()
        elif kind == "link":
            path.symlink_to(tmp_path/"nowhere")
        after = Inputs.fromFiles([InputFile({"visit": 1}, str(path))])
        assert after.digest != before and after.digest == Inputs.fromFiles(
            [InputFile({"visit": 1}, str(path))]).digest

    def testDataIdsMatter(self, path):
        one, other, two = (Inputs.fromFiles([InputFile({"visit": visit}, str(path)) for visit in visits])
                           for visits in ([1], [2], [1, 2]))
        assert not one.isSame(other) and not one.isSame(two) and (one.count, two.count) == (1, 2)

    def testFilesThatAreNotThere(self, path):
        with_, without = (Inputs.fromFiles([InputFile({"visit": 1}, path)]) for path in (str(path), None))
        assert without.digest != with_.digest and without.nBytes == 0

    def testOnlyEnds(self, path):
        content = bytearray(5*ENDS)
        digests = []
        for position in (None, 2*ENDS, 0, len(content) - 1):
            if position is not None:
                content[position] += 1
            path.write_bytes(content)
            digests.append(Inputs.fromFiles([InputFile({}, str(path), onlyEnds=True)]).digest)
        assert digests[0] == digests[1] and len(set(digests)) == 3

    def testChangedWhileItWasRead(self, path):
        inputs = Inputs.fromFiles([InputFile({"visit": 1}, str(path))], trustDates=True)
        change(path, b"z"*1000)
        with pytest.raises(OSError, match="input.fits was changed"):
            assert inputs.digest


class TestConfig:
    def testOptionsThatMatter(self):
        digests = set()
        for name, value in (("removeAmbiguous", True), ("removeAmbiguous", False),
                            ("coaddName", "goodSeeing")):
            config = DiaObjectMakerConfig()
            setattr(config, name, value)
            digests.add(digestConfig(config))
        assert len(digests) == 3

    def testOnlyTheChosenOneMatters(self):
        config = DiaObjectMakerConfig()
        before = digestConfig(config)
        config.associator["clustering"].radius = 2.0
        assert digestConfig(config) == before
        config.associator["multiMatch"].radius = 2.0
        changed = digestConfig(config)
        config.associator = "clustering"
        assert len({before, changed, digestConfig(config)}) == 3

    def testPlugins(self):
        config = ForcedDiaPhotConfig()
        before = digestConfig(config)
        config.measurement.plugins["base_CircularApertureFlux"].radii = [3.0]
        assert digestConfig(config) == before
        config.measurement.plugins.names |= ["base_CircularApertureFlux"]
        assert digestConfig(config) != before

    def testOrderOfPluginsDoesNotMatter(self, monkeypatch):
        """Names are a set, stored in the order of a moment; options come in that of registration."""
        config = ForcedDiaPhotConfig()
        digest, save = digestConfig(config), ForcedDiaPhotConfig.saveToStream

        def saveTurned(self, stream, **kwargs):
            text = io.StringIO()
            save(self, text, **kwargs)
            for line in reversed(text.getvalue().splitlines()):
                path, isNames, names = line.partition(".names=")
                print(path + isNames + repr(ast.literal_eval(names)[::-1]) if isNames else line, file=stream)

        monkeypatch.setattr(ForcedDiaPhotConfig, "saveToStream", saveTurned)
        assert digestConfig(config) == digest

    def testIdleOptions(self):
        config = DiaObjectMakerConfig()
        before, all_ = digestConfig(config, ["tileLevel"]), digestConfig(config)
        config.tileLevel = 7
        assert digestConfig(config, ["tileLevel"]) == before and digestConfig(config) != all_


class TestFingerprint:
    def testStoredInCatalog(self, path, tmp_path):
        circle = SkyCircle(0.1, 0.0, ARCMIN)
        fingerprint = makeFingerprint(path, positions=Positions.of("mine.csv", makeSky()).within(circle),
                                      failed=({"visit": 3, "raft": "2,2"},))
        catalog = afwTable.SourceCatalog(afwTable.SourceTable.makeMinimalSchema())
        storeFingerprint(catalog, fingerprint)
        catalog.writeFits(str(tmp_path/"catalog.fits"))
        stored = readFingerprint(afwTable.SourceCatalog.readFits(str(tmp_path/"catalog.fits")))
        assert stored.toCards() == fingerprint.toCards()
        assert stored.positions == fingerprint.positions and stored.failed == fingerprint.failed
        assert stored.differences(fingerprint) == []

    def testStoredAsText(self, path):
        fingerprint = makeFingerprint(path, makers=(Maker("forcedDiaPhot", "c0", "v1", 3),))
        cards = {key: str(value) for key, value in fingerprint.toCards().items()}
        assert Fingerprint.fromCards(cards).toCards() == fingerprint.toCards()
        assert Fingerprint.fromCards(cards).makers == fingerprint.makers

    def testFilesOfOthers(self):
        catalog = afwTable.SourceCatalog(afwTable.SourceTable.makeMinimalSchema())
        assert readFingerprint(catalog) is None
        assert Fingerprint.fromCards({"POSITION": "reproDIAObjects"}) is None

    @pytest.mark.parametrize("changes, words", [
        ({"config": "dead"}, "options"), ({"versions": "dia_repro 9"}, "dia_repro 9"),
        ({"positions": Positions.of("mine.csv", makeSky((0.1, 0.2, 0.4)))}, "mine.csv"),
        ({"inputs": Inputs(2, 1000, "", "")}, "1 data IDs, not 2"),
        ({"inputs": Inputs(1, 1000, "", "")}, "inputs have changed"),
    ])
    def testDifferences(self, path, changes, words):
        stored = makeFingerprint(path)
        (text,) = stored.differences(makeFingerprint(path, **changes))
        assert words in text
