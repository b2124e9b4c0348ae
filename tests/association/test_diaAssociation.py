# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""DiaAssociationTask on exposures that are in no repository."""

import lsst.afw.table as afwTable
import numpy as np
import pytest
from lsst.dia.repro.association.diaAssociation import DiaAssociationTask
from lsst.pipe.base import TaskError
from memoryExposure import MemoryExposure
from skies import makeSky


def makeExposure(number, catalog):
    """Return an exposure with a catalog, or with none that can be read."""
    def readCatalog():
        if catalog is None:
            raise OSError("it is lost")
        return catalog

    return MemoryExposure(readCatalog, {"visit": number, "filter": "r"}, number, 60000.0 + number)


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
        exposures.append(makeExposure(int(number), catalog))
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
    tiles = level.openCatalogs(exposures).findTiles(14)
    assert len(tiles) > 1
    each = [level.runExposures(exposures, tile) for tile in tiles]
    assert sum(len(result.diaObjects) for result in each) == len(whole.diaObjects)
    for name in "diaObjects", "diaSources":
        expected, found = (getattr(result, name).asAstropy() for result in (whole, tiled))
        for column in expected.colnames:
            np.testing.assert_array_equal(found[column], expected[column], err_msg=column)


def testLostCatalogIsNamed(survey, caplog):
    exposures = [*survey[0], makeExposure(99, None)]
    result = makeTask().runExposures(exposures)
    assert result.failed == [{"visit": 99, "filter": "r"}] and len(result.diaObjects)
    assert "Cannot use deepDiff_diaSrc of dataId={'visit': 99, 'filter': 'r'}: " in caplog.text
    assert "deepDiff_diaSrc in memory: it is lost" in caplog.text
    with pytest.raises(TaskError, match="None of the 1 deepDiff_diaSrc catalogs can be used"):
        makeTask().runExposures(exposures[-1:])
