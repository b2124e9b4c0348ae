# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Tables of light curves by formula, of any number of objects and images, and the DIASources to them."""

import pathlib

import lsst.afw.image as afwImage
import lsst.afw.table as afwTable
import lsst.geom as geom
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from lsst.afw.geom import makeSkyWcs
from lsst.dia.repro import DiaLightCurvesTask
from lsst.dia.repro.catalogColumns import makeCatalog
from lsst.dia.repro.lightCurves.arrowTables import Column, makeSchema, makeTable
from lsst.dia.repro.lightCurves.lightCurveColumns import exposureColumns
from lsst.dia.repro.lightCurves.lightCurveFile import openParquet, writeRowGroup
from lsst.dia.repro.lightCurves.lightCurveSummary import LightCurveSummary
from lsst.dia.repro.simulate.gen2Repository import makeRepository
from lsst.dia.repro.simulate.simulatedSurvey import SENSORS

#: First day, MJD (TAI), and where the field is, degrees.
FIRST_DAY, RA, DEC = 60000.0, 359.9, -30.0

BANDS = ("g", "r", "i")
FIRST_OBJECT = 1 << 41
FIRST_IMAGE = 1 << 9
FIRST_VISIT = 1000

#: Error of a flux, nJy, and the threshold of a detection.
ERROR, THRESHOLD = 100.0, 5.0
BAD_FLAGS = ("psfDiffFlux_flag", "pixelFlags_bad")

#: Width and height of an image, pixels, unless there is room for more objects, and degrees a pixel.
SIZE, SCALE = 200, 0.2/3600

#: Pixels between objects where there are many.
SPACING = 25

#: About how many rows a row group has.
GROUP_ROWS = 100_000

_COLUMNS = (
    Column("diaObjectId", "int64", "", "Id of the DIAObject"),
    Column("diaForcedSourceId", "int64", "", "Id of the measurement"),
    *exposureColumns({"visit": "int64", "filter": "str", "raft": "str", "sensor": "str"}),
    Column("ra", "float64", "deg", "Right ascension"),
    Column("dec", "float64", "deg", "Declination"),
    Column("positionsDiffer", "bool", "", "Another position?"),
    Column("x", "float64", "pixel", "Position, x"),
    Column("y", "float64", "pixel", "Position, y"),
    Column("psfDiffFlux", "float64", "nJy", "Flux"),
    Column("psfDiffFluxErr", "float64", "nJy", "Its error"),
    *(Column(name, "bool", "", "Flag") for name in (
        "psfDiffFlux_flag", "pixelFlags", "pixelFlags_bad", "pixelFlags_cr", "pixelFlags_edge",
        "pixelFlags_interpolated", "pixelFlags_saturated", "pixelFlags_saturatedCenter")),
    Column("reason", "int32", "", "Why there is no flux"),
)


