# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""DIASource catalogs that differ, lack something or do not fit together."""

import warnings

import lsst.afw.table as afwTable
import lsst.geom as geom
import numpy as np
import pytest
from lsst.afw.geom import makeCdMatrix, makeSkyWcs
from lsst.afw.image import PhotoCalib
from lsst.dia.repro.association import sourceCatalogs
from lsst.dia.repro.association.diaAssociation import DiaAssociationTask
from lsst.dia.repro.association.tiles import concatenateTiles
from lsst.pipe.base import Struct, TaskError
from memoryExposure import MemoryExposure

ARCSEC = np.pi/180/3600
#: Position of the sources of every exposure, far from each other.
RA = 1.0 + 60*ARCSEC*np.arange(4)
EDGE = "base_PixelFlags_flag_edge"


def makeCatalog(ids, ra=RA, dec=0.3, centroid=None, **columns):
    """Return sources, perhaps with a centroid slot; a column is given as (type, unit, values)."""
    schema = afwTable.SourceTable.makeMinimalSchema()
    for name, (dtype, unit, _) in columns.items():
        size = {"size": 8} if dtype in ("String", "ArrayD") else {}
        schema.addField(name, type=dtype, units=unit, doc=name, **size)
    if centroid:
        # A copy of a table, such as that below, takes no slots any more on a stack.
        schema.getAliasMap().set("slot_Centroid", centroid)
    catalog = afwTable.SourceCatalog(schema)
    catalog.resize(len(ids))
    catalog = catalog.copy(deep=True)
    catalog["id"], catalog["coord_ra"], catalog["coord_dec"] = ids, ra[:len(ids)], dec
    for name, (dtype, _, values) in columns.items():
        if dtype == "String":
            for record in catalog:
                record.set(name, values)
        else:
            catalog[name] = values
    return catalog


class Exposure(MemoryExposure):
    """An exposure that counts how often its catalog is read, with an image if it has a WCS."""

    def __init__(self, number, catalog, wcs=None, photoCalib=None, **dataId):
        super().__init__(None, {"visit": number, "filter": "r", **dataId}, number, 60000.0 + number,
                         photoCalib=photoCalib)
        self.catalog, self.wcs, self.nRead = catalog, wcs, 0

    def readSources(self):
        self.nRead += 1
        if isinstance(self.catalog, Exception):
            raise self.catalog
        return self.catalog

    def hasImage(self):
        return self.wcs is not None

    def readWcs(self):
        return self.wcs


def makeSurvey(*catalogs, **options):
    return [Exposure(number, catalog, **options) for number, catalog in enumerate(catalogs, 1)]


def associate(exposures, tile=None, **options):
    config = DiaAssociationTask.ConfigClass()
    config.associator.name = options.pop("associator", "assignment")
    for name, value in options.items():
        part, _, field = name.rpartition("__")
        setattr(getattr(config, part) if part else config, field, value)
    config.validate()
    return DiaAssociationTask(config=config).runExposures(exposures, tile)


def wcs():
    return makeSkyWcs(geom.Point2D(0, 0), geom.SpherePoint(1.0, 0.3, geom.radians),
                      makeCdMatrix(0.2*geom.arcseconds))


def idsOf(n, start):
    return np.arange(start, start + n)


def testOneIdInTwoVisitsIsRefused():
    exposures = makeSurvey(makeCatalog([7, 8, 9]), makeCatalog([17, 8, 9]))
    for options in ({}, {"tileLevel": 3}):
        with pytest.raises(TaskError, match="DIASource id 8 is of dataId=.*'visit': [12].* and of dataId=.*"
                                            r"'visit': [12].* \(2 such ids in all\)"):
            associate(exposures, **options)


def testOneIdInTwoTilesIsRefused():
    # Far from each other, so that no tile has both.
    exposures = makeSurvey(makeCatalog([7, 8]), makeCatalog([8, 9], dec=-0.3))
    with pytest.raises(TaskError, match="DIASource id 8 is of dataId=.*'visit': [12].* and of dataId=.*"
                                        "'visit': [12]"):
        associate(exposures, tileLevel=8)


def testTilesThatShareObjectsOrSourcesAreNotMerged():
    result = associate(makeSurvey(makeCatalog([7, 8])))
    with pytest.raises(TaskError, match="DIASource id 7 is of dataId=.* and of dataId="):
        concatenateTiles([result, result])
    objectsAlone = Struct(diaObjects=result.diaObjects, diaSources=result.diaSources[:0], nRejected={})
    with pytest.raises(TaskError, match="DIAObject id 7 and 1 more are of two tiles"):
        concatenateTiles([objectsAlone, result])


