# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""What the PipelineTasks do beside getting, running and putting."""

import shutil

import numpy as np
import pytest
from gen3.pipelines import RUN, convert, readTiles, runPipeline
from lsst.daf.butler import Butler
from lsst.dia.repro.gen3 import convertDiaRepo
from lsst.dia.repro.gen3.exposureIds import makeIdFactory, packExposureId
from lsst.dia.repro.provenance import Fingerprint, readFingerprint
from lsst.pipe.base import Instrument, TaskError

#: A visit of LSSTCam and the largest that the instrument allows.
LSSTCAM_VISIT, LSSTCAM_MAX = 2025123100999, 7050123199999


@pytest.fixture(scope="module")
def root(stackData, tmp_path_factory):
    return convert(stackData/"repo", tmp_path_factory.mktemp("pipelines")/"gen3")


class Lsstcam(Instrument):
    """An instrument with visits as large as those of LSSTCam."""

    @classmethod
    def getName(cls):
        return "LSSTCam"

    def getRawFormatter(self, dataId):
        raise NotImplementedError

    def register(self, registry, *, update=False):
        registry.syncDimensionData("instrument", {
            "name": "LSSTCam", "visit_max": LSSTCAM_MAX + 1, "exposure_max": LSSTCAM_MAX + 1,
            "detector_max": 256, "class_name": "none.Lsstcam"})


@pytest.fixture(scope="module")
def lsstcam(tmp_path_factory):
    """Data ID of the instrument, with its record."""
    root = tmp_path_factory.mktemp("lsstcam")/"repo"
    Butler.makeRepo(str(root))
    butler = Butler.from_config(str(root), writeable=True)
    Lsstcam().register(butler.registry)
    return butler.registry.expandDataId(instrument="LSSTCam")


def testIdsOfLsstcam(lsstcam):
    ids = {packExposureId(lsstcam, visit=visit, detector=detector)[0]
           for visit in (LSSTCAM_VISIT, LSSTCAM_VISIT + 1, LSSTCAM_MAX) for detector in (0, 94, 188, 255)}
    assert len(ids) == 12 and LSSTCAM_VISIT*256 + 94 in ids
    exposureId, nBits = packExposureId(lsstcam, visit=LSSTCAM_MAX, detector=255)
    assert nBits == (256*(LSSTCAM_MAX + 1) - 1).bit_length() and 0 < exposureId < 1 << nBits
    first = makeIdFactory(lsstcam, visit=LSSTCAM_VISIT, detector=188)()
    assert 0 < first < 1 << 63 and first >> 64 - nBits == LSSTCAM_VISIT*256 + 188
    with pytest.raises(TaskError, match="leaves no room"):
        makeIdFactory(lsstcam, visit=LSSTCAM_MAX, detector=255)


@pytest.mark.parametrize("visit, detector", [(LSSTCAM_MAX + 1, 0), (LSSTCAM_VISIT, 256)])
def testIdTooLarge(lsstcam, visit, detector):
    with pytest.raises(TaskError, match=f"'detector': {detector}.*out of bounds"):
        packExposureId(lsstcam, visit=visit, detector=detector)


def testTilesWithoutPadding(stackData, root, tmp_path):
    unpadded = tmp_path/"unpadded"
    assert convertDiaRepo.main([str(stackData/"repo"), str(unpadded), "--padding", "0.001"]) == 0
    whole = runPipeline(root, "dia.yaml", "u/whole", labels=["diaObjectMaker"])
    # Tiles of 40 arcsec: many edges, and images near tiles that they do not reach into.
    tiles = runPipeline(unpadded, "diaTiled.yaml", "u/tiles", overrides=[
        ("diaObjectMakerTile", "tileLevel", 13), ("diaObjectMakerTile", "tileHalo", 10.0)],
        labels=["diaObjectMakerTile"])
    found = readTiles(tiles, "reproDIAObjects_tile")
    expected = whole.get("reproDIAObjects", instrument="LSSTSim").copy(deep=True)
    assert len(found["id"]) == len(expected) > 20
    for name in ("id", "coord_ra", "coord_dec", "nDiaSources"):
        np.testing.assert_array_equal(found[name], expected[name])


def testTileNeedsMoreThanItsHalo(root):
    with pytest.raises(TaskError, match="tileHalo=0.3: raise that in all tiles"):
        runPipeline(root, "diaTiled.yaml", "u/halo", overrides=[("diaObjectMakerTile", "tileHalo", 0.3)],
                    labels=["diaObjectMakerTile"])


def testBadCatalogIsLeftOut(stackData, tmp_path):
    gen2 = shutil.copytree(stackData/"repo", tmp_path/"gen2")
    root = convert(gen2, tmp_path/"gen3")
    (path,) = (gen2/"deepDiff").glob("v840-*/R22/diaSrc-S11.fits")
    path.write_bytes(path.read_bytes()[:4000])
    with pytest.raises(TaskError, match="1 of 18 catalogs could not be used"):
        runPipeline(root, "dia.yaml", "u/bad", labels=["diaObjectMaker"])
    butler = Butler.from_config(str(root), collections="u/bad")
    objects = butler.get("reproDIAObjects", instrument="LSSTSim")
    assert len(objects) > 20
    fingerprint = readFingerprint(objects)
    assert fingerprint.failed == ({"instrument": "LSSTSim", "visit": 840, "detector": 124},)
    assert fingerprint.inputs.count == 18


def testOutputsTellWhatMadeThem(root):
    butler = runPipeline(root, "dia.yaml", "u/told", where="visit in (840, 853, 866)")
    objects = butler.get("reproDIAObjects", instrument="LSSTSim")
    fingerprint = readFingerprint(objects)
    assert fingerprint.task == "diaObjectMaker" and fingerprint.positions.count == len(objects)
    (forced, *_) = (butler.get(ref) for ref in butler.query_datasets("forcedDIASource"))
    assert readFingerprint(forced).positions.digest == fingerprint.positions.digest
    for name in ("diaLightCurves", "diaLightCurveSummary"):
        table = butler.get(name, instrument="LSSTSim")
        cards = {key.decode(): value.decode() for key, value in table.schema.metadata.items()}
        assert Fingerprint.fromCards(cards).positions.digest == fingerprint.positions.digest
        assert table.schema.field("ra").metadata[b"unit"] == b"deg"


def testMixtureIsRefused(root):
    where = "visit in (840, 853, 866)"
    runPipeline(root, "dia.yaml", "u/first", where=where, labels=["diaObjectMaker", "forcedDiaPhot"])
    runPipeline(root, "dia.yaml", "u/others", labels=["diaObjectMaker"],
                overrides=[("diaObjectMaker", "associator", "clustering")])
    with pytest.raises(TaskError, match="Measure these images again"):
        runPipeline(root, "dia.yaml", "u/mixed", where=where, labels=["diaLightCurves"],
                    inputs=["u/others", "u/first", RUN])