def writeTables(curvesPath, summaryPath, nObjects, nImages, change=None, without=(), flags=()):
    """Write the light curves and their summary.

    Parameters
    ----------
    curvesPath, summaryPath : `str`
        The files.
    nObjects, nImages : `int`
        Every object has a row on every image.
    change : callable, optional
        Gets the columns of some objects and may change them.
    without : sequence [`str`], optional
        Columns to leave out.
    flags : sequence [`str`], optional
        More columns that are flags, set everywhere.
    """
    columns = [column for column in _COLUMNS if column.name not in without]
    columns += [Column(name, "bool", "", "Flag") for name in flags]
    summarizer = LightCurveSummary(BANDS, THRESHOLD, BAD_FLAGS)
    schema = makeSchema(columns, meta={"dataIdKeys": "visit filter raft sensor"})
    summarySchema = makeSchema(summarizer.columns(), summarizer.textLengths)
    step = max(GROUP_ROWS//nImages, 1)
    with openParquet(str(curvesPath), schema) as curves, openParquet(str(summaryPath), summarySchema) as sums:
        for first in range(0, nObjects, step):
            values = makeRows(first, min(step, nObjects - first), nImages, max(SIZE, SPACING*nObjects**0.5))
            values.update({name: np.ones(len(values["visit"]), dtype=bool) for name in flags})
            if change:
                change(values)
            values = {name: value for name, value in values.items() if name not in without}
            writeRowGroup(curves, makeTable(schema, values))
            writeRowGroup(sums, makeTable(summarySchema, *summarizer.run(values, {})))


def makeRows(first, number, nImages, size):
    """Return the rows of some objects: every third varies, others are noise."""
    rng = np.random.default_rng(first)
    objects, image = np.arange(first, first + number), np.tile(np.arange(nImages), number)
    owner = np.repeat(objects, nImages)
    # By the plastic ratio: even over the images, and of each object alone the same.
    x, y = size*((objects*0.7548776662) % 1), size*((objects*0.5698402910) % 1)
    mjd = FIRST_DAY + image
    amplitude = np.where(objects % 3 == 0, 300*10**rng.uniform(0, 2, number), 0)
    flux = np.repeat(amplitude, nImages)*np.sin(mjd/(3 + owner % 7)) + rng.normal(0, ERROR, len(owner))
    reason = np.where(rng.random(len(owner)) < 0.01, 2, 0)
    isThere = reason == 0
    band = np.array([BANDS[number % len(BANDS)] for number in range(nImages)], dtype=object)
    values = {
        "diaObjectId": FIRST_OBJECT + owner, "diaForcedSourceId": (FIRST_IMAGE + image << 30) + owner,
        "visit": FIRST_VISIT + image, "ccdExposureId": FIRST_IMAGE + image, "midpointMjdTai": mjd,
        "ra": np.repeat((RA + SCALE*x) % 360, nImages), "dec": np.repeat(DEC + SCALE*y, nImages),
        "positionsDiffer": np.zeros(len(owner), dtype=bool), "x": np.repeat(x, nImages),
        "y": np.repeat(y, nImages), "psfDiffFlux": np.where(isThere, flux, np.nan),
        "psfDiffFluxErr": np.where(isThere, ERROR, np.nan), "psfDiffFlux_flag": ~isThere,
        "reason": reason.astype(np.int32), "raft": _repeatText(["2,2"], np.zeros(len(owner), dtype=int)),
        "sensor": _repeatText(["1,1"], np.zeros(len(owner), dtype=int)),
        **{name: _repeatText(list(band), image) for name in ("band", "filter")}}
    for column in _COLUMNS:
        if column.name not in values:
            values[column.name] = rng.random(len(owner)) < 0.005
    return values


def _repeatText(texts, place):
    """Return a column of few texts that repeat."""
    return pa.DictionaryArray.from_arrays(pa.array(place, pa.int32()), pa.array(texts, pa.string())).cast(
        pa.string())


def makeMembers(curvesPath, extra=()):
    """Return the DIAObjects and DIASources: one source for every flux that is a detection.

    Parameters
    ----------
    curvesPath : `str`
        The light curves.
    extra : sequence [`str`], optional
        Columns of numbers, such as ``base_PsfFlux_flux``, of the sources.

    Returns
    -------
    diaObjects, diaSources : `lsst.afw.table.SourceCatalog`
        What `DiaObjectMakerTask` would have made of them.
    """
    names = ["diaObjectId", "ccdExposureId", "visit", "midpointMjdTai", "ra", "dec", "psfDiffFlux",
             "psfDiffFluxErr"]
    file = pq.ParquetFile(str(curvesPath))
    parts = []
    for number in range(file.num_row_groups):
        rows = file.read_row_group(number, names)
        significance = pc.abs(pc.divide(rows["psfDiffFlux"], rows["psfDiffFluxErr"]))
        parts.append(rows.filter(pc.greater_equal(significance, THRESHOLD)))
    rows = {name: np.concatenate([np.zeros(0, _typeOf(name)), *(part[name].to_numpy() for part in parts)])
            for name in names}
    return _makeObjects(rows), _makeSources(rows, extra)


def _typeOf(name):
    (column,) = (each for each in _COLUMNS if each.name == name)
    return column.dtype


def _makeObjects(rows):
    ids, first, count = np.unique(rows["diaObjectId"], return_index=True, return_counts=True)
    schema = afwTable.SourceTable.makeMinimalSchema()
    schema.addField("nDiaSources", type="I", doc="number of members")
    objects = makeCatalog(schema, len(ids), afwTable.SourceCatalog)
    objects["id"], objects["nDiaSources"] = ids, count
    objects["coord_ra"], objects["coord_dec"] = np.radians([rows["ra"][first], rows["dec"][first]])
    return objects


def _makeSources(rows, extra):
    rng = np.random.default_rng(2)
    schema = afwTable.SourceTable.makeMinimalSchema()
    for name, dtype in (("diaObjectId", "L"), ("ccdExposureId", "L"), ("visit", "L"), ("midpointMjdTai", "D"),
                        ("separation", "F"), ("separationSigma", "F"), ("hasRival", "Flag"),
                        ("isAmbiguous", "Flag"), ("isRejected", "Flag"), *((name, "D") for name in extra)):
        schema.addField(name, type=dtype, doc="of a DIASource")
    size = len(rows["diaObjectId"])
    sources = makeCatalog(schema, size, afwTable.SourceCatalog)
    sources["id"] = np.arange(1, size + 1)
    for name in ("diaObjectId", "ccdExposureId", "visit", "midpointMjdTai"):
        sources[name] = rows[name]
    sources["coord_ra"], sources["coord_dec"] = np.radians([rows["ra"], rows["dec"]])
    sources["separationSigma"] = rng.rayleigh(size=size)
    sources["separation"] = 0.1*np.array(sources["separationSigma"])
    for name, column in (("base_PsfFlux_flux", "psfDiffFlux"), ("base_PsfFlux_fluxErr", "psfDiffFluxErr")):
        if name in extra:
            sources[name] = rows[column]
    return sources


def writeSurvey(root, nObjects, nImages, hasImages=False, **options):
    """Write a Gen2 repository with the tables, the catalogs and perhaps the images.

    Parameters
    ----------
    root : `str`
        Directory of the repository; it is made.
    nObjects, nImages : `int`
        Numbers of both.
    hasImages : `bool`, optional
        Write difference images of noise?
    **options
        Those of `writeTables`.
    """
    pathlib.Path(root).mkdir(parents=True)
    visits = [(FIRST_VISIT + number, BANDS[number % len(BANDS)], FIRST_DAY + number)
              for number in range(nImages)]
    butler = makeRepository(str(root), visits, SENSORS[:1])
    paths = [pathlib.Path(butler.getUri(dataset, write=True))
             for dataset in ("diaLightCurves", "diaLightCurveSummary")]
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
    writeTables(*paths, nObjects, nImages, **options)
    butler.put(DiaLightCurvesTask.ConfigClass(), "diaLightCurves_config")
    for catalog, dataset in zip(makeMembers(paths[0], ("base_PsfFlux_flux", "base_PsfFlux_fluxErr")),
                                ("reproDIAObjects", "reproDIASources")):
        butler.put(catalog, dataset)
    for visit, band, _ in visits if hasImages else ():
        butler.put(_makeImage(visit), "deepDiff_differenceExp",
                   {"visit": visit, "filter": band, "raft": SENSORS[0].raft, "sensor": SENSORS[0].sensor})


def _makeImage(visit):
    exposure = afwImage.ExposureF(SIZE, SIZE)
    exposure.image.array[:] = np.random.default_rng(visit).normal(0, 10, (SIZE, SIZE))
    exposure.variance.array[:] = 100
    # East is where x grows here, as in the table.
    exposure.setWcs(makeSkyWcs(geom.Point2D(0, 0), geom.SpherePoint(RA, DEC, geom.degrees),
                               SCALE*np.diag([np.cos(np.radians(DEC)), 1.0])))
    return exposure