def testSourceOfSeveralAmbiguousObjectsMayRepeat():
    ra = 1.0 + np.array([0.0, 0.8])*ARCSEC/np.cos(0.3)
    exposures = makeSurvey(makeCatalog([1, 2], ra=ra), makeCatalog([3], ra=ra[:1] + np.diff(ra)/2))
    result = associate(exposures, associator="multiMatch", removeAmbiguous=False, tileLevel=14)
    assert result.diaSources["id"].tolist() == [1, 2, 3, 3]
    assert result.diaSources["diaObjectId"].tolist() == [1, 2, 1, 2]


@pytest.mark.parametrize("associator", ["multiMatch", "clustering", "assignment"])
def testIdsBelowZeroAreIdsLikeOthers(associator):
    ids = [[-1, -2, -3, -4], [5, 0, -7, -8]]
    result = associate(makeSurvey(*map(makeCatalog, ids)), associator=associator)
    assert sorted(result.diaObjects["id"]) == [-4, -3, -2, -1]
    np.testing.assert_array_equal(result.diaObjects["nDiaSources"], 2)
    found = dict(zip(result.diaSources["id"], result.diaSources["diaObjectId"]))
    assert found == {-1: -1, -2: -2, -3: -3, -4: -4, 5: -1, 0: -2, -7: -3, -8: -4}
    tiled = associate(makeSurvey(*map(makeCatalog, ids)), associator=associator, tileLevel=14)
    assert dict(zip(tiled.diaSources["id"], tiled.diaSources["diaObjectId"])) == found


def testObjectThatWouldBeNamedNoneIsRefused():
    with pytest.raises(TaskError, match="id 0, which stands for no DIAObject, .*'visit': 1"):
        associate(makeSurvey(makeCatalog([5, 0]), makeCatalog([15, 16])))


def testRejectedSourceMayHaveTheIdZero():
    result = associate(makeSurvey(makeCatalog([5, 0], ra=np.array([1.0, np.nan]))))
    assert result.diaSources["id"].tolist() == [0, 5] and result.diaSources["diaObjectId"].tolist() == [0, 5]


def testInfinitePositionsAreRejectedWithoutWarnings():
    catalog = makeCatalog(idsOf(4, 1), dec=np.array([0.3, np.inf, -np.inf, np.nan]))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for options in ({}, {"tileLevel": 5}):
            result = associate(makeSurvey(catalog), **options)
            assert result.nRejected["nonFinitePosition"] == 3 and len(result.diaObjects) == 1


def testInfiniteErrorsAreLowSignalWithoutWarnings():
    columns = {"base_PsfFlux_instFlux": ("D", "count", 5.0),
               "base_PsfFlux_instFluxErr": ("D", "count", np.inf)}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for minimum in (0.0, 3.0):
            result = associate(makeSurvey(makeCatalog([1, 2], **columns)), cleaning__minSignalToNoise=minimum)
            assert result.nRejected["lowSignalToNoise"] == 2


def centroidErrors(n=4):
    return {"base_SdssCentroid_xErr": ("F", "pixel", 0.5), "base_SdssCentroid_yErr": ("F", "pixel", 0.5)}


def testSourcesWithoutPositionErrorsAreTold(caplog):
    exposures = [Exposure(1, makeCatalog([1, 2], **centroidErrors()), wcs=wcs()),
                 Exposure(2, makeCatalog([3, 4], **centroidErrors())),
                 Exposure(3, makeCatalog([5, 6], **centroidErrors())),
                 Exposure(4, makeCatalog([7]), wcs=wcs()), Exposure(5, makeCatalog([]))]
    result = associate(exposures)
    error = np.array(result.diaSources["coord_raErr"])
    # 0.5 pixel of 0.2 arcsec.
    np.testing.assert_allclose(error[:2], 0.1*ARCSEC, rtol=1e-5)
    assert np.isnan(error[2:]).all()
    lines = [line for line in caplog.messages if "no position errors" in line]
    assert len(lines) == 2 and "2 of 5 deepDiff_diaSrc catalogs have no deepDiff_differenceExp" in lines[0]
    assert "{'visit': 2, 'filter': 'r'}" in lines[0]
    assert "1 of 5 deepDiff_diaSrc catalogs have no errors of the centroid" in lines[1]


