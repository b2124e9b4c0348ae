# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""DiaAssociationTask on exposures that are in no repository."""

import subprocess
import sys

import lsst.afw.table as afwTable
import numpy as np
import pytest
from lsst.dia.repro.association.diaAssociation import DiaAssociationTask
from lsst.dia.repro.exposureHandle import ExposureHandle
from lsst.pipe.base import TaskError
from skies import makeSky


class InMemoryExposure(ExposureHandle):
    """An exposure with a catalog and without an image."""

    def __init__(self, number, catalog):
        self.dataId = {"visit": number, "filter": "r"}
        self.ccdExposureId = number
        self.mjd = 60000.0 + number
        self._catalog = catalog

    def readSchema(self):
        return None

    def readSources(self):
        if self._catalog is None:
            raise OSError("it is lost")
        return self._catalog

    def hasImage(self):
        return False

    def readWcs(self):
        raise AssertionError("there is no image")

    readPhotoCalib = readFilterLabel = readWcs

    def describeError(self, error, dataset):
        return f"{dataset} in memory: {error}"


def makeExposures(sources):
    """Return an exposure for each of those of the sources."""
    schema = afwTable.SourceTable.makeMinimalSchema()
    schema.addField("base_PixelFlags_flag_edge", type="Flag", doc="at the edge")
    exposures = []
    for number in np.unique(sources.exposure):
        mine = sources.select(np.flatnonzero(sources.exposure == number))
        catalog = afwTable.SourceCatalog(schema)
        catalog.resize(len(mine))
        catalog = catalog.copy(deep=True)
        catalog["id"], catalog["coord_ra"], catalog["coord_dec"] = mine.id, mine.ra, mine.dec
        catalog["base_PixelFlags_flag_edge"] = mine.id % 7 == 0
        exposures.append(InMemoryExposure(int(number), catalog))
    return exposures


def makeTask(**options):
    config = DiaAssociationTask.ConfigClass()
    config.associator.name = "clustering"
    config.update(**options)
    return DiaAssociationTask(config=config)


@pytest.fixture(scope="module")
def survey():
    """Exposures of well separated objects, and the object of each source."""
    sources, owner = makeSky(np.random.default_rng(3), nObjects=60, error=0.05, spacing=20.0)
    return makeExposures(sources), sources, owner


def testObjectsAreFound(survey):
    exposures, sources, owner = survey
    result = makeTask().runExposures(exposures)
    # Errors of 0.05 arcsec do not separate two sources of one object by 0.5.
    assert len(result.diaObjects) == len(np.unique(owner)) and result.failed == []
    np.testing.assert_array_equal(result.diaSources["id"], np.sort(sources.id))
    for row in result.diaObjects:
        mine = sources.id[owner == owner[sources.id == row["id"]][0]]
        assert row["nDiaSources"] == row["r_nDiaSources"] == len(mine)
        assert row["base_PixelFlags_flag_edge_nSet"] == (mine % 7 == 0).sum()


def testTilesGiveTheSame(survey):
    exposures, sources, _ = survey
    whole, tiled = (makeTask(**options).runExposures(exposures) for options in ({}, {"tileLevel": 14}))
    level = makeTask(tileLevel=14)
    tiles = level.loader.findTiles(exposures, 14)
    assert len(tiles) > 1
    each = [level.runExposures(exposures, tile) for tile in tiles]
    assert sum(len(result.diaObjects) for result in each) == len(whole.diaObjects)
    for name in "diaObjects", "diaSources":
        expected, found = (getattr(result, name).asAstropy() for result in (whole, tiled))
        for column in expected.colnames:
            np.testing.assert_array_equal(found[column], expected[column], err_msg=column)


def testLostCatalogIsNamed(survey, caplog):
    exposures = [*survey[0], InMemoryExposure(99, None)]
    result = makeTask().runExposures(exposures)
    assert result.failed == [{"visit": 99, "filter": "r"}] and len(result.diaObjects)
    assert "Cannot use deepDiff_diaSrc of dataId={'visit': 99, 'filter': 'r'}: " in caplog.text
    assert "deepDiff_diaSrc in memory: it is lost" in caplog.text
    with pytest.raises(TaskError, match="None of the 1 deepDiff_diaSrc catalogs can be used"):
        makeTask().runExposures(exposures[-1:])


def testFigureLeavesTheBackendAlone(survey, tmp_path):
    program = (
        "import matplotlib, sys\n"
        "matplotlib.use('svg')\n"
        "from lsst.dia.repro.association.associationFigure import drawAssociation\n"
        "import lsst.afw.table as afwTable\n"
        "drawAssociation(*(afwTable.SourceCatalog.readFits(path) for path in sys.argv[1:3]), sys.argv[3])\n"
        "assert matplotlib.get_backend().lower() == 'svg'\n"
        "assert 'matplotlib.pyplot' not in sys.modules\n")
    result = makeTask().runExposures(survey[0])
    paths = [str(tmp_path/name) for name in ("objects.fits", "sources.fits", "map.png")]
    result.diaObjects.writeFits(paths[0])
    result.diaSources.writeFits(paths[1])
    subprocess.run([sys.executable, "-c", program, *paths], check=True)
    assert (tmp_path/"map.png").read_bytes().startswith(b"\x89PNG")
