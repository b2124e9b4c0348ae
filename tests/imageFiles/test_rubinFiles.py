# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Files in the format of ``lsst.images`` beside those of ``lsst.afw``."""

import gzip
import shutil

import lsst.afw.image as afwImage
import numpy as np
import pytest
from lsst.afw.detection import GaussianPsf
from lsst.dia.repro.forced.forcedDiaMeasurement import ForcedDiaMeasurementTask
from lsst.dia.repro.forced.refCatFile import readRefCat
from lsst.dia.repro.imageFiles.forcedLightCurves import main
from lsst.dia.repro.imageFiles.imageFile import readImage
from lsst.dia.repro.imageFiles.imageIdentity import readDataId
from lsst.dia.repro.imageFiles.imageStamps import ImageStamps
from rubinLikeImages import assertSame, readCurves

images = pytest.importorskip("lsst.images", reason="lsst.images needs Python 3.12 or later")

#: What the file says of itself.
VISIT, DETECTOR = 2025052000177, 85


@pytest.fixture(scope="module")
def published(shared):
    """A difference image of DP2, with little of its pixels."""
    return shared/"real"/"rubin"/"difference_image-1.0.0-dp2.json"


def writeAfw(path, exposure, visit):
    """Write an exposure in the format of afw, as of another visit, with a PSF that can be written."""
    exposure.setPsf(GaussianPsf(21, 21, 1.7))
    exposure.getMetadata().set("LSST BUTLER DATAID VISIT", visit)
    exposure.getInfo().setId(visit)
    exposure.writeFits(str(path))


@pytest.fixture
def folder(published, tmp_path):
    """That image in three forms, of which two are given other visits, and positions on it."""
    directory = tmp_path/"images"
    directory.mkdir()
    shutil.copy(published, directory/"image.json")
    exposure = readImage(str(published))
    box = exposure.getBBox()
    rng = np.random.default_rng(1)
    x = rng.uniform(box.getMinX() + 1, box.getMaxX() - 1, 10)
    y = rng.uniform(box.getMinY() + 1, box.getMaxY() - 1, 10)
    ra, dec = np.degrees(exposure.getWcs().pixelToSkyArray(x, y, degrees=False))
    rows = enumerate(zip(ra.tolist(), dec.tolist()))
    (tmp_path/"mine.csv").write_text("id,ra,dec\n" + "".join(
        f"{number},{place[0]!r},{place[1]!r}\n" for number, place in rows))
    writeAfw(directory/"afw.fits", exposure, VISIT + 1)
    return tmp_path


def make(folder, *args, output="curves.parq"):
    return main([str(folder/"images"), "--refCat", str(folder/"mine.csv"), "--output", str(folder/output),
                 *map(str, args)])


@pytest.mark.parametrize("processes", ["1", "2"])
def testMixedFormats(processes, folder):
    assert make(folder, "-j", processes) == 0
    curves = readCurves(folder/"curves.parq")
    assert set(curves["detector"]) == {DETECTOR} and set(curves["instrument"]) == {"LSSTCam"}
    sky = readRefCat(str(folder/"mine.csv"))[0]
    for visit, name in (VISIT, "image.json"), (VISIT + 1, "afw.fits"):
        forced = ForcedDiaMeasurementTask().run(readImage(str(folder/"images"/name)), sky).forcedSources
        found = {name: values[curves["visit"] == visit] for name, values in curves.items()}
        expected = {"diaObjectId": forced["diaObjectId"], "psfDiffFlux": forced["base_PsfFlux_flux"],
                    "psfDiffFluxErr": forced["base_PsfFlux_fluxErr"], "reason": forced["reason"]}
        assertSame(found, expected)
        assert len(forced) == 10 and set(forced["reason"]) == {0}


def testOneImageInBothFormatsIsRefused(folder):
    exposure = afwImage.ExposureF(str(folder/"images"/"afw.fits"))
    writeAfw(folder/"images"/"afw.fits", exposure, VISIT)
    assert make(folder) == 2 and not (folder/"curves.parq").exists()


def testCompressed(folder):
    path = folder/"images"/"image.json"
    with gzip.open(f"{path}.gz", "wb") as stream:
        stream.write(path.read_bytes())
    assert make(folder, output="both.parq") == 2
    path.unlink()
    assert make(folder, output="compressed.parq") == 0
    assert len(readCurves(folder/"compressed.parq")["visit"]) == 20


def testBrokenAmongGoodOnes(folder, caplog):
    path = folder/"images"/"image.json"
    path.write_text(path.read_text()[:50000])
    assert make(folder) == 1
    assert set(readCurves(folder/"curves.parq")["visit"]) == {VISIT + 1}
    assert "image.json: it cannot be read" in caplog.text


def testStamps(folder):
    stamps = ImageStamps()
    paths = {VISIT: folder/"images"/"image.json", VISIT + 1: folder/"images"/"afw.fits"}
    for visit, path in paths.items():
        dataId = readDataId(str(path))
        assert dataId == {"instrument": "LSSTCam", "visit": visit, "detector": DETECTOR}
        stamps.add(dataId, str(path))
        exposure = readImage(str(path))
        box, pixels = exposure.getBBox(), exposure.image.array
        assert stamps.readBox(dataId) == box
        found = stamps.readStamp(dataId, box.getMinX() + 2, box.getMinY() + 1, 5)
        np.testing.assert_array_equal(found[1:, :], pixels[:4, :5])
        assert np.isnan(found[:1]).all()


def testDrawnFromBothFormats(folder, caplog):
    assert make(folder, "--config", "lightCurves.badFlags=[]", "--plot", "2") == 0
    assert len(list((folder/"curvesLightCurves").glob("*.png"))) == 2 and "No stamp" not in caplog.text