def testPositionErrorsOfTheCatalog():
    own = {"coord_raErr": ("F", "rad", 0.3*ARCSEC), "coord_decErr": ("F", "rad", 0.4*ARCSEC)}
    result = associate(makeSurvey(makeCatalog([1, 2], **own)))
    np.testing.assert_allclose(result.diaSources["coord_decErr"], 0.4*ARCSEC, rtol=1e-6)


@pytest.mark.parametrize("option", ["cleaning__badFlags", "aggregation__flags", "loader__copyColumns"])
def testMistypedNamesAreRefused(option):
    exposures = makeSurvey(makeCatalog([1, 2], **{EDGE: ("Flag", "", True)}), makeCatalog([3, 4]))
    name = option.replace("__", ".")
    with pytest.raises(TaskError, match=f"{name} has base_PixelFlag_edge, which no deepDiff_diaSrc has"):
        associate(exposures, **{option: [EDGE, "base_PixelFlag_edge"]})


@pytest.mark.parametrize("option", ["cleaning__badFlags", "aggregation__flags"])
def testFlagsThatAreNoneAreRefused(option):
    exposures = makeSurvey(makeCatalog([1, 2], **{EDGE: ("Flag", "", True), "size": ("D", "pixel", 2.0)}))
    with pytest.raises(TaskError, match=f"{option.replace('__', '.')} has what is no flag: size"):
        associate(exposures, **{option: [EDGE, "size"]})


def testAllSourcesAreRejected(caplog):
    exposures = makeSurvey(makeCatalog([1, 2], **{EDGE: ("Flag", "", True)}))
    result = associate(exposures, cleaning__badFlags=[EDGE])
    DiaAssociationTask().summarize(result)
    assert len(result.diaObjects) == 0
    assert f"There are no DIAObjects, since all DIASources are rejected: {EDGE} 2" in caplog.text


def testUsualFlagsThatAreMissingCountAsUnset(caplog):
    exposures = makeSurvey(makeCatalog([1, 2]), makeCatalog([3, 4], **{EDGE: ("Flag", "", True)}),
                           makeCatalog([5, 6]))
    result = associate(exposures, cleaning__badFlags=["base_PixelFlags_flag_offimage"],
                       aggregation__flags=[EDGE, "base_PsfFlux_flag"])
    assert result.failed == [] and not result.diaSources["isRejected"].any()
    np.testing.assert_array_equal(result.diaObjects[EDGE + "_nSet"], 1)
    np.testing.assert_array_equal(result.diaSources[EDGE], np.isin(result.diaSources["id"], [3, 4]))
    assert not result.diaObjects["base_PsfFlux_flag"].any()
    (line,) = [line for line in caplog.messages if "lack columns" in line]
    for part in (f"{EDGE} (2 of 3)", "base_PixelFlags_flag_offimage (3 of 3)", "base_PsfFlux_flag (3 of 3)"):
        assert part in line


@pytest.mark.parametrize("order", [1, -1])
def testMissingNumbersAreNan(order):
    """Whichever catalog comes first."""
    full = {"base_PsfFlux_instFlux": ("D", "count", 5.0), "srcMatchId": ("L", "", 9),
            "base_PsfFlux_apertures": ("ArrayD", "", 3.0)}
    exposures = makeSurvey(*[makeCatalog([1, 2], **full), makeCatalog([3, 4])][::order])
    sources = associate(exposures).diaSources
    isFull = np.isin(sources["id"], [1, 2])
    np.testing.assert_array_equal(sources["base_PsfFlux_instFlux"], np.where(isFull, 5.0, np.nan))
    np.testing.assert_array_equal(sources["srcMatchId"], np.where(isFull, 9, 0))
    assert np.isnan(sources["base_PsfFlux_apertures"][~isFull]).all()


@pytest.mark.parametrize("second, words", [(("F", "count"), "is of type F, but D"),
                                           (("D", "nJy"), "has the unit nJy, but the unit count"),
                                           (("F", ""), "has no unit, but the unit count")])
