# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""DiaAssociationTask on exposures that are in no repository."""

import lsst.afw.table as afwTable
import numpy as np
import pytest
from lsst.dia.repro.association.diaAssociation import DiaAssociationTask
from lsst.pipe.base import TaskError
from memoryExposure import MemoryExposure
from skies import logLikelihood, makeSky


def makeExposure(number, catalog):
    """Return an exposure with a catalog, or with none that can be read."""
    def readCatalog():
        if catalog is None:
            raise OSError("it is lost")
        return catalog

    return MemoryExposure(readCatalog, {"visit": number, "filter": "r"}, number, 60000.0 + number)


def makeExposures(sources, withErrors=False):
    """Return an exposure for each of those of the sources."""
    schema = afwTable.SourceTable.makeMinimalSchema()
    for name in ("coord_raErr", "coord_decErr") if withErrors else ():
        schema.addField(name, type="F", units="rad", doc="error")
    schema.addField("base_PixelFlags_flag_edge", type="Flag", doc="at the edge")
    exposures = []
    for number in np.unique(sources.exposure):
        mine = sources.select(np.flatnonzero(sources.exposure == number))
        catalog = afwTable.SourceCatalog(schema)
        catalog.resize(len(mine))
        catalog = catalog.copy(deep=True)
        catalog["id"], catalog["coord_ra"], catalog["coord_dec"] = mine.id, mine.ra, mine.dec
        catalog["base_PixelFlags_flag_edge"] = mine.id % 7 == 0
        if withErrors:
            catalog["coord_raErr"] = catalog["coord_decErr"] = mine.error
        exposures.append(makeExposure(int(number), catalog))
    return exposures


def makeTask(associator="clustering", radius=0.5, more=(), **options):
    config = DiaAssociationTask.ConfigClass()
    config.associator.name = associator
    config.associator.active.update(radius=radius, **dict(more))
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
    requireSame(tiled, whole)
    level = makeTask(tileLevel=14)
    tiles = level.openCatalogs(exposures).findTiles(14)
    assert len(tiles) > 1
    each = [level.runExposures(exposures, tile) for tile in tiles]
    assert sum(len(result.diaObjects) for result in each) == len(whole.diaObjects)


def requireSame(found, expected):
    """Check that two results have the same tables."""
    for name in "diaObjects", "diaSources":
        table, other = (getattr(result, name).asAstropy() for result in (found, expected))
        for column in other.colnames:
            np.testing.assert_array_equal(table[column], other[column], err_msg=column)


@pytest.mark.parametrize("associator, more", [("assignment", {}), ("assignment", {"refine": True}),
                                              ("clustering", {})])
@pytest.mark.parametrize("radius", [0, 1.5])
def testTilesGiveTheSameInCrowdedFields(associator, more, radius):
    sources = makeSky(np.random.default_rng(4), nObjects=200, error=0.3, spacing=4.0)[0]
    exposures = makeExposures(sources, withErrors=True)
    tasks = [makeTask(associator, radius, more, **options) for options in ({}, {"tileLevel": 14})]
    whole, tiled = (task.runExposures(exposures) for task in tasks)
    assert len(tasks[1].openCatalogs(exposures).findTiles(14)) > 1
    requireSame(tiled, whole)
    for task, result in zip(tasks, (whole, tiled)):
        task.summarize(result)
    # What a tile says is put together from the tables.
    assert tasks[1].metadata["logLikelihood"] == tasks[0].metadata["logLikelihood"] < 0


def testSummaryTellsOfErrorsBeyondTheRadius(caplog):
    sources = makeSky(np.random.default_rng(4), error=0.3, spacing=20.0)[0]
    caplog.set_level("INFO")
    values = []
    for radius in (0.5, 1.5):
        task = makeTask("assignment", radius=radius)
        result = task.runExposures(makeExposures(sources, True))
        caplog.clear()
        task.summarize(result)
        assert task.metadata["shareBeyondRadius"] == (radius == 0.5)
        assert task.metadata["radiusForErrors"] == 1.5
        assert ("associator.active.radius=1.5 prevents" in caplog.text) == (radius == 0.5)
        number = np.searchsorted(result.diaSources["id"], sources.id)
        label = result.diaSources["diaObjectId"][number]
        values.append(task.metadata["logLikelihood"])
        # Separations are in single precision.
        assert values[-1] == pytest.approx(logLikelihood(sources.vectors(), sources.error, label), rel=1e-6)
        assert f"likelihood of the partition {values[-1]:.1f}" in caplog.text
    assert values[1] > values[0]


def testMultiMatchHasNoLikelihood(survey):
    task = makeTask("multiMatch")
    task.summarize(task.runExposures(survey[0]))
    assert "logLikelihood" not in task.metadata and task.metadata["nDiaObjects"] == 60


def testLostCatalogIsNamed(survey, caplog):
    exposures = [*survey[0], makeExposure(99, None)]
    result = makeTask().runExposures(exposures)
    assert result.failed == [{"visit": 99, "filter": "r"}] and len(result.diaObjects)
    assert "Cannot use deepDiff_diaSrc of dataId={'visit': 99, 'filter': 'r'}: " in caplog.text
    assert "deepDiff_diaSrc in memory: it is lost" in caplog.text
    with pytest.raises(TaskError, match="None of the 1 deepDiff_diaSrc catalogs can be used"):
        makeTask().runExposures(exposures[-1:])