def testColumnOfAnotherKindIsNotConverted(second, words, caplog):
    name = "base_PsfFlux_instFlux"
    exposures = makeSurvey(makeCatalog([1, 2], **{name: ("D", "count", 5.0)}),
                           makeCatalog([3, 4], **{name: (*second, 6.0)}))
    result = associate(exposures)
    assert result.failed == [{"visit": 2, "filter": "r"}] and result.diaSources["id"].tolist() == [1, 2]
    assert f"its column {name} {words} in a catalog before it; unless" in caplog.text


def testColumnsThatCannotBeCopiedAreLeftOut(caplog):
    columns = {"note": ("String", "", "text"), "visit": ("L", "", 5), "isRejected": ("Flag", "", True),
               "mine": ("F", "", 2.5), "ccdExposureId": ("L", "", 5)}
    caplog.set_level("INFO")
    sources = associate(makeSurvey(makeCatalog([1, 2], **columns)), loader__copyColumns=["*"]).diaSources
    assert sources["mine"].tolist() == [2.5, 2.5] and sources["visit"].tolist() == [1, 1]
    assert sources["ccdExposureId"].tolist() == [1, 1] and not sources["isRejected"].any()
    assert "note" not in sources.schema
    for name in ("note", "visit", "isRejected", "ccdExposureId"):
        assert f"Left out the column {name} of deepDiff_diaSrc" in caplog.text


def testColumnsOfVariableLengthAreLeftOut():
    schema = afwTable.SourceTable.makeMinimalSchema()
    schema.addField("samples", type="ArrayF", doc="of variable length", size=0)
    catalog = afwTable.SourceCatalog(schema)
    catalog.addNew().set("id", 1)
    catalog["coord_ra"], catalog["coord_dec"] = 1.0, 0.3
    sources = associate(makeSurvey(catalog), loader__copyColumns=["*"]).diaSources
    assert "samples" not in sources.schema and len(sources) == 1


def testStoredSchemaOfAnotherKindIsNamed(caplog):
    class WithOtherSchema(Exposure):
        def readSchema(self):
            return makeCatalog([], base_PsfFlux_instFlux=("D", "count", 0.0)).schema

    catalog = makeCatalog([1, 2], base_PsfFlux_instFlux=("D", "", 5.0))
    with pytest.raises(TaskError, match="None of the 1"):
        associate([WithOtherSchema(1, catalog)])
    assert "has no unit, but the unit count in deepDiff_diaSrc_schema; unless" in caplog.text


def testBrokenSchemaIsNamedAndNotMissed(caplog):
    class WithoutSchema(Exposure):
        def readSchema(self):
            raise OSError("it is torn")

    assert associate([WithoutSchema(1, makeCatalog([1, 2]))]).failed == []
    assert "Cannot use deepDiff_diaSrc_schema: deepDiff_diaSrc_schema in memory: it is torn" in caplog.text


def fluxes(**columns):
    return {"base_PsfFlux_" + name + end: (dtype, unit, value)
            for name, (dtype, unit, value) in columns.items() for end in ("", "Err")}


def makeMeasured(ids, **columns):
    """Return sources with fluxes, and with the slot that tells where to calibrate them."""
    return makeCatalog(ids, centroid="at", at_x=("D", "pixel", 3.0), at_y=("D", "pixel", 4.0), **columns)


@pytest.mark.parametrize("columns, expected", [
    (fluxes(instFlux=("D", "count", 5.0)), 10.0),
    # Calibrated before: counts are calibrated anew.
    (fluxes(instFlux=("D", "count", 5.0), flux=("D", "nJy", 7.0)), 10.0),
    (fluxes(flux=("D", "nJy", 7.0)), 7.0),
], ids=["counts", "both", "nJy"])
def testCalibratedFluxes(columns, expected):
    exposures = makeSurvey(makeMeasured([1, 2], **columns), photoCalib=PhotoCalib(2.0))
    sources = associate(exposures, loader__doCalibrate=True).diaSources
    np.testing.assert_array_equal(sources["base_PsfFlux_flux"], expected)
    assert sources.schema["base_PsfFlux_flux"].asField().getUnits() == "nJy"


def testCountsThatOldStacksCallFlux():
    """Their tables have instFlux as an alias."""
    catalog = makeMeasured([1, 2], **fluxes(flux=("D", "count", 5.0)))
    for end in ("", "Err"):
        catalog.schema.getAliasMap().set("base_PsfFlux_instFlux" + end, "base_PsfFlux_flux" + end)
    exposures = makeSurvey(catalog, photoCalib=PhotoCalib(2.0))
    sources = associate(exposures, loader__doCalibrate=True).diaSources
    np.testing.assert_array_equal(sources["base_PsfFlux_instFlux"], 5.0)
    np.testing.assert_array_equal(sources["base_PsfFlux_flux"], 10.0)
    assert sources.schema["base_PsfFlux_flux"].asField().getUnits() == "nJy"


@pytest.mark.parametrize("photoCalib, fault", [(None, "it has no PhotoCalib"),
                                               (PhotoCalib(0.0), "its PhotoCalib is 0 nJy a count"),
                                               (PhotoCalib(np.inf), "its PhotoCalib is inf nJy a count")])
def testImageThatCannotCalibrateIsNamed(photoCalib, fault, caplog):
    counts = fluxes(instFlux=("D", "count", 5.0))
    exposures = [Exposure(1, makeMeasured([1, 2], **counts), photoCalib=photoCalib),
                 Exposure(2, makeMeasured([3, 4], **counts), photoCalib=PhotoCalib(2.0))]
    result = associate(exposures, loader__doCalibrate=True)
    assert result.failed == [{"visit": 1, "filter": "r"}] and len(result.diaSources) == 2
    assert ("Cannot use deepDiff_diaSrc of dataId={'visit': 1, 'filter': 'r'}: deepDiff_differenceExp cannot "
            f"calibrate it: deepDiff_differenceExp in memory: {fault}") in caplog.text


def testCountsWithoutACentroidAreNotCalibrated(caplog):
    """Not even where the calibration is the same everywhere: a stack would not."""
    catalog = makeCatalog([1, 2], **fluxes(instFlux=("D", "count", 5.0)))
    with pytest.raises(TaskError, match="None of the 1"):
        associate(makeSurvey(catalog, photoCalib=PhotoCalib(2.0)), loader__doCalibrate=True)
    assert "it has no slot_Centroid, at which loader.doCalibrate takes the calibration" in caplog.text


def testFluxesInOtherUnitsAreNotTakenForNanojansky(caplog):
    exposures = makeSurvey(makeCatalog([1, 2], **fluxes(flux=("D", "Jy", 7.0))))
    with pytest.raises(TaskError, match="None of the 1"):
        associate(exposures, loader__doCalibrate=True)
    assert "nor base_PsfFlux_flux and its error in nJy, which loader.doCalibrate needs" in caplog.text


def testSourcesAreCountedByBand(caplog):
    filters = {1: ("i2", "i"), 2: ("i", "i"), 3: ("N921", "N921"), 4: ("g.MP9402", "g"), 5: ("N921", "N921")}
    exposures = []
    for number, (name, band) in filters.items():
        exposure = Exposure(number, makeCatalog(idsOf(4, 10*number)), filter=name)
        exposure._band = band
        exposures.append(exposure)
    diaObjects = associate(exposures).diaObjects
    np.testing.assert_array_equal(diaObjects["nDiaSources"], 5)
    for band, count in zip("ugrizy", (0, 1, 0, 2, 0, 0)):
        np.testing.assert_array_equal(diaObjects[band + "_nDiaSources"], count)
    (line,) = [line for line in caplog.messages if "aggregation.bands" in line]
    assert "N921 (2 exposures)" in line and "i2" not in line


@pytest.mark.parametrize("options", [{}, {"tileLevel": 6}, {"tileLevel": 6, "loader__doCalibrate": True}])
def testSurveyWithoutSources(options):
    columns = {**fluxes(instFlux=("D", "count", 0.0)), **centroidErrors()}
    result = associate(makeSurvey(*[makeCatalog([], **columns)]*3), **options)
    assert len(result.diaObjects) == len(result.diaSources) == 0 and result.failed == []
    assert "visit" in result.diaSources.schema


def testEmptyCatalogAmongOthers():
    result = associate(makeSurvey(makeCatalog([]), makeCatalog([1, 2]), makeCatalog([])), tileLevel=9)
    assert result.diaObjects["id"].tolist() == [1, 2]


@pytest.mark.parametrize("maxKept, most", [(100_000, 2), (0, 4)])
def testTilesReadEachCatalogOnceAndThenWhatTouchesThem(maxKept, most, caplog, monkeypatch):
    monkeypatch.setattr(sourceCatalogs, "MAX_KEPT", maxKept)
    # 20 catalogs along a line of 80 arcmin: tiles of level 9 are some 11 arcmin wide.
    exposures = [Exposure(number, makeCatalog(idsOf(4, 10*number + 1), ra=RA + np.radians(0.07*number)))
                 for number in range(20)]
    exposures.append(Exposure(20, OSError("it is lost")))
    result = associate(exposures, tileLevel=9)
    assert len(result.diaObjects) == 80 and result.failed == [{"visit": 20, "filter": "r"}]
    # Once to learn where it lies; then once, if it is kept for the tiles beside.
    nRead = [exposure.nRead for exposure in exposures[:20]]
    assert max(nRead) <= most and sum(nRead) <= (2 + most)/2*20
    assert exposures[20].nRead == 1 and caplog.text.count("it is lost") == 1


def testOneTileReadsEachCatalogOnce():
    exposures = makeSurvey(*(makeCatalog(idsOf(4, 10*number)) for number in range(1, 6)))
    tiles = DiaAssociationTask().openCatalogs(exposures).findTiles(9)
    for exposure in exposures:
        exposure.nRead = 0
    # A halo that has to be widened.
    associate(exposures, tile=tiles[0], tileLevel=9, tileHalo=0.1)
    assert [exposure.nRead for exposure in exposures] == [1]*5


def testWhatATileReadsDoesNotDependOnTheOthers():
    """Columns, too, though only a catalog elsewhere has one."""
    exposures = makeSurvey(makeCatalog([1, 2]), makeCatalog([3, 4], dec=-0.3, refMatchId=("L", "", 5)))
    tiles = DiaAssociationTask().openCatalogs(exposures).findTiles(6)
    schemas = [associate(exposures, tile=tile, tileLevel=6).diaSources.schema for tile in tiles]
    assert len(tiles) > 1 and all(schema == schemas[0] and "refMatchId" in schema for schema in schemas)


def testLostImageFailsOnlyTheTilesThatNeedIt(caplog):
    class WithoutWcs(Exposure):
        def readWcs(self):
            raise OSError("it is torn")

    exposures = [WithoutWcs(1, makeCatalog([1, 2], **centroidErrors()), wcs=wcs()),
                 Exposure(2, makeCatalog([3, 4], dec=-0.3, **centroidErrors()), wcs=wcs())]
    config = DiaAssociationTask.ConfigClass()
    config.tileLevel = 6
    task = DiaAssociationTask(config=config)
    catalogs = task.openCatalogs(exposures)
    failed = {tile: task.runCatalogs(catalogs, tile).failed for tile in catalogs.findTiles(6)}
    assert sorted(map(len, failed.values())) == [0]*(len(failed) - 1) + [1]
    assert caplog.text.count("it is torn") == 1


@pytest.mark.parametrize("associator", ["multiMatch", "clustering", "assignment"])
@pytest.mark.parametrize("error", [np.nan, np.inf, 0.0, -1.0, 1e300])
def testPositionErrorsThatSayNothing(associator, error):
    """An object is where its members are on average; its error follows from theirs, or from their scatter."""
    known = {name: ("D", "rad", 0.1*ARCSEC) for name in ("coord_raErr", "coord_decErr")}
    unknown = {name: ("D", "rad", error) for name in known}
    exposures = makeSurvey(makeCatalog([1], **unknown), *(
        makeCatalog([id_], dec=0.3 + 0.1*ARCSEC, **known) for id_ in (2, 3)))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        objects = associate(exposures, associator=associator).diaObjects
    assert list(objects["nDiaSources"]) == [3]
    assert objects["coord_dec"][0] - 0.3 == pytest.approx(0.1*ARCSEC*2/3, rel=1e-6)
    # Of 0, 0.1 and 0.1 arcsec the mean of the squares is (0.1*sqrt(2)/3)^2, of which 1/2 is that of the mean.
    assert objects["coord_decErr"][0] == pytest.approx(np.pi/3 if error == 1e300 else 0.1*ARCSEC/3, rel=1e-5)


@pytest.mark.parametrize("xErr", [-1.0, 1e300])
def testCentroidErrorsThatSayNothing(xErr):
    errors = {"centroid_xErr": ("D", "pixel", xErr), "centroid_yErr": ("D", "pixel", 1.0)}
    exposures = makeSurvey(makeCatalog([1], **errors), wcs=wcs())
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        (record,) = associate(exposures, loader__centroidField="centroid").diaObjects
    assert record["coord_decErr"] == pytest.approx(np.nan if xErr < 0 else np.pi, nan_ok=True)
